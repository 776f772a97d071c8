import { theKind } from '../kinds.ts';
import { at, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, ours, POD_VOLUME_BACKUP, type Velero } from './context.ts';

export const DATA_UPLOAD = theKind('velero.io/v2alpha1', 'DataUpload');

/** A node agent takes a cancellation up, and has stopped. */
const CANCELLING_MS = 1000;
const CANCELLED_MS = 5000;
/** The server looks at the operations of its backups this often. */
const OPERATIONS_MS = 120_000;
const STEP_MS = 200;
const WAITING: ReadonlySet<string> = new Set(['WaitingForPluginOperations', 'WaitingForPluginOperationsPartiallyFailed']);
const OVER: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Canceled']);
const NAME_LABEL = 'velero.io/backup-name';

const phaseOf = (object: WorldObject): string => textAt(object, 'status', 'phase');

/** Volumes that a scenario put on their way: cancelled they stop, and a backup that waits for them ends when all of its own are over. */
export function moveController(velero: Velero): { seen(move: WorldObject): void; started(): void } {
  const { objects, clock } = velero;

  const lookAtOperations = (): void => {
    for (const backup of ours(velero, BACKUP)) if (WAITING.has(phaseOf(backup))) lookAt(backup);
    velero.after(OPERATIONS_MS, lookAtOperations);
  };

  const lookAt = (backup: WorldObject): void => {
    const moves = ours(velero, DATA_UPLOAD).filter((one) => one.metadata.labels?.[NAME_LABEL] === backup.metadata.name);
    // Without volumes of its own it waits for what the scenario does not show.
    if (moves.length === 0 || moves.some((one) => !OVER.has(phaseOf(one)))) return;
    const failed = moves.filter((one) => phaseOf(one) !== 'Completed').length;
    const counts = {
      backupItemOperationsAttempted: moves.length,
      backupItemOperationsCompleted: moves.length - failed,
      ...(failed === 0 ? {} : { backupItemOperationsFailed: failed, errors: failed }),
    };
    const bad = failed > 0 ? 'PartiallyFailed' : '';
    change(objects, backup, (now) => patchStatus(now, { ...counts, phase: `Finalizing${bad}` }));
    velero.after(STEP_MS, () => {
      change(objects, backup, (now) => patchStatus(now, { phase: bad || 'Completed', completionTimestamp: timestamp(clock.nowMs()) }));
    });
  };

  return {
    seen(move) {
      if (at(move, 'spec', 'cancel') !== true || OVER.has(phaseOf(move))) return;
      velero.after(CANCELLING_MS, () => void change(objects, move, (now) => (OVER.has(phaseOf(now)) ? now : patchStatus(now, { phase: 'Canceling' }))));
      velero.after(CANCELLED_MS, () => {
        change(objects, move, (now) => {
          if (OVER.has(phaseOf(now))) return now;
          return patchStatus(now, { phase: 'Canceled', message: 'found a data upload canceled', completionTimestamp: timestamp(clock.nowMs()) });
        });
      });
    },
    started() {
      for (const kind of [DATA_UPLOAD, POD_VOLUME_BACKUP]) for (const move of ours(velero, kind)) this.seen(move);
      velero.after(OPERATIONS_MS, lookAtOperations);
    },
  };
}
