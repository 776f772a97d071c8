import { expect, test } from 'vitest';
import { backupVerify } from '../../../handlers/backup-verify.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, schedule } from './velero-objects.ts';

const FRESH = backup('daily-2', { phase: 'Completed' });
const AVAILABLE = location('default', { phase: 'Available' });
const repository = (status: object): KubeObject => ({
  apiVersion: 'velero.io/v1',
  kind: 'BackupRepository',
  metadata: { name: 'shop-kopia', namespace: 'velero' },
  spec: {},
  status,
});
const look = (objects: readonly KubeObject[], params: object = {}) => diagnose(backupVerify, params, plainCluster({ objects }).kube);

test('all is well: nobody is called', async () => {
  expect((await look([AVAILABLE, schedule('daily'), FRESH, repository({ phase: 'Ready' })])).finding).toEqual({
    kind: 'act',
    reason: 'the backups of 1 schedule can be relied on',
  });
});

test('one that cannot be relied on calls somebody, with the command that says why; a person who asks is only told', async () => {
  const objects = [
    AVAILABLE,
    schedule('daily'),
    GOOD_YESTERDAY,
    schedule('weekly', { cron: '0 4 * * 0' }),
    backup('weekly-1', { phase: 'Completed', schedule: 'weekly', agoMs: 100 * HOUR }),
  ];
  const { finding, facts, evidence } = await look(objects);
  expect(finding).toEqual({
    kind: 'hand-over',
    reason: '1 of 2 schedules cannot be relied on; daily: its last good backup is 1d 8h old, and one is due every 1d',
    hints: ['Why, and what gives a fresh one: salvor run backup-stale --param schedule=daily'],
  });
  expect(facts).toEqual({ schedules: 2, bad: ['daily'], odd: [] });
  expect(evidence).toContain('FAILED: daily');
  expect((await look(objects, { page: false })).finding.kind).toBe('act');
});

test('a repository that cannot be opened, or whose maintenance fails, is bad, whatever the backups say', async () => {
  const broken = await look([AVAILABLE, schedule('daily'), FRESH, repository({ phase: 'NotReady', message: 'invalid repository password' })]);
  expect(broken.finding).toMatchObject({
    kind: 'hand-over',
    reason: expect.stringContaining('the repository shop-kopia cannot be opened: invalid repository password'),
  });
  const unkept = await look([
    AVAILABLE,
    schedule('daily'),
    FRESH,
    repository({ phase: 'Ready', recentMaintenance: [{ result: 'Succeeded' }, { result: 'Failed', message: 'lock' }] }),
  ]);
  expect(unkept.finding).toMatchObject({
    kind: 'hand-over',
    reason: expect.stringContaining('the last maintenance of the repository shop-kopia failed: lock'),
  });
});

test('a cluster without Velero is no failure every morning', async () => {
  const { kube } = plainCluster({ objects: [] });
  const without = { ...kube, list: () => Promise.reject(new SalvorError('kube.not-found', 'no such kind')) };
  expect((await diagnose(backupVerify, {}, without)).finding).toEqual({ kind: 'act', reason: 'there is no schedule here: nothing is backed up by one' });
});
