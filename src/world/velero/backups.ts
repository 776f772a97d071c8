import type { JsonObject } from '../../model/json.ts';
import { at, numberAt, patchStatus, textAt, textsAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { countEnd, endingCounts, type Planned, plannedEnding, plannedFor, writeFiles } from './backup-ending.ts';
import { prepared, problems } from './backup-spec.ts';
import { backupContents } from './contents.ts';
import { BACKUP, ours, scheduleOf, type Velero } from './context.ts';
import { type About, type Ending, endingFor, failed, RESTARTED } from './failures.ts';
import { storageError, THREE_TRIES_MS } from './storage.ts';
import { type BackupVolumes, podVolumeBackups, volumeStatus, volumesOf } from './volumes.ts';

/** A queued backup that missed its turn is looked at again after this long, unless a new one wakes the queue. */
const QUEUE_LOOK_MS = 60_000;
/** Each step of the way takes a moment. */
const STEP_MS = 50;

const phaseOf = (backup: WorldObject): string => textAt(backup, 'status', 'phase');

/** The backups of one Velero server: they queue, one runs at a time, and each ends as its scenario and its storage say. */
export type BackupController = { seen(backup: WorldObject): void; started(): void };

export function backupController(velero: Velero): BackupController {
  const { objects, clock, metrics, plan, storage } = velero;
  let looking = false;
  let running: WorldObject | undefined;
  /** One whose object was removed while it ran is never seen to end: the queue waits for it until the server starts anew. */
  const isLost = (): boolean => running !== undefined && change(objects, running, (now) => now) === undefined;

  const enqueue = (backup: WorldObject): void => {
    const queued = ours(velero, BACKUP).filter((one) => phaseOf(one) === 'Queued').length;
    change(objects, backup, (now) => patchStatus(now, { phase: 'Queued', queuePosition: queued + 1 }));
    velero.after(STEP_MS, lookAtQueue);
  };

  const lookAtQueue = (): void => {
    const all = ours(velero, BACKUP);
    const waiting = all.filter((one) => phaseOf(one) === 'Queued').sort((a, b) => positionOf(a) - positionOf(b));
    const [first, ...rest] = waiting;
    if (first === undefined) return;
    if (isLost() || all.some((one) => ['ReadyToStart', 'InProgress'].includes(phaseOf(one)))) {
      if (looking) return;
      looking = true;
      velero.after(QUEUE_LOOK_MS, () => {
        looking = false;
        lookAtQueue();
      });
      return;
    }
    for (const [index, one] of rest.entries()) change(objects, one, (now) => patchStatus(now, { queuePosition: index + 1 }));
    const ready = change(objects, first, (now) => patchStatus(now, { phase: 'ReadyToStart', queuePosition: undefined }));
    if (ready) velero.after(STEP_MS, () => start(ready));
    if (rest.length > 0) velero.after(STEP_MS * 2, lookAtQueue);
  };

  const start = (ready: WorldObject): void => {
    const asked = change(objects, ready, (now) => now);
    if (asked === undefined || phaseOf(asked) !== 'ReadyToStart') return;
    const backup = prepared(velero, asked);
    const schedule = scheduleOf(backup);
    const location = textAt(backup, 'spec', 'storageLocation');
    const { name, namespace = '' } = backup.metadata;
    const about: About = { name, namespace, location, storage, atMs: clock.nowMs(), app: textsAt(backup, 'spec', 'includedNamespaces')[0] ?? 'gone' };
    const wrong = problems(velero, asked, backup);
    const planned = wrong.length > 0 ? undefined : plannedFor(velero, backup);
    if (wrong.length > 0 || planned?.outcome === 'failed-validation') {
      const validationErrors = wrong.length > 0 ? wrong : (endingFor(planned?.reason ?? 'validation', about).validationErrors ?? []);
      change(objects, asked, () => patchStatus(backup, { phase: 'FailedValidation', validationErrors }));
      metrics.count('backup_validation_failure_total', schedule);
      metrics.set('backup_last_status', schedule, 0);
      return;
    }
    metrics.count('backup_attempt_total', schedule);
    running = change(objects, asked, () => patchStatus(backup, { phase: 'InProgress', startTimestamp: timestamp(clock.nowMs()) }));
    if (running) run(running, { about, planned });
  };

  const run = (backup: WorldObject, { about, planned }: { readonly about: About; readonly planned: Planned }): void => {
    if (plan.stuck || planned?.outcome === 'stuck') return;
    const head = storageError(storage, about.location, { name: 'HeadObject', key: `backups/${about.name}/velero-backup.json` });
    if (head !== undefined) {
      velero.after(THREE_TRIES_MS, () => end(backup, { about, ending: failed(`error checking if backup already exists in object storage: ${head}`) }));
      return;
    }
    if (storage.hasFolder(about.location, `backups/${about.name}/`)) {
      velero.after(STEP_MS, () => end(backup, { about, ending: endingFor('name-taken', about) }));
      return;
    }
    const contents = backupContents(objects, at(backup, 'spec'));
    const total = planned?.items ?? contents.length;
    const takesMs = planned?.takes ?? 1000;
    const ending = plannedEnding(velero, backup, { about, planned });
    if (planned?.reason === 'server-restarted' && planned.outcome === 'failed') {
      velero.after(takesMs / 2, velero.restart);
      return;
    }
    const done = ending.phase === 'Failed' ? Math.floor(total * 0.6) : total;
    change(objects, backup, (now) => patchStatus(now, { progress: progress(0, total) }));
    const steps = Math.min(20, Math.max(1, Math.floor(takesMs / 1000)));
    for (let step = 1; step < steps; step += 1) {
      velero.after(
        (takesMs * step) / steps,
        () => void change(objects, backup, (now) => patchStatus(now, { progress: progress(Math.floor((done * step) / steps), total) })),
      );
    }
    velero.after(takesMs, () => {
      const upload = ending.written
        ? storageError(storage, about.location, { name: 'PutObject', key: `backups/${about.name}/${about.name}.tar.gz` })
        : undefined;
      const volumes = volumesOf(planned?.volumes, at(backup, 'spec'));
      end(backup, { about, ending: upload === undefined ? ending : failed(upload), total, volumes, contents });
    });
  };

  const end = (backup: WorldObject, { about, ending, total = 0, volumes, contents = [] }: End): void => {
    const schedule = scheduleOf(backup);
    if (ending.phase === 'Failed') {
      running = undefined;
      const done = { phase: 'Failed', failureReason: ending.failureReason, completionTimestamp: timestamp(clock.nowMs()) };
      change(objects, backup, (now) => patchStatus(now, done));
      countEnd(velero, schedule, { ending, seconds: 0, total });
      return;
    }
    const bad = ending.phase === 'PartiallyFailed';
    const counts = { ...endingCounts(ending), ...(volumes === undefined ? {} : volumeStatus(volumes)), progress: progress(total, total) };
    const closing = change(objects, backup, (now) => patchStatus(now, { ...counts, phase: bad ? 'FinalizingPartiallyFailed' : 'Finalizing' }));
    if (closing === undefined) return;
    running = undefined;
    velero.after(STEP_MS * 4, () => {
      const over = change(objects, closing, (now) => patchStatus(now, { phase: ending.phase, completionTimestamp: timestamp(clock.nowMs()) }));
      if (over === undefined) return;
      if (volumes) podVolumeBackups(velero, over, volumes);
      writeFiles(velero, over, { about, ending, contents, ...(volumes === undefined ? {} : { volumes }) });
      const seconds = (clock.nowMs() - Date.parse(textAt(over, 'status', 'startTimestamp'))) / 1000;
      countEnd(velero, schedule, { ending, seconds, total });
    });
  };

  return {
    seen(backup) {
      if (['', 'New'].includes(phaseOf(backup))) velero.after(STEP_MS, () => enqueue(backup));
    },
    started() {
      looking = false;
      for (const backup of ours(velero, BACKUP)) {
        const phase = phaseOf(backup);
        if (phase === 'InProgress') {
          if (velero.wasRunning) continue;
          change(objects, backup, (now) =>
            patchStatus(now, { phase: 'Failed', failureReason: RESTARTED, completionTimestamp: timestamp(clock.nowMs()), progress: undefined }),
          );
        } else if (phase === 'ReadyToStart') velero.after(STEP_MS, () => start(backup));
        else if (['', 'New'].includes(phase)) velero.after(STEP_MS, () => enqueue(backup));
      }
      velero.after(STEP_MS, lookAtQueue);
    },
  };
}

type End = {
  readonly about: About;
  readonly ending: Ending;
  readonly total?: number;
  readonly volumes?: BackupVolumes;
  readonly contents?: readonly WorldObject[];
};

function positionOf(backup: WorldObject): number {
  return numberAt(backup, 'status', 'queuePosition') ?? 0;
}

function progress(itemsBackedUp: number, totalItems: number): JsonObject {
  return totalItems === 0 ? {} : { ...(itemsBackedUp === 0 ? {} : { itemsBackedUp }), totalItems };
}
