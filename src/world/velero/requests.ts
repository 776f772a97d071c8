import { at, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, DELETION, DOWNLOAD, LOCATION, ours, POD_VOLUME_BACKUP, RESTORE, SERVER_STATUS, scheduleOf, VERSION, type Velero } from './context.ts';
import { targetKey } from './storage.ts';

const DOWNLOAD_MS = 1000;
/** How long it looks for a backup that does not exist. */
const DOWNLOAD_GIVE_UP_MS = 4000;
const EXPIRES_MS = 600_000;
const STATUS_MS = 300;
const STATUS_KEPT_MS = 60_000;
const DELETION_MS = 500;

/** Requests that people make as objects: downloads, deletions, "are you there?". */
export type RequestController = { seen(request: WorldObject): void; started(): void };

export function requestController(velero: Velero): RequestController {
  const seen = (request: WorldObject): void => {
    if (textAt(request, 'status', 'phase') === 'Processed') return;
    if (request.kind === 'DownloadRequest') download(velero, request);
    if (request.kind === 'ServerStatusRequest') serverStatus(velero, request);
    if (request.kind === 'DeleteBackupRequest') velero.after(100, () => deletion(velero, request));
  };
  return {
    seen,
    started() {
      for (const kind of [DOWNLOAD, SERVER_STATUS, DELETION]) for (const request of ours(velero, kind)) seen(request);
    },
  };
}

/** The URL is signed without asking the storage, so it comes even while the storage is away or the file was never written. */
function download(velero: Velero, request: WorldObject): void {
  const { objects, clock, storage } = velero;
  const name = textAt(request, 'spec', 'target', 'name');
  const kind = textAt(request, 'spec', 'target', 'kind');
  const ofRestore = kind.startsWith('Restore');
  const restore = ofRestore ? objects.find(RESTORE, velero.namespace(), name) : undefined;
  const backup = objects.find(BACKUP, velero.namespace(), ofRestore ? textAt(restore, 'spec', 'backupName') : name);
  const key = targetKey(kind, name);
  const expiration = (): string => timestamp(clock.nowMs() + EXPIRES_MS);
  if (key === undefined || (ofRestore ? restore === undefined : backup === undefined)) {
    velero.after(DOWNLOAD_GIVE_UP_MS, () => void change(objects, request, (now) => patchStatus(now, { expiration: expiration() })));
    return;
  }
  const location = textAt(backup, 'spec', 'storageLocation') || 'default';
  velero.after(DOWNLOAD_MS, () => {
    change(objects, request, (now) => patchStatus(now, { downloadURL: storage.sign(location, key), expiration: expiration(), phase: 'Processed' }));
  });
  velero.after(DOWNLOAD_MS + EXPIRES_MS, () => void objects.remove(DOWNLOAD, velero.namespace(), request.metadata.name));
}

function serverStatus(velero: Velero, request: WorldObject): void {
  const { objects, clock } = velero;
  velero.after(STATUS_MS, () => {
    const plugins = [
      { kind: 'ObjectStore', name: 'velero.io/aws' },
      { kind: 'BackupItemAction', name: 'velero.io/pv' },
    ];
    change(objects, request, (now) => patchStatus(now, { phase: 'Processed', processedTimestamp: timestamp(clock.nowMs()), serverVersion: VERSION, plugins }));
  });
  velero.after(STATUS_MS + STATUS_KEPT_MS, () => void objects.remove(SERVER_STATUS, velero.namespace(), request.metadata.name));
}

/** Deletes a backup with its files; the request goes with it. What cannot be deleted is said on the request, which stays. */
function deletion(velero: Velero, request: WorldObject): void {
  const { objects, metrics, plan, storage } = velero;
  const name = textAt(request, 'spec', 'backupName');
  const backup = objects.find(BACKUP, velero.namespace(), name);
  const refuse = (error: string): void => {
    change(objects, request, (now) => patchStatus(now, { phase: 'Processed', errors: [error] }));
  };
  if (backup === undefined) return refuse('backup deletion failed: backup not found');
  const schedule = scheduleOf(backup);
  metrics.count('backup_deletion_attempt_total', schedule);
  const location = textAt(backup, 'spec', 'storageLocation') || 'default';
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  const reason =
    textAt(backup, 'status', 'phase') === 'InProgress'
      ? 'backup is still in progress'
      : home === undefined
        ? `backup storage location ${location} not found`
        : textAt(home, 'spec', 'accessMode') === 'ReadOnly'
          ? `cannot delete backup because backup storage location ${location} is currently in read-only mode`
          : textAt(home, 'status', 'phase') === 'Unavailable' || storage.state(location) !== 'available'
            ? `cannot delete backup because backup storage location ${location} is currently in Unavailable status`
            : plan.deletions === 'failing'
              ? 'error deleting backup from backup storage: rpc error: code = Unknown desc = operation error S3: DeleteObjects, https response error StatusCode: 403, api error AccessDenied: Access Denied'
              : undefined;
  if (reason !== undefined) {
    metrics.count('backup_deletion_failure_total', schedule);
    return refuse(reason);
  }
  change(objects, request, (now) => patchStatus(now, { phase: 'InProgress' }));
  change(objects, backup, (now) => patchStatus(now, { phase: 'Deleting' }));
  velero.after(DELETION_MS, () => {
    storage.removeFolder(location, `backups/${name}/`);
    for (const restore of ours(velero, RESTORE))
      if (textAt(restore, 'spec', 'backupName') === name) objects.remove(RESTORE, velero.namespace(), restore.metadata.name);
    for (const copy of ours(velero, POD_VOLUME_BACKUP)) {
      if (at(copy, 'metadata', 'labels', 'velero.io/backup-name') === name) objects.remove(POD_VOLUME_BACKUP, velero.namespace(), copy.metadata.name);
    }
    objects.remove(BACKUP, velero.namespace(), name);
    metrics.count('backup_deletion_success_total', schedule);
    objects.remove(DELETION, velero.namespace(), request.metadata.name);
  });
}
