import { expect, test } from 'vitest';
import { backupLetVolumesGo } from '../../../handlers/backup-let-volumes-go.ts';
import { calls } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, dataUpload, HOUR, NOW } from './velero-objects.ts';

const SINCE = new Date(NOW - 2 * HOUR).toISOString();
const RUNNING = backup('daily-2', { phase: 'WaitingForPluginOperations', agoMs: 3 * HOUR });
const stage = (status: object, spec: object = {}) => {
  const cluster = plainCluster({ objects: [RUNNING, dataUpload('m1', 'daily-2', status, spec), dataUpload('m2', 'daily-2', { phase: 'Completed' })] });
  return { ...cluster, ...calls(backupLetVolumesGo, { backup: 'daily-2', moves: ['DataUpload/m1', 'DataUpload/m2', 'PodVolumeBackup/gone'] }, cluster.kube) };
};

test('only what still moves is cancelled, once, and the plan names it', async () => {
  const it = stage({ phase: 'InProgress', startTimestamp: SINCE, node: 'w1', progress: { bytesDone: 0, totalBytes: 2048 } });
  const plan = await it.plan();
  expect(plan).toMatchObject({
    summary: 'Let 1 volume of daily-2 go, so that it ends',
    changes: [{ verb: 'patch', object: 'DataUpload/velero/m1', field: 'spec.cancel', to: true }],
    undo: [],
  });
  expect(plan.notes).toContain('shop/data-pg-0 on w1: InProgress for 2h, 0 B of 2.0 KiB');
  await it.execute();
  await it.execute();
  expect(it.writes).toEqual(['patch DataUpload/velero/m1']);
  expect((await it.plan()).facts).toEqual(plan.facts);
});

test('what somebody has cancelled already is left alone', async () => {
  expect((await stage({ phase: 'InProgress', startTimestamp: SINCE }, { cancel: true }).plan()).changes).toEqual([]);
});

test('it is done when the backup is over, and proven when no volume moves', async () => {
  const it = stage({ phase: 'InProgress', startTimestamp: SINCE });
  const result = { backup: 'daily-2', namespace: 'velero', cancelled: 2 };
  expect(await it.observe(result)).toEqual({ state: 'pending', progress: 'WaitingForPluginOperations' });
  expect(await it.verify(result)).toMatchObject({ ok: false, again: true });
  it.put(dataUpload('m1', 'daily-2', { phase: 'Canceled' }), backup('daily-2', { phase: 'PartiallyFailed', agoMs: 3 * HOUR }));
  expect(await it.observe(result)).toEqual({ state: 'done' });
  expect(await it.verify(result)).toMatchObject({ ok: true, evidence: ['daily-2 ended PartiallyFailed: the queue of Velero moves again'] });
});

test('a name that is no volume move is refused before anything is read', () => {
  expect(() => calls(backupLetVolumesGo, { backup: 'daily-2', moves: ['Pod/x'] }, plainCluster({ objects: [] }).kube)).toThrow(/expected DataUpload/);
});
