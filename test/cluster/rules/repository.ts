import { z } from 'zod';
import type { Cluster } from '../cluster.ts';

export const REPOSITORY = 'shop-default-kopia';

/** What Velero makes itself when it first copies a volume of a namespace: it opens a real repository in the bucket for it. */
export function repository(): object {
  const spec = { volumeNamespace: 'shop', backupStorageLocation: 'default', repositoryType: 'kopia', maintenanceFrequency: '1s' };
  return { apiVersion: 'velero.io/v1', kind: 'BackupRepository', metadata: { name: REPOSITORY, namespace: 'velero' }, spec };
}

/** A quota that was meant for others: the Job that maintains a repository is not made. */
export function forbidJobs(): object {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'no-jobs', namespace: 'velero' }, spec: { hard: { 'count/jobs.batch': '0' } } };
}

const Frequency = z.string().regex(/^\d+s$/);

/** Velero looks every five minutes whether it is due, and at once where the spec changes. */
export async function maintain(cluster: Cluster): Promise<void> {
  const said = await cluster.kubectl(['-n', 'velero', 'get', 'backuprepository', REPOSITORY, '-o', 'jsonpath={.spec.maintenanceFrequency}']);
  const maintenanceFrequency = `${Number.parseInt(Frequency.parse(said), 10) + 1}s`;
  await cluster.kubectl(['-n', 'velero', 'patch', 'backuprepository', REPOSITORY, '--type', 'merge', '-p', JSON.stringify({ spec: { maintenanceFrequency } })]);
}
