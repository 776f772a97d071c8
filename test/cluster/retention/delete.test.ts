import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditedWrites, SALVOR } from '../audit.ts';
import { type Backups, backupsOf, namespace, pod, schedule } from '../backup-failed/backups.ts';
import { type Cluster, startCluster } from '../cluster.ts';
import { openSalvor } from '../node/people.ts';

let cluster: Cluster;
let backups: Backups;

beforeAll(async () => {
  cluster = await startCluster({ env: { CLUSTER_AUDIT: '1' } });
  backups = backupsOf(cluster);
  await backups.apply([namespace('shop'), pod('shop', 'web'), schedule('daily', { includedNamespaces: ['shop'] })]);
  // One after the other, each a second later than the one before.
  for (const number of [1, 2, 3, 4, 5, 6]) expect((await backups.make(`daily-${number}`, 'daily')).phase).toBe('Completed');
});
afterAll(() => cluster?.close());

const files = (name: string): boolean => existsSync(join(cluster.dir, 's3', 'velero', 'backups', name));
const asked = (): readonly string[] => auditedWrites(cluster, SALVOR).map((line) => line.replace(/-[0-9a-f]{8}$/, '-KEY'));

test('what is in no backup is told by what the newest one really holds', { timeout: 120_000 }, async () => {
  await backups.apply([namespace('bank')]);
  const salvor = await openSalvor(cluster.kubeconfig);
  const id = await salvor.start('ben', 'backup-coverage', { namespaces: 'shop, bank' });
  const done = await salvor.when(id, 'it is told', ({ state }) => state === 'done');
  expect(done.finding?.reason).toBe('of 2 namespaces and 0 volumes 1 namespace is in no backup; bank: no schedule asks for it');
  expect(done.journal.map(({ data }) => JSON.stringify(data)).join('\n')).toMatch(/daily: daily-6 \(Completed\) holds \d+ objects of 1 namespace/);
  expect(asked()).toEqual([]);
  await salvor.close();
});

test('a backup that is named is deleted with its files after two approvals; the newest, one that is held and one that is restored from stay', {
  timeout: 240_000,
}, async () => {
  await cluster.kubectl(['-n', 'velero', 'label', 'backup.velero.io', 'daily-2', 'salvor.io/legal-hold=case-4711']);
  const salvor = await openSalvor(cluster.kubeconfig);
  const deleteOne = (backup: string) => salvor.start('ben', 'backup-delete', { backup, keep: 2 });

  for (const [name, reason] of [
    ['daily-6', 'daily-6 is not deleted: it is the newest good backup of daily'],
    ['daily-5', 'daily-5 is not deleted: it is one of the 2 backups of daily that stay'],
    ['daily-2', 'daily-2 is not deleted: it is under a legal hold (case-4711)'],
  ] as const) {
    const refused = await salvor.when(await deleteOne(name), `${name} is refused`, ({ state }) => state === 'done');
    expect(refused.finding?.reason).toBe(reason);
  }
  await cluster.velero(['restore', 'create', 'shop-beside', '--from-backup', 'daily-4', '--namespace-mappings', 'shop:shop-beside', '--wait']);
  const used = await salvor.when(await deleteOne('daily-4'), 'a used one is refused', ({ state }) => state === 'done');
  expect(used.finding?.reason).toMatch(/^daily-4 is not deleted: the restore shop-beside was made from it/);
  expect(asked()).toEqual([]);

  const id = await deleteOne('daily-1');
  const proposed = await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  expect(proposed.plan?.steps.flatMap(({ changes }) => changes)).toMatchObject([
    { verb: 'create', object: expect.stringMatching(/^DeleteBackupRequest\/velero\/daily-1-[0-9a-f]{8}$/), to: { backup: 'daily-1' } },
  ]);
  await salvor.approve('ana', id, 'daily-1');
  await expect(salvor.approve('ben', id, 'daily-1')).rejects.toThrow(/./);
  expect(files('daily-1')).toBe(true);
  await salvor.approve('cleo', id, 'daily-1');
  const done = await salvor.when(id, 'it is done', ({ state }) => state === 'done');
  expect(done.journal.map(({ data }) => JSON.stringify(data)).join('\n')).toContain('1 backup is gone, files first');
  expect(files('daily-1')).toBe(false);
  expect((await backups.all()).map(({ name }) => name)).not.toContain('daily-1');
  expect(asked()).toEqual(['create deletebackuprequests/daily-1-KEY']);
  expect(await cluster.kubectl(['-n', 'velero', 'get', 'deletebackuprequests.velero.io', '-o', 'name'])).toBe('');
  await salvor.close();
});

test('retention deletes what is too many, one after the other, and what stays is there', { timeout: 240_000 }, async () => {
  const before = asked().length;
  const salvor = await openSalvor(cluster.kubeconfig);
  const id = await salvor.start('ben', 'retention-cleanup', { keep: 2, atMost: 2 });
  const proposed = await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  expect(proposed.finding?.reason).toBe('1 of 5 backups may be deleted');
  expect(proposed.plan?.steps[0]?.notes?.join('\n')).toContain('Of daily 1 backup of 5 go');
  await salvor.approve('ana', id, 'velero');
  await salvor.approve('cleo', id, 'velero');
  await salvor.when(id, 'it is done', ({ state }) => state === 'done');
  expect((await backups.all()).map(({ name }) => name).toSorted()).toEqual(['daily-2', 'daily-4', 'daily-5', 'daily-6']);
  expect(asked().slice(before)).toEqual(['create deletebackuprequests/daily-3-KEY']);
  expect([files('daily-2'), files('daily-3'), files('daily-4')]).toEqual([true, false, true]);
  await salvor.close();
});

test('a storage that became read-only in between deletes nothing, and says why', { timeout: 240_000 }, async () => {
  const salvor = await openSalvor(cluster.kubeconfig);
  await backups.make('daily-7', 'daily');
  const id = await salvor.start('ben', 'backup-delete', { backup: 'daily-5', keep: 2 });
  await salvor.when(id, 'it is proposed', ({ state }) => state === 'proposed');
  await cluster.kubectl(['-n', 'velero', 'patch', 'bsl', 'default', '--type', 'merge', '-p', '{"spec":{"accessMode":"ReadOnly"}}']);
  const before = asked().length;
  await salvor.approve('ana', id, 'daily-5');
  await salvor.approve('cleo', id, 'daily-5').catch(() => undefined);
  const over = await salvor.when(id, 'it is over', ({ endedAt }) => endedAt !== undefined);
  expect(over.finding?.reason).toBe('daily-5 is not deleted: its storage "default" is read-only');
  expect(asked().slice(before)).toEqual([]);
  expect(files('daily-5')).toBe(true);
  await cluster.kubectl(['-n', 'velero', 'patch', 'bsl', 'default', '--type', 'merge', '-p', '{"spec":{"accessMode":"ReadWrite"}}']);
  await salvor.close();
});
