import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import { type Backup, newestOver, overMs } from './backup.ts';
import { failureText } from './backup-proof.ts';
import { type Freshness, passedTick } from './freshness.ts';
import { nextTick } from './next-tick.ts';
import { isFailure, isQueued, isRunning } from './phase.ts';
import type { Schedule } from './schedule.ts';
import { progressText } from './second-try.ts';
import { timeText } from './time-text.ts';
import { goodOnes } from './why-stale.ts';

/** `daily: 0 2 * * * (UTC), every 1d, next at 2026-11-22 02:00 UTC`, or that it is paused. */
export function cronLine(schedule: Schedule, { intervalMs }: Pick<Freshness, 'intervalMs'>, nowMs: number): string {
  const next = nextTick(schedule.cron, nowMs, schedule.lastBackupMs);
  const every = intervalMs === undefined ? '' : `, every ${formatDuration(intervalMs)}`;
  const what = schedule.paused ? ', paused: it starts none' : next === undefined ? ', which never comes' : `, next at ${timeText(next)}`;
  return `${schedule.name}: ${schedule.cron}${every}${what}`;
}

/** What a schedule has made, newest news first. */
export function historyLines(schedule: Schedule, family: readonly Backup[], nowMs: number): readonly string[] {
  const [good] = goodOnes(family);
  const newest = newestOver(family);
  const open = family.filter(({ phase }) => isRunning(phase) || isQueued(phase));
  const missedMs = schedule.paused ? undefined : passedTick(schedule, nowMs);
  return [
    ...(newest !== undefined && isFailure(newest.phase) ? [`newest: ${failureText(newest)}`] : []),
    ...open.map((one) => `${one.name} is ${progressText(one)}`),
    good === undefined
      ? 'there is no good backup to restore from'
      : `last good: ${good.name}, ${counted(good.items.total, 'item')}, ${formatDuration(nowMs - good.madeMs)} old, took ${formatDuration(overMs(good) - good.madeMs)}`,
    ...(missedMs === undefined ? [] : [`its time at ${timeText(missedMs)} passed without a backup`]),
    ...(schedule.lastSkippedMs === undefined ? [] : [`it skipped what was due at ${timeText(schedule.lastSkippedMs)}`]),
  ];
}
