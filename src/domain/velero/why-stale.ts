import { formatDuration } from '../../model/duration.ts';
import type { Finding } from '../../model/finding.ts';
import { type Backup, newestFirst } from './backup.ts';
import { type Freshness, passedTick, startsWhenResumed, writtenAhead } from './freshness.ts';
import type { Movement } from './movement.ts';
import { isGood, isQueued, isRunning } from './phase.ts';
import type { Schedule } from './schedule.ts';
import { scheduleObstacle, serverObstacle, tickObstacle, waitForRunning } from './second-try.ts';
import { type Stuck, stuckBackup } from './stuck-backup.ts';
import { timeText } from './time-text.ts';

/** Why a schedule has no fresh backup. */
export type StaleCause = 'refused' | 'storage' | 'server' | 'running' | 'stuck' | 'paused' | 'failing' | 'clock' | 'skipped' | 'missed' | 'gone' | 'due';

/**
 * What gives a fresh one: make one now; resume the schedule, which makes up for what it missed; both, where it would not; or let a volume go
 * that holds up a backup (and make a new one where none is queued behind it).
 */
export type Remedy = 'run' | 'resume' | 'resume-and-run' | 'cancel' | 'cancel-and-run';

export type WhyStale = { readonly cause: StaleCause; readonly finding: Finding; readonly remedy?: Remedy; readonly stuck?: Stuck };

export type StaleSight = {
  readonly schedule: Schedule;
  /** The backups of this schedule, and all of the namespace: they share one queue. */
  readonly family: readonly Backup[];
  readonly all: readonly Backup[];
  readonly moves: readonly Movement[];
  readonly fresh: Freshness;
  readonly nowMs: number;
};

/** The alert came hours after the backup did not: nobody waits long for a server then. */
const SERVER = { giveUpMs: 20 * 60_000 };

/** What is in the way of any backup of this schedule, and stands on the objects themselves. */
export function inTheWay({ schedule, family, all, moves, nowMs }: StaleSight, server: { readonly version: string } | undefined): WhyStale | undefined {
  const silent = serverObstacle(server);
  if (silent !== undefined) return { cause: 'server', finding: { ...silent, ...SERVER } };

  const own = newestFirst(family).find(({ phase }) => isRunning(phase) || isQueued(phase));
  const running = all.filter(({ phase }) => isRunning(phase));
  const blocking = own !== undefined && isRunning(own.phase) ? [own] : running;
  for (const one of blocking) {
    const stuck = stuckBackup(one, { family: all.filter(({ schedule: of }) => of === one.schedule), moves, nowMs });
    if (stuck !== undefined) return whenStuck(stuck, own, schedule.namespace);
  }
  if (own === undefined) return undefined;
  return { cause: 'running', finding: waitForRunning(own, { server, all, nowMs }) };
}

function whenStuck(stuck: Stuck, own: Backup | undefined, namespace: string): WhyStale {
  if (stuck.moves.length === 0) {
    const hints = [
      'Velero cannot cancel a backup. A restart of its server ends this one as Failed: salvor run backup-health --param restart=true, or',
      `kubectl -n ${namespace} rollout restart deployment velero`,
      'Look first at what it waits for, in the log of the server',
    ];
    return { cause: 'stuck', finding: { kind: 'hand-over', reason: `${stuck.why}: nothing starts before it ends`, hints }, stuck };
  }
  const isQueuedBehind = own !== undefined && own.uid !== stuck.backup.uid;
  return { cause: 'stuck', remedy: isQueuedBehind ? 'cancel' : 'cancel-and-run', finding: { kind: 'act', reason: stuck.why }, stuck };
}

/** Nothing is in the way of a backup now: why the schedule itself made none, and what gives one. */
export function whySilent({ schedule, family, fresh, nowMs }: StaleSight): WhyStale {
  const age = ageText(fresh);
  if (schedule.paused) {
    const starts = startsWhenResumed(schedule, nowMs);
    return {
      cause: 'paused',
      remedy: starts ? 'resume' : 'resume-and-run',
      finding: { kind: 'act', reason: `the schedule ${schedule.name} is paused, and ${age}` },
    };
  }
  const run = (cause: StaleCause, why: string): WhyStale => ({ cause, remedy: 'run', finding: { kind: 'act', reason: `${why}; ${age}` } });

  const aheadMs = writtenAhead(schedule, nowMs);
  if (aheadMs !== undefined) {
    return run(
      'clock',
      `the last backup of ${schedule.name} is dated ${timeText(aheadMs)}, which has not come yet: a clock was wrong, and until then Velero starts none by itself`,
    );
  }
  const soon = tickObstacle(schedule, nowMs);
  if (soon !== undefined) return { cause: 'due', finding: soon };
  const missedMs = passedTick(schedule, nowMs);
  if (missedMs !== undefined) return run('missed', `Velero let the time of ${schedule.name} at ${timeText(missedMs)} pass without a backup`);
  if (schedule.lastSkippedMs !== undefined && schedule.lastSkippedMs > (schedule.lastBackupMs ?? 0)) {
    return run('skipped', `${schedule.name} was told to skip the time that had passed (${timeText(schedule.lastSkippedMs)})`);
  }
  if (schedule.lastBackupMs !== undefined && !family.some(({ madeMs }) => Math.abs(madeMs - (schedule.lastBackupMs ?? 0)) < 120_000)) {
    return run('gone', `the backup that ${schedule.name} made at ${timeText(schedule.lastBackupMs)} is gone: it expired, or somebody deleted it`);
  }
  return run('missed', `no backup of ${schedule.name} has come for a reason that its objects do not tell`);
}

/** A schedule that Velero refuses. That it is paused is no obstacle here: it is the cause. */
export function refused(schedule: Schedule): WhyStale | undefined {
  const finding = scheduleObstacle({ ...schedule, paused: false });
  return finding && { cause: 'refused', finding };
}

export function ageText({ ageMs, intervalMs }: Freshness): string {
  const every = intervalMs === undefined ? '' : `, and one is due every ${formatDuration(intervalMs)}`;
  return ageMs === undefined ? `it has no good backup at all${every}` : `its last good backup is ${formatDuration(ageMs)} old${every}`;
}

/** Good ones of a family, newest first, that are not dated ahead of now. */
export function goodOnes(family: readonly Backup[]): readonly Backup[] {
  return newestFirst(family).filter(({ phase }) => isGood(phase));
}
