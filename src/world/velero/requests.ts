import { patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, DELETION, DOWNLOAD, ours, RESTORE, SERVER_STATUS, VERSION, type Velero } from './context.ts';
import { deletion } from './deletions.ts';
import { targetKey } from './storage.ts';

const DOWNLOAD_MS = 1000;
/** How long it looks for a backup that does not exist. */
const DOWNLOAD_GIVE_UP_MS = 4000;
const EXPIRES_MS = 600_000;
const STATUS_MS = 300;
const STATUS_KEPT_MS = 60_000;

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
    velero.after(DOWNLOAD_GIVE_UP_MS + EXPIRES_MS, () => void objects.remove(DOWNLOAD, velero.namespace(), request.metadata.name));
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
