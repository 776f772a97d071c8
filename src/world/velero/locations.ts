import { isObject, type Json } from '../../model/json.ts';
import { at, objectAt, patchStatus, textAt, texts, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, LOCATION, ours, STORAGE_LABEL, type Velero } from './context.ts';
import { storageError, THREE_TRIES_MS } from './storage.ts';

/** Every location is looked at this often, whatever its validation frequency says. */
const CHECK_MS = 10_000;
/** How long the answer of a storage that is there takes. */
const ANSWER_MS = 200;
/** The bucket is compared with the cluster's Backup objects this often. */
const SYNC_MS = 60_000;

/** Looks at the storage behind each BackupStorageLocation, and keeps Backup objects as the bucket has them. */
export type LocationController = { seen(location: WorldObject): void; started(): void };

export function locationController(velero: Velero): LocationController {
  const { objects, clock, storage, metrics } = velero;

  const check = (location: WorldObject): void => {
    const name = location.metadata.name;
    const down = storage.state(name) === 'unavailable';
    velero.after(down ? THREE_TRIES_MS : ANSWER_MS, () => {
      const error = problemOf(velero, location);
      const known = ours(velero, LOCATION);
      const now = timestamp(clock.nowMs());
      const found =
        error === undefined
          ? { phase: 'Available', lastValidationTime: now, message: undefined }
          : { phase: 'Unavailable', lastValidationTime: now, message: `BackupStorageLocation "${name}" is unavailable: ${error}` };
      change(objects, location, (one) => patchStatus(one, found));
      // The metric tells what was known before this look: a change shows at the next one.
      countAll(known);
    });
  };

  const countAll = (locations: readonly WorldObject[]): void => {
    for (const one of locations) {
      const phase = textAt(one, 'status', 'phase');
      if (phase !== '') metrics.located(one.metadata.name, phase === 'Available');
    }
  };

  const checkAll = (): void => {
    for (const location of ours(velero, LOCATION)) check(location);
    velero.after(CHECK_MS, checkAll);
  };

  const syncAll = (): void => {
    for (const location of ours(velero, LOCATION))
      if (textAt(location, 'status', 'phase') === 'Available' && problemOf(velero, location) === undefined) sync(velero, location);
    velero.after(SYNC_MS, syncAll);
  };

  return {
    seen: check,
    started() {
      if (velero.wasRunning) countAll(ours(velero, LOCATION));
      checkAll();
      velero.after(SYNC_MS, syncAll);
    },
  };
}

/** What the plugin says when it looks into the location's bucket. */
function problemOf({ storage }: Velero, location: WorldObject): string | undefined {
  const { name } = location.metadata;
  const bucket = textAt(location, 'spec', 'objectStorage', 'bucket');
  return storageError(storage, name, { name: 'ListObjectsV2', bucket });
}

/** Phases that Velero itself leaves in a bucket for good. */
const OVER = ['Completed', 'PartiallyFailed', 'Failed'];

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
    if (!isObject(backup) || !isObject(metadata) || !OVER.includes(textAt(backup, 'status', 'phase'))) continue;
    const labels = { ...texts(metadata['labels']), [STORAGE_LABEL]: home };
    const spec = { ...objectAt(backup, 'spec'), hooks: {}, metadata: {}, storageLocation: home };
    // It is a new object: its uid and its age are new, and its hooks are not for running here.
    objects.insert(BACKUP, { ...backup, metadata: { name, namespace: namespace(), labels, annotations: texts(metadata['annotations']) }, spec });
  }
  change(objects, location, (one) => patchStatus(one, { lastSyncedTime: timestamp(clock.nowMs()) }));
}
