import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { at, objectAt, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import { setting, veleroObjects } from '../setting.ts';

/** Times and endpoints differ from recording to recording. */
function timeless(status: unknown): unknown {
  return JSON.parse(
    JSON.stringify(status)
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replaceAll(/127\.0\.0\.1:\d+|storage\.prod\.example:9000/g, 'STORAGE')
      .replaceAll(/backups\/[a-z0-9-]+\//g, 'backups/NAME/')
      .replaceAll(/RequestID: [A-Z0-9]*, HostID: [^,]*,/g, 'RequestID: , HostID: ,'),
  );
}

const recorded = (name: string): JsonObject => veleroObjects[name] ?? {};

async function ended(scenario: Scenario, spec: JsonObject = {}, name = 'b1') {
  const set = setting({ namespaces: ['app'], ...scenario });
  await set.makeBackup(name, spec);
  await set.clock.pass(60_000);
  return { ...set, object: await set.backup(name) };
}

describe('a backup', () => {
  test('goes through the phases of Velero 1.18 and ends with the fields that the real one writes', async () => {
    const { clock, port, makeBackup, backup } = setting({ namespaces: ['app'], next: [{ outcome: 'completed', items: 51, takes: '4s' }] });
    const phases: string[] = [];
    const watched = { apiVersion: 'velero.io/v1', kind: 'Backup' };
    port.watch(
      watched,
      { changed: ({ object }) => void phases.push(textAt(JSON.parse(JSON.stringify(object)), 'status', 'phase')) },
      new AbortController().signal,
    );
    await clock.pass(1);
    await makeBackup('good', { includedNamespaces: ['app'], ttl: '720h' });
    await clock.pass(10_000);

    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual(['', 'Queued', 'ReadyToStart', 'InProgress', 'Finalizing', 'Completed']);
    const real = recorded('completed');
    const ours = await backup('good');
    expect(timeless(ours['status'])).toEqual(timeless(real['status']));
    expect(ours['spec']).toEqual(real['spec']);
    expect(at(ours, 'metadata', 'labels')).toEqual(at(real, 'metadata', 'labels'));
    const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...annotations } = objectAt(real, 'metadata', 'annotations');
    expect(at(ours, 'metadata', 'annotations')).toEqual(annotations);
  });

  test('shows its progress while it runs', async () => {
    const { clock, makeBackup, backup } = setting({ next: [{ outcome: 'completed', items: 200, takes: '40s' }] });
    await makeBackup('b1');
    await clock.pass(20_000);
    const halfway = Number(at(await backup('b1'), 'status', 'progress', 'itemsBackedUp'));
    expect(halfway).toBeGreaterThan(60);
    expect(halfway).toBeLessThan(140);
  });

  test('runs alone: a second one waits its turn and is looked at again within a minute', async () => {
    const { clock, makeBackup, backup } = setting({ next: [{ outcome: 'completed', takes: '20s' }] });
    await makeBackup('first');
    await clock.pass(1000);
    await makeBackup('second');
    await clock.pass(1000);
    expect((await backup('second'))['status']).toEqual({ phase: 'Queued', queuePosition: 1 });
    await clock.pass(22_000);
    expect([at(await backup('first'), 'status', 'phase'), at(await backup('second'), 'status', 'phase')]).toEqual(['Completed', 'Queued']);
    await clock.pass(45_000);
    expect(at(await backup('second'), 'status', 'phase')).toBe('Completed');
  });

  test('is woken by a newer one when the way is free', async () => {
    const { clock, makeBackup, backup } = setting({ next: [{ outcome: 'completed', takes: '5s' }] });
    await makeBackup('first');
    await clock.pass(1000);
    await makeBackup('second');
    await clock.pass(8000);
    await makeBackup('third');
    await clock.pass(3000);
    expect(at(await backup('second'), 'status', 'phase')).toBe('Completed');
  });

  test.each<readonly [string, Scenario, string]>([
    ['the storage is away and nobody noticed yet', { next: [{ outcome: 'failed', reason: 'storage-unavailable' }] }, 'storeDown'],
    ['its name is taken', { next: [{ outcome: 'failed', reason: 'name-taken' }] }, 'exists'],
    ['a hook fails', { next: [{ outcome: 'partially-failed', reason: 'hook-failed', items: 5 }] }, 'hookFailed'],
    ['no node agent runs', { next: [{ outcome: 'partially-failed', reason: 'no-node-agent', items: 5 }] }, 'noNodeAgent'],
    ['the server dies', { next: [{ outcome: 'failed', reason: 'server-restarted', takes: '10s' }] }, 'serverKilled'],
  ])('ends as the real one when %s', async (_name, scenario, real) => {
    const { object } = await ended(scenario);
    const { progress: _progress, ...status } = objectAt(object, 'status');
    const { progress: _other, ...wanted } = objectAt(recorded(real), 'status');
    expect(timeless(status)).toEqual(timeless(wanted));
  });

  test('fails by itself while the storage is down and the location still says Available', async () => {
    const { clock, sim, makeBackup, backup } = setting();
    await clock.pass(12_000);
    sim.storageState('default', 'unavailable');
    await makeBackup('whiledown');
    await clock.pass(3500);
    expect(timeless((await backup('whiledown'))['status'])).toEqual(timeless(recorded('storeDown')['status']));
    expect(sim.storage.backups('default')).toEqual([]);
  });

  test('fails when its upload breaks: the storage goes away on the way, or is full', async () => {
    const { clock, sim, makeBackup, backup } = setting({ next: [{ outcome: 'completed', takes: '5s' }] });
    await makeBackup('b1');
    await clock.pass(2000);
    sim.storageState('default', 'full');
    await clock.pass(5000);
    expect((await backup('b1'))['status']).toMatchObject({ phase: 'Failed', failureReason: expect.stringContaining('XMinioStorageFull') });
  });

  test.each<readonly [string, Scenario, JsonObject, string]>([
    ['unknown', {}, { storageLocation: 'nope' }, 'failedValidation'],
    ['unavailable', { storage: { default: 'unavailable' } }, {}, 'locationUnavailable'],
    ['read-only', { storage: { default: 'read-only' } }, {}, 'readOnly'],
  ])('is not valid when its location is %s', async (_name, scenario, spec, real) => {
    const { object } = await ended(scenario, spec);
    const wanted = JSON.parse(JSON.stringify(veleroObjects[real]));
    expect(timeless(object['status'])).toEqual(timeless((Array.isArray(wanted) ? wanted[0] : wanted).status));
  });

  test.each<readonly [number, JsonObject]>([
    [2, { includedNamespaces: ['app'], excludedNamespaces: ['app'] }],
    [3, { labelSelector: { matchLabels: { a: 'b' } }, orLabelSelectors: [{ matchLabels: { c: 'd' } }] }],
  ])('is not valid when its filters contradict each other (%i)', async (index, spec) => {
    const { object } = await ended({}, spec);
    const wanted = JSON.parse(JSON.stringify(veleroObjects['failedValidation']))[index];
    expect(timeless(object['status'])).toEqual(timeless(wanted.status));
  });

  test('of a namespace that is not there is only partial, with one error and no failureReason', async () => {
    const { object } = await ended({}, { includedNamespaces: ['nope'] });
    const wanted = JSON.parse(JSON.stringify(veleroObjects['failedValidation']))[1];
    expect(timeless(object['status'])).toEqual(timeless(wanted.status));
  });

  test('in progress is found by the server when it comes back, a second later', async () => {
    const { clock, sim, makeBackup, backup } = setting({ next: [{ outcome: 'completed', takes: '60s' }] });
    await makeBackup('b1');
    await clock.pass(5000);
    sim.apply({ velero: { server: 'down' } });
    await clock.pass(300_000);
    expect(at(await backup('b1'), 'status', 'phase')).toBe('InProgress');
    sim.apply({ velero: { server: 'up' } });
    await clock.pass(1100);
    expect((await backup('b1'))['status']).toMatchObject({ phase: 'Failed', failureReason: textAt(recorded('serverKilled'), 'status', 'failureReason') });
  });

  test('made while the server is down waits for it', async () => {
    const { clock, sim, makeBackup, backup } = setting({ velero: { server: 'down' } });
    await makeBackup('b1');
    await clock.pass(60_000);
    expect((await backup('b1'))['status']).toBeUndefined();
    sim.apply({ velero: { server: 'up' } });
    await clock.pass(10_000);
    expect(at(await backup('b1'), 'status', 'phase')).toBe('Completed');
  });

  test('can be stuck for ever', async () => {
    const { object } = await ended({ velero: { stuck: true } });
    expect(at(object, 'status', 'phase')).toBe('InProgress');
  });

  test('takes only the outcome that is meant for it', async () => {
    const { clock, makeBackup, backup } = setting({
      next: [
        { outcome: 'failed', name: 'daily-' },
        { outcome: 'completed', items: 7 },
      ],
    });
    await makeBackup('other');
    await clock.pass(5000);
    await makeBackup('daily-retry');
    await clock.pass(5000);
    expect(at(await backup('other'), 'status', 'progress', 'totalItems')).toBe(7);
    expect(at(await backup('daily-retry'), 'status', 'phase')).toBe('Failed');
  });

  test('counts its volumes the way it copies them', async () => {
    const csi = await ended({ next: [{ outcome: 'completed', volumes: 3 }] });
    expect(csi.object['status']).toMatchObject({ csiVolumeSnapshotsAttempted: 3, csiVolumeSnapshotsCompleted: 3 });
    const files = await ended({ next: [{ outcome: 'completed', volumes: { attempted: 2, completed: 1 } }] }, { defaultVolumesToFsBackup: true });
    expect(files.object['status']).not.toHaveProperty('csiVolumeSnapshotsAttempted');
    const copies = await files.access.list({
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeBackup',
      namespace: 'velero',
      labelSelector: 'velero.io/backup-name=b1',
    });
    expect(copies.map((one) => textAt(JSON.parse(JSON.stringify(one)), 'status', 'phase'))).toEqual(['Completed', 'Failed']);
  });
});

describe('a backup that is under way when the world begins', () => {
  const backups = [{ name: 'running', phase: 'InProgress' as const, ago: '5m', items: 30 }];

  test('goes on under the server that ran before, and can come to its end', async () => {
    const { clock, sim, backup } = setting({ backups });
    await clock.pass(60_000);
    const before = await backup('running');
    expect(before['status']).toMatchObject({ phase: 'InProgress', progress: { itemsBackedUp: 10, totalItems: 30 } });
    sim.apply({ backups: [{ name: 'running', phase: 'Completed', items: 30 }] });
    const after = await backup('running');
    expect(after).toMatchObject({
      metadata: { uid: at(before, 'metadata', 'uid') ?? '' },
      status: { phase: 'Completed', startTimestamp: at(before, 'status', 'startTimestamp') ?? '' },
    });
  });

  test('fails when the server starts anew', async () => {
    const { clock, sim, backup } = setting({ backups });
    sim.apply({ velero: { server: 'restarted' } });
    await clock.pass(2000);
    expect(at(await backup('running'), 'status', 'phase')).toBe('Failed');
    const down = setting({ backups, velero: { server: 'down' } });
    down.sim.apply({ velero: { server: 'up' } });
    await down.clock.pass(2000);
    expect(at(await down.backup('running'), 'status', 'phase')).toBe('Failed');
  });
});

describe('a backup of the past', () => {
  test('looks as Velero left it, and its files can be read', async () => {
    const { backup, access, wait } = setting({
      schedules: [{ name: 'daily', template: { includedNamespaces: ['shop'] } }],
      backups: [
        { name: 'daily-1', schedule: 'daily', ago: '26h', items: 214, volumes: 3 },
        { name: 'daily-2', schedule: 'daily', ago: '2h', phase: 'PartiallyFailed', reason: 'hook-failed', log: ['a line of its own'] },
      ],
    });
    expect(await backup('daily-1')).toMatchObject({
      metadata: { creationTimestamp: '2026-11-20T10:00:00Z', labels: { 'velero.io/schedule-name': 'daily', 'velero.io/storage-location': 'default' } },
      spec: { includedNamespaces: ['shop'], storageLocation: 'default' },
      status: { phase: 'Completed', progress: { totalItems: 214, itemsBackedUp: 214 }, csiVolumeSnapshotsCompleted: 3 },
    });
    expect(await backup('daily-2')).toMatchObject({ status: { phase: 'PartiallyFailed', errors: 2, hookStatus: { hooksAttempted: 1, hooksFailed: 1 } } });
    const log = await wait(access.download({ namespace: 'velero', kind: 'BackupLog', name: 'daily-2', limitBytes: 10_000 }));
    expect(log?.text).toContain('a line of its own');
    expect(log?.text).toMatch(/level=error msg="Error executing hook" backup=velero\/daily-2/);
  });

  test('that failed never wrote a file', async () => {
    const { access, wait } = setting({ backups: [{ name: 'b0', phase: 'Failed', reason: 'connection-reset' }] });
    expect(await wait(access.download({ namespace: 'velero', kind: 'BackupLog', name: 'b0', limitBytes: 10 }))).toBeUndefined();
  });
});
