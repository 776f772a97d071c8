import { type JsonObject } from '../../model/json.ts';
import { patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, ours, RESTORE, type Velero } from './context.ts';
import { writeRestoreFiles } from './restore-files.ts';
import { type Brought, bringBack, NOTHING, readContents } from './restore-objects.ts';
import { checkRestore } from './restore-spec.ts';
import { storageError, THREE_TRIES_MS } from './storage.ts';

const STEP_MS = 100;
const RESTARTED = 'found a restore with status "InProgress" during the server starting, mark it as "Failed"';
const FINALIZER = 'restores.velero.io/external-resources-finalizer';

/** Restores, one at a time: what a backup holds is made again, into the namespaces that the mapping says; what exists is left or patched. */
export type RestoreController = { seen(restore: WorldObject): void; deleted(restore: WorldObject): void; started(): void };

export function restoreController(velero: Velero): RestoreController {
  const { objects, clock, metrics, plan, storage } = velero;
  const now = (): string => timestamp(clock.nowMs());
  const isNew = (restore: WorldObject): boolean => ['', 'New'].includes(textAt(restore, 'status', 'phase'));
  const waiting: WorldObject[] = [];
  let isBusy = false;

  const enqueue = (restore: WorldObject): void => {
    waiting.push(restore);
    velero.after(STEP_MS, takeNext);
  };
  const takeNext = (): void => {
    if (isBusy) return;
    const next = waiting.shift();
    if (next !== undefined) begin(next);
  };
  const free = (): void => {
    isBusy = false;
    velero.after(0, takeNext);
  };

  const begin = (restore: WorldObject): void => {
    const owned = change(objects, restore, (one) => ({ ...one, metadata: { ...one.metadata, finalizers: [FINALIZER] } }));
    if (owned === undefined || !isNew(owned)) return takeNext();
    const { restore: full, backup, errors } = checkRestore(velero, owned);
    const schedule = textAt(full, 'spec', 'scheduleName');
    metrics.count('restore_attempt_total', schedule);
    if (errors.length > 0 || backup === undefined) {
      metrics.count('restore_validation_failed_total', schedule);
      change(objects, owned, () => patchStatus(full, { phase: 'FailedValidation', validationErrors: errors }));
      return takeNext();
    }
    isBusy = true;
    const running = change(objects, owned, () => patchStatus(full, { phase: 'InProgress', startTimestamp: now() }));
    const planned = plan.nextRestores.shift();
    if (running === undefined || plan.stuck || planned?.outcome === 'stuck') return;
    const location = textAt(backup, 'spec', 'storageLocation') || 'default';
    const key = `backups/${backup.metadata.name}/${backup.metadata.name}.tar.gz`;
    const broken = storageError(storage, location, { name: 'GetObject', key });
    const contents = readContents(storage.get(location, key));
    velero.after(broken === undefined ? (planned?.takes ?? 1000) : THREE_TRIES_MS, () => {
      const missing = contents === undefined ? noSuchKey(key) : undefined;
      const reason = broken ?? missing ?? (planned?.outcome === 'failed' ? 'the simulated failure' : undefined);
      if (reason !== undefined) {
        const failureReason = `restore execution failed: error downloading backup: error copying Backup to temp file: ${reason}`;
        change(objects, running, (one) => patchStatus(one, { phase: 'Failed', failureReason, completionTimestamp: now() }));
        metrics.count('restore_failed_total', schedule);
        return free();
      }
      const brought = planned?.outcome === 'empty' ? NOTHING : bringBack(objects, running, { backup, contents: contents ?? [] });
      const errors = planned?.outcome === 'partially-failed' ? (planned.errors ?? 1) : 0;
      finish(running, { schedule, location, brought, errors, warnings: brought.warnings.length + (planned?.warnings ?? 0) });
      free();
    });
  };

  type Finish = { readonly schedule: string; readonly location: string; readonly brought: Brought; readonly errors: number; readonly warnings: number };
  const finish = (running: WorldObject, { schedule, location, brought, errors, warnings }: Finish): void => {
    const bad = errors > 0;
    const said = Array.from({ length: errors }, (_, index) => `error restoring configmaps/app/cfg-${index}: the simulated failure of one object`);
    const counts: JsonObject = {
      progress: { itemsRestored: brought.restored, totalItems: brought.restored },
      ...(warnings === 0 ? {} : { warnings }),
      ...(bad ? { errors } : {}),
    };
    writeRestoreFiles(velero, running, { location, brought, errors: said });
    const closing = change(objects, running, (one) => patchStatus(one, { ...counts, phase: bad ? 'FinalizingPartiallyFailed' : 'Finalizing' }));
    if (closing === undefined) return;
    velero.after(STEP_MS, () => {
      const status = { phase: bad ? 'PartiallyFailed' : 'Completed', hookStatus: {}, completionTimestamp: now() };
      change(objects, closing, (one) => patchStatus(one, status));
      metrics.count(bad ? 'restore_partial_failure_total' : 'restore_success_total', schedule);
    });
  };

  return {
    seen(restore) {
      if (isNew(restore)) enqueue(restore);
    },
    deleted(restore) {
      const backup = objects.find(BACKUP, velero.namespace(), textAt(restore, 'spec', 'backupName'));
      storage.remove(textAt(backup, 'spec', 'storageLocation') || 'default', `restores/${restore.metadata.name}`);
      objects.remove(RESTORE, velero.namespace(), restore.metadata.name);
    },
    started() {
      for (const restore of ours(velero, RESTORE)) {
        if (textAt(restore, 'status', 'phase') === 'InProgress' && !velero.wasRunning)
          change(objects, restore, (one) => patchStatus(one, { phase: 'Failed', failureReason: RESTARTED, completionTimestamp: now() }));
        else if (isNew(restore)) enqueue(restore);
      }
    },
  };
}

function noSuchKey(key: string): string {
  return `rpc error: code = Unknown desc = error getting object ${key}: operation error S3: GetObject, https response error StatusCode: 404, RequestID: WCM82M1HBT41L65E, HostID: CYxG+1iq4Tzh2LDq7hpye3odypK0Ji341dgIzEty8agZPuUh, NoSuchKey: The specified key does not exist.`;
}
