import { isObject, type Json } from '../../model/json.ts';
import { at, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, LOCATION, ours, type Velero } from './context.ts';
import { storageError } from './storage.ts';

/** Every location is looked at this often, whatever its validation frequency says. */
const CHECK_MS = 10_000;
/** How long the answer takes: at once, or three tries. */
const ANSWER_MS = 200;
const THREE_TRIES_MS = 3000;
/** The bucket is compared with the cluster's Backup objects this often. */
const SYNC_MS = 60_000;

/** Looks at the storage behind each BackupStorageLocation, and keeps Backup objects as the bucket has them. */
export type LocationController = { seen(location: WorldObject): void; started(): void };

export function locationController(velero: Velero): LocationController {
  const { objects, clock, storage } = velero;

  const check = (location: WorldObject): void => {
    const name = location.metadata.name;
    const down = storage.state(name) === 'unavailable';
    velero.after(down ? THREE_TRIES_MS : ANSWER_MS, () => {
      const error = storageError(storage, name, { name: 'ListObjectsV2' });
      const now = timestamp(clock.nowMs());
      const found =
        error === undefined
          ? { phase: 'Available', lastValidationTime: now, message: undefined }
          : { phase: 'Unavailable', lastValidationTime: now, message: `BackupStorageLocation "${name}" is unavailable: ${error}` };
      change(objects, location, (one) => patchStatus(one, found));
    });
  };

  const checkAll = (): void => {
    for (const location of ours(velero, LOCATION)) check(location);
    velero.after(CHECK_MS, checkAll);
  };

  const syncAll = (): void => {
    for (const location of ours(velero, LOCATION))
      if (storageError(storage, location.metadata.name, { name: 'ListObjectsV2' }) === undefined) sync(velero, location);
    velero.after(SYNC_MS, syncAll);
  };

  return {
    seen: check,
    started() {
      checkAll();
      velero.after(SYNC_MS, syncAll);
    },
  };
}

/** Backups in the bucket that the cluster does not know come back; finished ones whose files are gone go away. */
function sync(velero: Velero, location: WorldObject): void {
  const { objects, storage, clock, namespace } = velero;
  const home = location.metadata.name;
  const kept = new Set(storage.backups(home));
  for (const backup of ours(velero, BACKUP)) {
    const isOver = ['Completed', 'PartiallyFailed'].includes(textAt(backup, 'status', 'phase'));
    if (isOver && textAt(backup, 'spec', 'storageLocation') === home && !kept.has(backup.metadata.name))
      objects.remove(BACKUP, namespace(), backup.metadata.name);
  }
  for (const name of kept) {
    const text = storage.get(home, `backups/${name}/velero-backup.json`);
    if (text === undefined || objects.find(BACKUP, namespace(), name)) continue;
    const backup: Json = JSON.parse(text);
    const metadata = at(backup, 'metadata');
    if (!isObject(backup) || !isObject(metadata)) continue;
    const { uid: _uid, resourceVersion: _version, finalizers: _finalizers, ...rest } = metadata;
    objects.insert(BACKUP, { ...backup, metadata: { ...rest, name, namespace: namespace() } });
  }
  change(objects, location, (one) => patchStatus(one, { lastSyncedTime: timestamp(clock.nowMs()) }));
}
