/** The API that serves a kind, for kinds that plans name. */
const API_VERSIONS: ReadonlyMap<string, string> = new Map([
  ...['Node', 'Pod', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'Service', 'ConfigMap'].map((kind) => [kind, 'v1'] as const),
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].map((kind) => [kind, 'apps/v1'] as const),
  ...['Job', 'CronJob'].map((kind) => [kind, 'batch/v1'] as const),
  ...['Backup', 'Restore', 'Schedule', 'BackupStorageLocation', 'DeleteBackupRequest', 'BackupRepository'].map((kind) => [kind, 'velero.io/v1'] as const),
]);

/** `v1` for `Node`, `velero.io/v1` for `Backup`; undefined for a kind that no plan of ours names. */
export function apiVersionOf(kind: string): string | undefined {
  return API_VERSIONS.get(kind);
}
