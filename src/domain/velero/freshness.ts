import type { Backup } from './backup.ts';
import { nextTick } from './next-tick.ts';
import type { Schedule } from './schedule.ts';

const MINUTE = 60_000;
const LEAST_SLACK_MS = 10 * MINUTE;
const MOST_SLACK_MS = 12 * 60 * MINUTE;
/** Of the time between two backups: what the run itself may take. A daily one is late after 26 hours. */
const SLACK_SHARE = 1 / 12;
/** Clocks of two machines differ by this much without being wrong. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE;

/** How old the newest good backup of a schedule is, against how old its cron lets it become. */
export type Freshness = {
  readonly isFresh: boolean;
  /** When the one after it was to begin; of a schedule that never made one, the first. Unknown where the cron cannot be read. */
  readonly dueMs?: number;
  /** From one backup to the next. */
  readonly intervalMs?: number;
  readonly ageMs?: number;
};

/** A backup by hand counts as much as one by the cron: what matters is how old the data is. */
export function freshness(schedule: Schedule, good: Backup | undefined, nowMs: number): Freshness {
  const fromMs = good?.madeMs ?? schedule.createdMs;
  const ageMs = good === undefined ? undefined : nowMs - good.madeMs;
  const dueMs = fromMs === undefined ? undefined : nextTick(schedule.cron, fromMs, fromMs);
  const intervalMs = intervalOf(schedule.cron, (dueMs ?? nowMs) - 1);
  const known = { ...(dueMs !== undefined && { dueMs }), ...(intervalMs !== undefined && { intervalMs }), ...(ageMs !== undefined && { ageMs }) };
  if (ageMs === undefined || dueMs === undefined || intervalMs === undefined) return { isFresh: false, ...known };
  const slackMs = slackOf(intervalMs);
  return { isFresh: nowMs <= dueMs + slackMs || ageMs <= intervalMs + slackMs, ...known };
}

/** From one time of a cron to the next, as it is at that moment. */
export function intervalOf(cron: string, atMs: number): number | undefined {
  const first = nextTick(cron, atMs, atMs);
  const second = first === undefined ? undefined : nextTick(cron, first, first);
  return first === undefined || second === undefined ? undefined : second - first;
}

/** How late a backup may be before it counts as missing. */
export function slackOf(intervalMs: number): number {
  return Math.min(Math.max(intervalMs * SLACK_SHARE, LEAST_SLACK_MS), MOST_SLACK_MS);
}

/** When Velero counts from to find the next time: the last backup, a skip after it, or the schedule's creation. */
export function countsFromMs({ lastBackupMs, lastSkippedMs, createdMs }: Schedule): number | undefined {
  const from = Math.max(lastBackupMs ?? createdMs ?? 0, lastSkippedMs ?? 0);
  return from === 0 ? undefined : from;
}

/** The time that has passed without a backup; undefined where none has. It is what Velero makes up for at once when a schedule is resumed. */
export function passedTick(schedule: Schedule, nowMs: number): number | undefined {
  const from = countsFromMs(schedule);
  const tick = from === undefined ? undefined : nextTick(schedule.cron, from, from);
  return tick !== undefined && tick <= nowMs ? tick : undefined;
}

/** True where a resumed schedule begins a backup within a minute. A server that is set to skip (`--schedule-skip-immediately`) does not show here. */
export function startsWhenResumed(schedule: Schedule, nowMs: number): boolean {
  return !schedule.skipsOnce && passedTick(schedule, nowMs) !== undefined;
}

/** A time that has not come yet and was written nevertheless: until then Velero makes nothing. */
export function writtenAhead(schedule: Schedule, nowMs: number): number | undefined {
  const from = countsFromMs(schedule);
  return from !== undefined && from > nowMs + CLOCK_TOLERANCE_MS ? from : undefined;
}
