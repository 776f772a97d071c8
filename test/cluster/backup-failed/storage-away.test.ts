import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../e2e/stage/until.ts';
import { auditedWrites, SALVOR } from '../audit.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { type Backups, backupsOf, namespace, schedule } from './backups.ts';
import { digestTable, phaseText } from './digests.ts';
import { openResponder } from './responder.ts';

let cluster: Cluster;
let backups: Backups;
const digests = digestTable();

beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  backups = backupsOf(cluster);
  await backups.apply([
    namespace('shop'),
    schedule('daily', { includedNamespaces: ['shop'], ttl: '720h0m0s' }),
    schedule('weekly', { includedNamespaces: ['shop'], ttl: '2160h0m0s' }),
  ]);
  await backups.ballast('shop', 30);
});
afterAll(async () => {
  digests.print();
  await cluster?.close();
});

test('a storage that stopped before the backup is waited for; when it is back, one approval makes the backup again, once', { timeout: 240_000 }, async () => {
  const before = await backups.make('daily-before', 'daily');
  expect(before.phase).toBe('Completed');
  await cluster.kill('versitygw');
  const failed = await backups.make('daily-tonight', 'daily');
  expect(failed.phase).toBe('Failed');
  await backups.location('default', 'Unavailable');

  const salvor = await openResponder(cluster);
  await salvor.alert(['daily']);
  const waiting = await salvor.run('daily', 'waiting');
  digests.add('S3 stopped before the backup', phaseText(failed), waiting);
  expect(waiting.finding?.reason).toMatch(/^storage "default" is unavailable since \d{4}-.* UTC: .*connection refused/);
  expect(waiting.plan).toBeUndefined();
  expect(auditedWrites(cluster, SALVOR)).toEqual([]);

  await cluster.start('versitygw');
  const proposed = await salvor.run('daily', 'proposed');
  digests.add('… and S3 is back', phaseText(failed), proposed);
  expect(proposed.finding).toMatchObject({ kind: 'act', reason: expect.stringMatching(/^daily-tonight ended Failed because the storage did not answer/) });
  const [change] = proposed.plan?.steps.flatMap(({ changes }) => changes) ?? [];
  expect(change).toMatchObject({ verb: 'create', object: expect.stringMatching(/^Backup\/velero\/daily-retry-[0-9a-f]{8}$/) });
  expect(auditedWrites(cluster, SALVOR)).toEqual([]);

  await salvor.api.approve(proposed);
  const done = await salvor.run('daily', 'done');
  const retry = await backups.newest('daily');
  expect(auditedWrites(cluster, SALVOR)).toEqual([`create backups/${retry?.name}`]);
  expect(`Backup/velero/${retry?.name}`).toBe(change?.object);
  expect(retry).toMatchObject({
    phase: 'Completed',
    items: before.items,
    errors: 0,
    spec: expect.objectContaining({ includedNamespaces: ['shop'], ttl: '720h0m0s' }),
  });
  expect(await backups.metric('velero_backup_success_total', 'daily')).toBe(2);
  expect(await backups.metric('velero_backup_failure_total', 'daily')).toBe(1);
  const told = await salvor.told(done);
  expect(told).toContainEqual(expect.stringMatching(new RegExp(`^Verified: ${before.items.total} items, .*${retry?.name} Completed`)));

  await salvor.alert(['daily'], 'resolved');
  const closed = await salvor.api.untilIncident('closed');
  const report = await salvor.api.report(closed.id, 'md');
  for (const named of ['daily-tonight', retry?.name ?? '?', 'ana']) expect(report).toContain(named);
});

test('a storage that stops while the backup is uploaded fails it, and a second try makes it', { timeout: 240_000 }, async () => {
  await backups.location('default', 'Available');
  await backups.start('weekly-tonight', 'weekly');
  // Velero uploads the log first; the content, 20 MB of it, is on its way then.
  const log = join(cluster.dir, 's3', 'velero', 'backups', 'weekly-tonight', 'weekly-tonight-logs.gz');
  await until('the upload has begun', () => existsSync(log), { everyMs: 2 });
  backups.storage('freeze');
  await cluster.kill('versitygw');
  const failed = await backups.over('weekly-tonight');
  await cluster.start('versitygw');
  await backups.location('default', 'Available');

  const salvor = await openResponder(cluster);
  await salvor.alert(['weekly']);
  const proposed = await salvor.run('weekly', 'proposed');
  digests.add('S3 stopped during the backup', phaseText(failed), proposed);
  expect(proposed.finding?.reason).toContain('because the storage did not answer');
  await salvor.api.approve(proposed);
  await salvor.run('weekly', 'done');
  expect(await backups.newest('weekly')).toMatchObject({ phase: 'Completed', name: expect.stringMatching(/^weekly-retry-/) });
});
