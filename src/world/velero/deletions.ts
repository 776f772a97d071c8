import { at, patchStatus, textAt, type WorldObject, withLabels } from '../object.ts';
import { change } from '../objects.ts';
import { BACKUP, DELETION, LOCATION, ours, POD_VOLUME_BACKUP, RESTORE, scheduleOf, type Velero } from './context.ts';
import { storageError, THREE_TRIES_MS } from './storage.ts';

const DELETION_MS = 500;
const NAME_LABEL = 'velero.io/backup-name';
const UID_LABEL = 'velero.io/backup-uid';
/** While a backup is in one of these phases the server has it in its hands. */
const RUNNING = ['ReadyToStart', 'InProgress', 'Finalizing', 'FinalizingPartiallyFailed', 'WaitingForPluginOperations'];

/** Deletes a backup with its files; its requests go with it. What cannot be deleted is said on the request, which stays. */
export function deletion(velero: Velero, request: WorldObject): void {
  const { objects, metrics } = velero;
  const name = textAt(request, 'spec', 'backupName');
  const backup = objects.find(BACKUP, velero.namespace(), name);
  const end = (errors: readonly string[]): void =>
    void change(objects, request, (now) => patchStatus(now, { phase: 'Processed', ...(errors.length === 0 ? {} : { errors }) }));
  // One request at a time: an older one for the same backup goes.
  for (const other of requestsFor(velero, name))
    if (other.metadata.name !== request.metadata.name) objects.remove(DELETION, velero.namespace(), other.metadata.name);
  const reason = name === '' ? 'spec.backupName is required' : backup === undefined ? 'backup not found' : obstacle(velero, backup);
  if (reason !== undefined || backup === undefined) return end([`backup deletion failed: ${reason ?? 'backup not found'}`]);

  const schedule = scheduleOf(backup);
  const labels = { [NAME_LABEL]: name, [UID_LABEL]: backup.metadata.uid };
  change(objects, request, (now) => patchStatus(withLabels(now, labels), { phase: 'InProgress' }));
  change(objects, backup, (now) => patchStatus(now, { phase: 'Deleting' }));
  metrics.count('backup_deletion_attempt_total', schedule);
  const errors = whyNot(velero, backup);
  // It tries to read the archive, then the list of snapshots.
  velero.after(errors.length > 1 ? 2 * THREE_TRIES_MS : DELETION_MS, () => {
    if (errors.length > 0) {
      metrics.count('backup_deletion_failure_total', schedule);
      return end(errors);
    }
    takeAway(velero, backup);
    metrics.count('backup_deletion_success_total', schedule);
    end([]);
    for (const one of requestsFor(velero, name)) objects.remove(DELETION, velero.namespace(), one.metadata.name);
  });
}

const locationOf = (backup: WorldObject): string => textAt(backup, 'spec', 'storageLocation') || 'default';

function requestsFor(velero: Velero, name: string): readonly WorldObject[] {
  return ours(velero, DELETION).filter((one) => one.metadata.labels?.[NAME_LABEL] === name);
}

/** Why a deletion does not even begin. */
function obstacle(velero: Velero, backup: WorldObject): string | undefined {
  const location = locationOf(backup);
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  if (RUNNING.includes(textAt(backup, 'status', 'phase'))) return 'backup is still in progress';
  if (home === undefined) return `backup storage location ${location} not found`;
  const refusal = `cannot delete backup because backup storage location ${location} is currently in`;
  if (textAt(home, 'spec', 'accessMode') === 'ReadOnly') return `${refusal} read-only mode`;
  return textAt(home, 'status', 'phase') === 'Unavailable' ? `${refusal} Unavailable state` : undefined;
}

/** What goes wrong on the way: the storage is away and nobody noticed yet, or refuses. */
function whyNot({ storage, plan }: Velero, backup: WorldObject): readonly string[] {
  const { name } = backup.metadata;
  const folder = `backups/${name}/${name}`;
  const archive = storageError(storage, locationOf(backup), { name: 'GetObject', key: `${folder}.tar.gz` });
  const snapshots = storageError(storage, locationOf(backup), { name: 'HeadObject', key: `${folder}-volumesnapshots.json.gz` });
  if (archive !== undefined && snapshots !== undefined)
    return [
      `error downloading backup tarball, CSI snapshot cleanup was skipped: error copying Backup to temp file: ${archive}`,
      `error getting backup's volume snapshots: ${snapshots}`,
    ];
  if (plan.deletions !== 'failing') return [];
  return [
    'error removing backup from backup storage: rpc error: code = Unknown desc = operation error S3: DeleteObject, https response error StatusCode: 403, api error AccessDenied: Access Denied',
  ];
}

function takeAway(velero: Velero, backup: WorldObject): void {
  const { objects, storage, namespace } = velero;
  const { name } = backup.metadata;
  storage.remove(locationOf(backup), `backups/${name}`);
  for (const restore of ours(velero, RESTORE)) {
    if (textAt(restore, 'spec', 'backupName') !== name) continue;
    storage.remove(locationOf(backup), `restores/${restore.metadata.name}`);
    objects.remove(RESTORE, namespace(), restore.metadata.name);
  }
  for (const copy of ours(velero, POD_VOLUME_BACKUP))
    if (at(copy, 'metadata', 'labels', NAME_LABEL) === name) objects.remove(POD_VOLUME_BACKUP, namespace(), copy.metadata.name);
  objects.remove(BACKUP, namespace(), name);
}
