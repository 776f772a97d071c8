import { sha256 } from '../../model/digest.ts';
import type { ObjectRef } from '../../model/object.ts';

/**
 * Names that Velero gives to its kinds and labels, and references to its objects.
 * Source  Velero 1.18, pkg/apis/velero/v1 (labels_annotations.go) and pkg/label.
 */
export const VELERO_API = 'velero.io/v1';

export const LABEL = {
  schedule: 'velero.io/schedule-name',
  storage: 'velero.io/storage-location',
  backup: 'velero.io/backup-name',
  backupUid: 'velero.io/backup-uid',
  /** Why the server's own collection of expired backups does not delete one: BSLNotFound, BSLCannotGet, BSLReadOnly. */
  gcFailure: 'velero.io/gc-failure',
} as const;

/** What a step writes on a schedule that it switched. Not the marks of other objects: Velero copies a schedule's annotations to its backups. */
export const SWITCHED = 'salvor.io/schedule-switched';

/** Where Velero lives unless its operator chose otherwise. */
export const DEFAULT_NAMESPACE = 'velero';

const LONGEST_LABEL = 63;
const HASH_LENGTH = 6;

/** A name as a label value: Velero cuts what is over 63 characters and ends it with six digits of the SHA-256 of the whole. */
export function labelValue(name: string): string {
  if (name.length <= LONGEST_LABEL) return name;
  return name.slice(0, LONGEST_LABEL - HASH_LENGTH) + sha256(name).slice(0, HASH_LENGTH);
}

type Query = { readonly apiVersion: string; readonly kind: string; readonly namespace: string; readonly labelSelector?: string };

export const backupRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: VELERO_API, kind: 'Backup', namespace, name });
export const scheduleRef = (namespace: string, name: string): ObjectRef => ({ apiVersion: VELERO_API, kind: 'Schedule', namespace, name });

/** Every backup of a namespace, or of one schedule. */
export function backupsQuery(namespace: string, schedule?: string): Query {
  const query = { apiVersion: VELERO_API, kind: 'Backup', namespace };
  return schedule === undefined ? query : { ...query, labelSelector: `${LABEL.schedule}=${labelValue(schedule)}` };
}

export const schedulesQuery = (namespace: string): Query => ({ apiVersion: VELERO_API, kind: 'Schedule', namespace });
export const locationsQuery = (namespace: string): Query => ({ apiVersion: VELERO_API, kind: 'BackupStorageLocation', namespace });

/** The copies of single volumes that a backup's node agents make. */
export function volumeBackupsQuery(namespace: string, backup: string): Query {
  return { apiVersion: VELERO_API, kind: 'PodVolumeBackup', namespace, labelSelector: `${LABEL.backup}=${labelValue(backup)}` };
}

/** Volumes that are moved to the storage: by the data mover of snapshots, and of file systems. All of a namespace. */
export const DATA_UPLOAD = { apiVersion: 'velero.io/v2alpha1', kind: 'DataUpload' } as const;
export const POD_VOLUME_BACKUP = { apiVersion: VELERO_API, kind: 'PodVolumeBackup' } as const;

/** Requests to delete backups, open or over. */
export const DELETION_REQUEST = { apiVersion: VELERO_API, kind: 'DeleteBackupRequest' } as const;
