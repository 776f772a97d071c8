import { switchSchedule } from '../src/action/switch-schedule.ts';
import { passedTick, startsWhenResumed } from '../src/domain/velero/freshness.ts';
import { nextTick } from '../src/domain/velero/next-tick.ts';
import type { Schedule } from '../src/domain/velero/schedule.ts';
import { timeText } from '../src/domain/velero/time-text.ts';

/** Resume a schedule. Velero makes up for one time that passed meanwhile, at once; the plan says whether. */
export const scheduleResume = switchSchedule({
  id: 'schedule.resume',
  summary: 'Let a paused schedule make backups again',
  paused: false,
  notes: (schedule, _, nowMs) => [startText(schedule, nowMs), 'Somebody paused it: whoever approves knows that the reason is gone'],
  done: (schedule, nowMs) => `${schedule.name} is running: next at ${nextText(schedule, nowMs)}`,
});

function startText(schedule: Schedule, nowMs: number): string {
  const passedMs = passedTick(schedule, nowMs);
  if (startsWhenResumed(schedule, nowMs) && passedMs !== undefined) {
    return `Its time passed at ${timeText(passedMs)}, so a backup starts at once, within a minute; then next at ${nextText(schedule, nowMs)}`;
  }
  const why = passedMs === undefined ? 'No time of it has passed meanwhile' : 'It is told to skip what has passed (skipImmediately)';
  return `${why}, so nothing starts at once; next at ${nextText(schedule, nowMs)}`;
}

function nextText({ cron, lastBackupMs }: Schedule, nowMs: number): string {
  const nextMs = nextTick(cron, nowMs, lastBackupMs);
  return nextMs === undefined ? 'a time that never comes' : timeText(nextMs);
}
