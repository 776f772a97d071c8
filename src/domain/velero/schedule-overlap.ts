import { nextTick } from './next-tick.ts';
import type { Schedule } from './schedule.ts';

export type Overlap = {
  readonly first: string;
  readonly second: string;
  readonly atMs: number;
  readonly times: number;
  /** How much later the second would have to come to find the first over; undefined where that is unknown or its own interval. */
  readonly freeMs?: number;
};

const WEEK_MS = 7 * 86_400_000;
const MINUTE = 60_000;
/** Of a schedule that comes every few minutes a part of the week is enough. */
const MOST_TICKS = 400;

type Run = { readonly schedule: Schedule; readonly takesMs: number };
type Slot = { readonly name: string; readonly fromMs: number; readonly untilMs: number };

/** The pairs of schedules of which one comes while the other runs, in the week from now. */
export function overlaps(runs: readonly Run[], nowMs: number): readonly Overlap[] {
  const slots = runs.flatMap((run) => slotsOf(run, nowMs)).sort((a, b) => a.fromMs - b.fromMs || (a.name < b.name ? -1 : 1));
  const found = new Map<string, Overlap>();
  for (const [at, slot] of slots.entries()) {
    for (let next = at + 1; next < slots.length; next += 1) {
      const other = slots[next];
      if (other === undefined || other.fromMs >= slot.untilMs) break;
      if (other.name === slot.name) continue;
      const key = `${slot.name} ${other.name}`;
      const before = found.get(key);
      const overMs = slot.untilMs - other.fromMs;
      const free = { freeMs: Math.ceil(overMs / MINUTE) * MINUTE };
      found.set(
        key,
        before === undefined ? { first: slot.name, second: other.name, atMs: other.fromMs, times: 1, ...free } : { ...before, times: before.times + 1 },
      );
    }
  }
  return [...found.values()];
}

/** The times at which it runs. One that was never measured takes a minute: Velero looks at its schedules once a minute. */
function slotsOf({ schedule, takesMs }: Run, nowMs: number): readonly Slot[] {
  const slots: Slot[] = [];
  let atMs = nextTick(schedule.cron, nowMs, schedule.lastBackupMs);
  while (atMs !== undefined && atMs < nowMs + WEEK_MS && slots.length < MOST_TICKS) {
    slots.push({ name: schedule.name, fromMs: atMs, untilMs: atMs + Math.max(takesMs, MINUTE) });
    atMs = nextTick(schedule.cron, atMs, atMs);
  }
  return slots;
}
