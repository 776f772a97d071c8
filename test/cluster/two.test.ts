import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../e2e/stage/until.ts';
import { type Cluster, startCluster } from './cluster.ts';

let lost: Cluster;
let rescue: Cluster;
const phaseOf = (cluster: Cluster, kind: string, name: string): Promise<string> =>
  cluster.kubectl(['-n', 'velero', 'get', kind, name, '-o', 'jsonpath={.status.phase}']);

beforeAll(async () => {
  [lost, rescue] = await Promise.all([startCluster(), startCluster()]);
});
afterAll(async () => {
  await Promise.all([lost.close(), rescue.close()]);
});

test('what one cluster backed up is restored in another, from the storage of the first', async () => {
  await lost.kubectl(['create', 'namespace', 'shop']);
  await lost.kubectl(['-n', 'shop', 'create', 'configmap', 'prices', '--from-literal=tea=3']);
  await lost.kubectl(['-n', 'shop', 'create', 'deployment', 'web', '--image=example.com/web', '--replicas=2']);
  await lost.velero(['backup', 'create', 'nightly', '--include-namespaces', 'shop', '--wait']);
  expect(await phaseOf(lost, 'backup', 'nightly')).toBe('Completed');
  // From here on only its storage is left of it.
  await lost.kill('velero');
  await lost.kill('kube-apiserver');

  const url = lost.env['S3_ENDPOINT'] ?? '';
  const config = `region=us-east-1,s3ForcePathStyle=true,s3Url=${url}`;
  await rescue.velero(`backup-location create lost --provider aws --bucket velero --access-mode ReadOnly --config ${config}`.split(' '));
  await until('the storage is seen', async () => (await phaseOf(rescue, 'backupstoragelocation', 'lost')) === 'Available');
  // Whatever period was asked for, Velero looks for foreign backups once a minute, and when it starts.
  await rescue.start('velero');
  await until('the backup is known', async () => (await phaseOf(rescue, 'backup', 'nightly')) === 'Completed');
  expect(await rescue.kubectl(['get', 'namespaces', '-o', 'name'])).not.toContain('shop');

  await rescue.velero(['restore', 'create', 'back', '--from-backup', 'nightly', '--wait']);
  expect(await phaseOf(rescue, 'restore', 'back')).toBe('Completed');
  expect(await rescue.kubectl(['-n', 'shop', 'get', 'configmap', 'prices', '-o', 'jsonpath={.data.tea}'])).toBe('3');
  await rescue.kubectl(['-n', 'shop', 'rollout', 'status', 'deployment/web', '--timeout=30s']);
  expect(await rescue.kubectl(['-n', 'velero', 'get', 'backup', 'nightly', '-o', 'jsonpath={.spec.storageLocation}'])).toBe('lost');
});
