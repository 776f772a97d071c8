import type { Json, JsonObject } from '../../model/json.ts';
import { at, timestamp, type WorldObject } from '../object.ts';
import type { ReadScenario } from '../scenario.ts';
import { POD_VOLUME_BACKUP, type Velero } from './context.ts';

type Asked = NonNullable<ReadScenario['next']>[number]['volumes'];

/** The volumes of one backup: how they are copied, how many were tried and how many worked. */
export type BackupVolumes = { readonly kind: 'csi' | 'native' | 'pod-volume'; readonly attempted: number; readonly completed: number };

/** A bare number is as many volumes that all worked, copied the way the backup's spec asks for. */
export function volumesOf(asked: Asked, spec: Json | undefined): BackupVolumes {
  const usual = at(spec, 'defaultVolumesToFsBackup') === true ? 'pod-volume' : 'csi';
  if (asked === undefined || typeof asked === 'number') return { kind: usual, attempted: asked ?? 0, completed: asked ?? 0 };
  return { kind: asked.kind ?? usual, attempted: asked.attempted, completed: asked.completed ?? asked.attempted };
}

/** The counts in a Backup's status; pod volume backups are objects of their own. */
export function volumeStatus({ kind, attempted, completed }: BackupVolumes): JsonObject {
  if (attempted === 0 || kind === 'pod-volume') return {};
  if (kind === 'native') return { volumeSnapshotsAttempted: attempted, volumeSnapshotsCompleted: completed };
  return { csiVolumeSnapshotsAttempted: attempted, csiVolumeSnapshotsCompleted: completed };
}

/** What a BackupVolumeInfos file holds. */
export function volumeInfos({ kind, attempted, completed }: BackupVolumes, backup: WorldObject): Json {
  const method = { csi: 'CSISnapshot', native: 'NativeSnapshot', 'pod-volume': 'PodVolumeBackup' }[kind];
  return Array.from({ length: attempted }, (_, index) => ({
    pvcName: `data-${index}`,
    pvcNamespace: 'app',
    pvName: `pvc-${backup.metadata.name}-${index}`,
    backupMethod: method,
    snapshotDataMoved: false,
    preserveLocalSnapshot: false,
    skipped: false,
    result: index < completed ? 'succeeded' : 'failed',
    startTimestamp: backup.metadata.creationTimestamp,
  }));
}

/** Makes the PodVolumeBackups of a file system backup. */
export function podVolumeBackups(
  { objects, namespace, clock }: Pick<Velero, 'objects' | 'namespace' | 'clock'>,
  backup: WorldObject,
  { kind, attempted, completed }: BackupVolumes,
): void {
  if (kind !== 'pod-volume') return;
  const now = timestamp(clock.nowMs());
  for (let index = 0; index < attempted; index += 1) {
    const name = `${backup.metadata.name}-${index}`;
    if (objects.find(POD_VOLUME_BACKUP, namespace(), name)) continue;
    const works = index < completed;
    objects.insert(POD_VOLUME_BACKUP, {
      metadata: {
        name,
        namespace: namespace(),
        labels: { 'velero.io/backup-name': backup.metadata.name, 'velero.io/backup-uid': backup.metadata.uid },
        ownerReferences: [{ apiVersion: backup.apiVersion, kind: backup.kind, name: backup.metadata.name, uid: backup.metadata.uid, controller: true }],
      },
      spec: { node: 'w1', pod: { kind: 'Pod', namespace: 'app', name: `app-${index}` }, volume: 'data', uploaderType: 'kopia' },
      status: {
        phase: works ? 'Completed' : 'Failed',
        startTimestamp: backup.metadata.creationTimestamp,
        completionTimestamp: now,
        ...(works
          ? { snapshotID: `k${index}`, progress: { totalBytes: 1_048_576, bytesDone: 1_048_576 } }
          : { message: 'daemonset pod not found in running state in node w2' }),
      },
    });
  }
}
