import { switchSchedule } from '../src/action/switch-schedule.ts';
import { freshness, slackOf } from '../src/domain/velero/freshness.ts';
import { isQueued, isRunning } from '../src/domain/velero/phase.ts';
import { progressText } from '../src/domain/velero/second-try.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { ageText, goodOnes } from '../src/domain/velero/why-stale.ts';

/** Pause a schedule: a backup that is under way goes on, and no new one starts. */
export const schedulePause = switchSchedule({
  id: 'schedule.pause',
  summary: 'Keep a schedule from making backups',
  paused: true,
  notes(schedule, family, nowMs) {
    const [good] = goodOnes(family);
    const fresh = freshness(schedule, good, nowMs);
    const lateMs = fresh.dueMs === undefined || fresh.intervalMs === undefined ? undefined : fresh.dueMs + slackOf(fresh.intervalMs);
    return [
      `While it is paused nothing new can be restored: ${ageText(fresh)}`,
      ...(lateMs === undefined || lateMs <= nowMs ? [] : [`From ${timeText(lateMs)} on it counts as too old, and the alert about its age fires`]),
      ...family.filter(({ phase }) => isRunning(phase) || isQueued(phase)).map((one) => `${one.name} is ${progressText(one)}, and goes on`),
      `It is given back by: salvor run schedule-resume --param schedule=${schedule.name}`,
    ];
  },
  done: (schedule) => `${schedule.name} is paused: it starts no backup until it is resumed`,
});
