import { cut } from '../../model/cut.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Finding } from '../../model/finding.ts';
import { redact } from '../redact.ts';
import { type Backup, overMs } from './backup.ts';
import { isAvailable, type Location } from './location.ts';
import { nextTick } from './next-tick.ts';
import { isRunning, isTerminal } from './phase.ts';
import { causeOf } from './reason.ts';
import type { Cause } from './reason-table.ts';
import type { Schedule } from './schedule.ts';
import { timeText } from './time-text.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How often the world is looked at while a run waits, and how long it waits before a person is asked. */
export const PATIENCE = {
  storage: { lookAgainMs: 30 * SECOND, giveUpMs: 6 * HOUR },
  /** Longer than a restart, shorter than anybody wants to be without backups. */
  server: { lookAgainMs: 30 * SECOND, giveUpMs: HOUR },
  running: { lookAgainMs: 30 * SECOND, giveUpMs: 6 * HOUR },
  tick: { giveUpMs: 6 * HOUR },
} as const;

/** A scheduled backup that comes this soon makes a second try superfluous. */
const TICK_IS_NEAR_MS = 10 * MINUTE;
/** Velero looks at its schedules once a minute: so long after the cron time a backup may not be there yet. */
const TICK_IS_LATE_MS = 90 * SECOND;

/** Velero looks at what is queued at least once a minute. */
const QUEUE_IS_STUCK_MS = 5 * MINUTE;

const MESSAGE_LENGTH = 200;

/** Why no backup of this schedule can or should be made, or undefined. */
export function scheduleObstacle(schedule: Schedule): Finding | undefined {
  const { name, namespace } = schedule;
  if (schedule.phase === 'FailedValidation') {
    const errors = schedule.validationErrors.join('; ') || 'no reason given';
    return {
      kind: 'hand-over',
      reason: `Velero refuses the schedule ${name}: ${cut(redact(errors), MESSAGE_LENGTH)}`,
      hints: [`Correct the schedule: kubectl -n ${namespace} edit schedule.velero.io ${name}`],
    };
  }
  if (schedule.paused) {
    return {
      kind: 'hand-over',
      reason: `the schedule ${name} is paused: somebody decided that it makes no backups`,
      hints: ['Ask who paused it, and why', `To go on: velero schedule unpause ${name} (if its time has passed, it starts a backup at once)`],
    };
  }
  return undefined;
}

/** Why the storage takes no backup now, or undefined. `awayMs`: when a backup met it away. */
export function storageObstacle(
  location: Location | undefined,
  { name, awayMs }: { readonly name?: string | undefined; readonly awayMs?: number | undefined },
): Finding | undefined {
  if (location === undefined) {
    const named = name === undefined ? 'no backup storage location is the default' : `the backup storage location "${name}" does not exist`;
    return {
      kind: 'hand-over',
      reason: named,
      hints: ['Look at what exists: velero backup-location get', 'Make the location, or correct spec.template.storageLocation of the schedule'],
    };
  }
  if (location.readOnly) {
    return {
      kind: 'hand-over',
      reason: `storage "${location.name}" is read-only`,
      hints: [
        'Somebody made it read-only on purpose (a recovery, a legal hold): ask them first',
        'Then set spec.accessMode of the BackupStorageLocation to ReadWrite',
      ],
    };
  }
  if (isAvailable(location)) return undefined;
  const cause = causeOf(location.message);
  if (cause?.class === 'permanent') {
    return { kind: 'hand-over', reason: `storage "${location.name}" is unavailable: ${cause.words} (${shortMessage(location.message)})`, hints: cause.fix };
  }
  return { kind: 'wait', reason: unavailableText(location, awayMs), ...PATIENCE.storage };
}

/**
 * `storage "default" is unavailable since 2026-11-21 06:32 UTC: …`. Velero writes no such time: its last sync is the last time that the storage
 * answered. The time of its last look moves with every look and says nothing.
 */
function unavailableText(location: Location, awayMs: number | undefined): string {
  const sinceMs = location.lastSyncedMs ?? awayMs;
  const since = sinceMs === undefined ? '' : ` since ${timeText(sinceMs)}`;
  const why = location.message === '' ? '' : `: ${shortMessage(location.message)}`;
  return `storage "${location.name}" is unavailable${since}${why}`;
}

/** What stands in every message of an S3 store and tells nobody anything: the location's name once more, and marks for the store's own support. */
const NOISE =
  /^BackupStorageLocation "[^"]{0,300}" is unavailable: |rpc error: code = Unknown desc = |RequestID: [^,]{0,200}, |HostID: [^,]{0,200}, |StatusCode: 0, /g;

/** The end of Velero's message is the cause. */
function shortMessage(message: string): string {
  const clean = redact(message).replace(NOISE, '');
  return clean.length <= MESSAGE_LENGTH ? clean : `…${clean.slice(-MESSAGE_LENGTH)}`;
}

export function serverObstacle(server: { readonly version: string } | undefined): Finding | undefined {
  if (server !== undefined) return undefined;
  return { kind: 'wait', reason: 'the Velero server does not answer', ...PATIENCE.server };
}

type Around = {
  readonly server: { readonly version: string } | undefined;
  /** Every backup of the namespace: they share one queue. */
  readonly all: readonly Backup[];
  readonly nowMs: number;
};

/** Waits for a backup that is under way; for a shorter time where nobody works on it, and not at all where nobody will. */
export function waitForRunning(running: Backup, { server, all, nowMs }: Around): Finding {
  const what = `${running.name} is ${progressText(running)}`;
  if (server === undefined) return { kind: 'wait', reason: `${what}, but the Velero server does not answer`, ...PATIENCE.server };
  const stuck = stuckQueue(running, all, nowMs);
  if (stuck === undefined) return { kind: 'wait', reason: `${what}: waiting for its end`, ...PATIENCE.running };
  return {
    kind: 'hand-over',
    reason: stuck,
    hints: [
      `Restart the Velero server: kubectl -n ${running.namespace} rollout restart deployment velero`,
      'Velero 1.18 can go on counting a backup that it refused as one that runs; it forgets that only when it starts again',
    ],
  };
}

/** That a queued backup could have started for minutes and did not, in words; undefined where that is not so. `all`: of its namespace. */
export function stuckQueue(queued: Backup, all: readonly Backup[], nowMs: number): string | undefined {
  if (queued.phase !== 'Queued' || all.some(({ phase }) => isRunning(phase) || phase === 'ReadyToStart')) return undefined;
  const idleMs = nowMs - Math.max(queued.madeMs, ...all.filter(({ phase }) => isTerminal(phase)).map(overMs));
  if (idleMs < QUEUE_IS_STUCK_MS) return undefined;
  return `${queued.name} is ${progressText(queued)}, and no backup has run for ${formatDuration(idleMs)}: the queue of Velero does not move`;
}

/** `in progress, 12 of 214 items`, `queued at position 2`. */
export function progressText(backup: Backup): string {
  const { done, total } = backup.items;
  const items = total > 0 ? `, ${done} of ${total} items` : '';
  if (backup.phase === '' || backup.phase === 'New') return 'not looked at by Velero yet';
  if (backup.phase === 'Queued') return backup.queuePosition === undefined ? 'queued' : `queued at position ${backup.queuePosition}`;
  if (backup.phase === 'InProgress') return `in progress${items}`;
  return `${backup.phase}${items}`;
}

/** Waits where the schedule starts a backup by itself in a moment, or should have a moment ago. */
export function tickObstacle(schedule: Schedule, nowMs: number): Finding | undefined {
  const { cron, lastBackupMs, name } = schedule;
  const passedMs = nextTick(cron, nowMs - TICK_IS_LATE_MS, lastBackupMs);
  if (passedMs !== undefined && passedMs <= nowMs && (lastBackupMs ?? 0) < passedMs) {
    return { kind: 'wait', reason: `${name} was to start at ${timeText(passedMs)}: its backup is due any moment`, lookAgainMs: 30 * SECOND, ...PATIENCE.tick };
  }
  const tickMs = nextTick(cron, nowMs, lastBackupMs);
  if (tickMs === undefined || tickMs - nowMs > TICK_IS_NEAR_MS) return undefined;
  const inMs = tickMs - nowMs;
  return {
    kind: 'wait',
    reason: `${name} starts by itself at ${timeText(tickMs)}, in ${formatDuration(inMs)}: waiting for that one`,
    lookAgainMs: inMs + TICK_IS_LATE_MS,
    ...PATIENCE.tick,
  };
}

/** What would tell the cause cannot be read now, and nothing else tells it: not to know it yet is not to know it. */
export function unreadable(failed: Backup, why: string): Finding {
  return { kind: 'wait', reason: `${failed.name} ended ${failed.phase}, and why cannot be read yet: ${why}`, ...PATIENCE.storage };
}

/** A second try of ours failed, too: a third is a person's decision. */
export function onceOnly(retried: Backup, cause: Cause): Finding {
  return {
    kind: 'hand-over',
    reason: `${retried.name} was already the second try and ended ${retried.phase}: because ${cause.words}. It is tried once only`,
    hints: fixFor(retried, cause),
  };
}

/** What the cause alone says. */
export function causeFinding(failed: Backup, cause: Cause): Finding {
  const what = `${failed.name} ended ${failed.phase} because ${cause.words}`;
  if (cause.class === 'permanent') return { kind: 'hand-over', reason: `${what}: making it again cannot help yet`, hints: fixFor(failed, cause) };
  return { kind: 'act', reason: `${what}; the storage and the server answer now, so a second try can work` };
}

/** Commands to copy name the backup itself. */
const fixFor = ({ name }: Backup, { fix }: Cause): readonly string[] => fix.map((line) => line.replaceAll('NAME', name));
