import { afterAll, beforeAll, expect, test } from 'vitest';
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
    schedule('daily', { includedNamespaces: ['shop'] }),
    schedule('hourly', { includedNamespaces: ['shop'] }),
    schedule('missing', { includedNamespaces: ['later'] }),
    namespace('fragile'),
    schedule('fragile', { includedNamespaces: ['fragile'] }),
  ]);
});
afterAll(async () => {
  digests.print();
  await cluster?.close();
});

test('a server that was killed in a backup is waited for, and what it left is made again once', { timeout: 240_000 }, async () => {
  backups.storage('freeze');
  await backups.start('daily-tonight', 'daily');
  await backups.when('daily-tonight', ({ phase }) => phase === 'InProgress');
  await cluster.kill('velero');
  backups.storage('thaw');

  const salvor = await openResponder(cluster);
  await salvor.alert(['daily']);
  const waiting = await salvor.run('daily', 'waiting');
  digests.add('the server killed in a backup, and away', 'InProgress', waiting);
  expect(waiting.finding?.reason).toBe('daily-tonight is in progress, but the Velero server does not answer');

  await cluster.start('velero');
  const proposed = await salvor.run('daily', 'proposed');
  const failed = await backups.named('daily-tonight');
  digests.add('the server killed in a backup, and back', phaseText(failed), proposed);
  expect(failed.phase).toBe('Failed');
  expect(proposed.finding?.reason).toMatch(/^daily-tonight ended Failed because the Velero server restarted while the backup ran; /);
  expect(auditedWrites(cluster, SALVOR)).toEqual([]);

  await salvor.api.approve(proposed);
  await salvor.run('daily', 'done');
  const retry = await backups.newest('daily');
  expect(retry).toMatchObject({ phase: 'Completed', name: expect.stringMatching(/^daily-retry-/) });
  expect(auditedWrites(cluster, SALVOR)).toEqual([`create backups/${retry?.name}`]);
});

test('a second try that fails, too, is the last: a person hears what is wrong now', { timeout: 240_000 }, async () => {
  backups.storage('freeze');
  await backups.start('fragile-tonight', 'fragile');
  await backups.when('fragile-tonight', ({ phase }) => phase === 'InProgress');
  await cluster.kill('velero');
  backups.storage('thaw');
  await cluster.start('velero');
  expect((await backups.over('fragile-tonight')).phase).toBe('Failed');

  const salvor = await openResponder(cluster);
  const before = auditedWrites(cluster, SALVOR);
  await salvor.alert(['fragile']);
  const proposed = await salvor.run('fragile', 'proposed');
  await cluster.kubectl(['delete', 'namespace', 'fragile']);
  await salvor.api.approve(proposed);
  const over = await salvor.run('fragile', 'handed-over');
  const retry = await backups.newest('fragile');
  if (retry === undefined) throw new Error('there is no second try');
  digests.add('the second try fails, too', phaseText(retry), over);
  expect(retry).toMatchObject({ phase: 'PartiallyFailed', name: expect.stringMatching(/^fragile-retry-/) });
  expect(over.finding).toMatchObject({
    kind: 'hand-over',
    reason: `${retry.name} was already the second try and ended PartiallyFailed: because it names a namespace that does not exist. It is tried once only`,
    hints: expect.arrayContaining([expect.stringContaining('restore it from the last good backup')]),
  });
  expect(auditedWrites(cluster, SALVOR).slice(before.length)).toEqual([`create backups/${retry.name}`]);
});

test('a backup that waits behind a slow one is waited for, and where it is good, that was it', { timeout: 240_000 }, async () => {
  expect((await backups.make('missing-1', 'missing')).phase).toBe('PartiallyFailed');
  await backups.apply([namespace('later')]);
  backups.storage('freeze');
  await backups.start('hourly-1', 'hourly');
  await backups.when('hourly-1', ({ phase }) => phase === 'InProgress');
  await backups.start('missing-2', 'missing');
  const queued = await backups.when('missing-2', ({ phase }) => phase === 'Queued');

  const salvor = await openResponder(cluster);
  await salvor.alert(['missing']);
  const waiting = await salvor.run('missing', 'waiting');
  digests.add('a backup behind another one, the storage slow', `${queued.phase}, position ${queued.queuePosition}`, waiting);
  expect(waiting.finding?.reason).toBe('missing-2 is queued at position 1: waiting for its end');

  backups.storage('thaw');
  const recovered = await salvor.run('missing', 'recovered');
  digests.add('… and it was good', (await backups.over('missing-2')).phase, recovered);
  expect(recovered.finding?.reason).toMatch(/^missing-2 is newer and Completed/);
});
