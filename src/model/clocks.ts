import type { Entry } from './entry.ts';
import type { Run } from './run.ts';

export const PHASES = ['detect', 'decide', 'act', 'prove', 'people', 'cleanup'] as const;
export type Phase = (typeof PHASES)[number];

/** Where a run's time went, in ms. `people` is the time that it waited for somebody; `cleanup` is counted apart. */
export type Clocks = { readonly [P in Phase]: number };

/** What begins with a journal line; a line that is not here begins nothing. */
const BEGINS: ReadonlyMap<string, Phase> = new Map<string, Phase>([
  ['run.started', 'decide'],
  ['run.proposed', 'people'],
  ['approval.granted', 'act'],
  ['approval.reopened', 'people'],
  ['run.executing', 'act'],
  ['run.voided', 'decide'],
  ['run.verifying', 'prove'],
  ['run.verified', 'decide'],
  ['run.unverified', 'prove'],
  ['await.started', 'act'],
  ['await.done', 'decide'],
  ['ask.asked', 'people'],
  ['ask.answered', 'decide'],
  ['step.unknown', 'people'],
  ['step.settled', 'act'],
  ['run.closing', 'cleanup'],
]);

/**
 * Every interval of a journal belongs to one clock. It starts with the time of the fact itself where the diagnosis knows it, else with the alert's
 * `startsAt`, else with the run's own making, and goes on until the run's end, or until now.
 */
export function clocksOf(
  run: Pick<Run, 'start' | 'measured' | 'createdMs' | 'endedMs'>,
  journal: readonly Pick<Entry, 'type' | 'atMs'>[],
  nowMs: number,
): Clocks {
  const spent: { [P in Phase]: number } = { detect: 0, decide: 0, act: 0, prove: 0, people: 0, cleanup: 0 };
  let phase: Phase = 'detect';
  let sinceMs = factMs(run);
  for (const line of journal) {
    const next = BEGINS.get(line.type);
    if (next === undefined) continue;
    // A clock that was set back gives no negative time.
    spent[phase] += Math.max(0, line.atMs - sinceMs);
    sinceMs = Math.max(sinceMs, line.atMs);
    phase = next;
  }
  spent[phase] += Math.max(0, (run.endedMs ?? nowMs) - sinceMs);
  return spent;
}

/** When what the run answers began. Nothing begins after the run that answers it. */
function factMs({ start, measured, createdMs }: Pick<Run, 'start' | 'measured' | 'createdMs'>): number {
  const known = measured.factTimeMs ?? (start.by === 'alert' ? start.startsAtMs : start.by === 'schedule' ? start.slotMs : createdMs);
  return Math.min(known, createdMs);
}
