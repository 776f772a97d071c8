import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { at, objectAt, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import { asJson, setting, veleroMetricsText, veleroObjects } from '../setting.ts';

const velero = { apiVersion: 'velero.io/v1', namespace: 'velero' } as const;

function withVelero(scenario: Scenario = {}) {
  const set = setting(scenario);
  const read = async (kind: string, name: string): Promise<JsonObject> => asJson((await set.access.find({ ...velero, kind, name })) ?? {});
  const names = async (kind: string): Promise<readonly string[]> => (await set.access.list({ ...velero, kind })).map(({ metadata }) => metadata.name);
  const make = (kind: string, name: string, spec: JsonObject) => set.access.create({ ...velero, kind, metadata: { name, namespace: 'velero' }, spec });
  return { ...set, read, names, make };
}

describe('a backup location', () => {
  test('is looked at every ten seconds, and says the real words when the storage is away and when it is back', async () => {
    const { clock, sim, read } = withVelero();
    await clock.pass(10_500);
    expect((await read('BackupStorageLocation', 'default'))['status']).toMatchObject({ phase: 'Available', lastValidationTime: '2026-11-21T12:00:10Z' });
    sim.storageState('default', 'unavailable');
    await clock.pass(13_500);
    const status = (await read('BackupStorageLocation', 'default'))['status'];
    const real = textAt(veleroObjects['bslUnavailable'], 'status', 'message').replaceAll('127.0.0.1:21732', 'storage.prod.example:9000');
    expect(status).toMatchObject({ phase: 'Unavailable', message: real });
    sim.storageState('default', 'available');
    await clock.pass(11_000);
    const back = await read('BackupStorageLocation', 'default');
    expect([at(back, 'status', 'phase'), at(back, 'status', 'message')]).toEqual(['Available', undefined]);
  });

  test('on a bucket that is not there says so', async () => {
    const { clock, read } = withVelero({ storage: { default: 'available', 'wrong-bucket': 'wrong-bucket' } });
    await clock.pass(1000);
    const real = textAt(veleroObjects['bslWrongBucket'], 'status', 'message').replace(/RequestID: .*?, HostID: .*?,/, '');
    expect(textAt(await read('BackupStorageLocation', 'wrong-bucket'), 'status', 'message').replace(/RequestID: .*?, HostID: .*?,/, '')).toBe(real);
  });

  test('brings back what is in its bucket, and lets go of finished backups whose files are gone', async () => {
    const { clock, access, sim, names, read } = withVelero({
      backups: [{ name: 'kept' }, { name: 'lost', files: 'missing' }, { name: 'failed', phase: 'Failed' }],
    });
    const kept = await read('Backup', 'kept');
    await access.delete({ ...velero, kind: 'Backup', name: 'kept' }, { uid: textAt(kept, 'metadata', 'uid') });
    expect(await names('Backup')).toEqual(['failed', 'lost']);
    await clock.pass(61_000);
    expect(await names('Backup')).toEqual(['failed', 'kept']);
    expect(at(await read('Backup', 'kept'), 'status', 'phase')).toBe('Completed');
    expect(sim.writes()).toEqual(['delete Backup/velero/kept']);
  });
});

describe('backups past their time', () => {
  test('are deleted within an hour, or labelled with what is in the way', async () => {
    const old = [{ name: 'old', ago: '48h', ttl: '24h' }, { name: 'new' }];
    const works = withVelero({ backups: old });
    await works.clock.pass(3_700_000);
    expect([await works.names('Backup'), works.sim.storage.backups('default'), await works.names('DeleteBackupRequest')]).toEqual([['new'], ['new'], []]);
    const stuck = withVelero({ backups: old, storage: { default: 'read-only' } });
    await stuck.clock.pass(3_700_000);
    expect(at(await stuck.read('Backup', 'old'), 'metadata', 'labels', 'velero.io/gc-failure')).toBe('BSLReadOnly');
    expect(at(await stuck.read('Backup', 'new'), 'metadata', 'labels', 'velero.io/gc-failure')).toBeUndefined();
  });
});

describe('a schedule', () => {
  test('makes a backup when its cron comes round, named and labelled as the real one, within a minute', async () => {
    const { clock, names, read } = withVelero({
      schedules: [{ name: 'daily', cron: '30 12 * * *', template: { includedNamespaces: ['shop'], ttl: '24h0m0s' }, labels: { team: 'shop' } }],
    });
    await clock.pass(29 * 60_000);
    expect(await names('Backup')).toEqual([]);
    await clock.pass(2 * 60_000);
    const [name = ''] = await names('Backup');
    expect(name).toMatch(/^daily-20261121123\d\d\d$/);
    const made = await read('Backup', name);
    expect(made).toMatchObject({
      metadata: { labels: { 'velero.io/schedule-name': 'daily', team: 'shop' } },
      spec: { includedNamespaces: ['shop'], ttl: '24h0m0s' },
    });
    expect(at(made, 'metadata', 'ownerReferences')).toBeUndefined();
    expect(textAt(await read('Schedule', 'daily'), 'status', 'lastBackup')).toBe(textAt(made, 'metadata', 'creationTimestamp'));
  });

  test('does nothing while it is paused, while its last backup runs, or while the server is down', async () => {
    const paused = withVelero({ schedules: [{ name: 'daily', cron: '* * * * *', paused: true }] });
    await paused.clock.pass(600_000);
    expect(await paused.names('Backup')).toEqual([]);
    paused.sim.apply({ schedules: [{ name: 'daily', paused: false }] });
    await paused.clock.pass(1000);
    // What it missed, it makes up for at once.
    expect(await paused.names('Backup')).toHaveLength(1);
    const busy = withVelero({ schedules: [{ name: 'daily', cron: '* * * * *' }], next: [{ outcome: 'stuck' }] });
    await busy.clock.pass(600_000);
    expect(await busy.names('Backup')).toHaveLength(1);
    const down = withVelero({ schedules: [{ name: 'daily', cron: '* * * * *' }], velero: { server: 'down' } });
    await down.clock.pass(600_000);
    expect(await down.names('Backup')).toEqual([]);
  });

  test('that is no cron fails its validation with the real words; paused from the start it has no status', async () => {
    const { clock, make, read } = withVelero();
    await make('Schedule', 'bad', { schedule: 'not cron', template: {} });
    await make('Schedule', 'quiet', { schedule: '* * * * *', paused: true, template: {} });
    await clock.pass(1000);
    const [bad] = JSON.parse(JSON.stringify(veleroObjects['schedules']));
    expect((await read('Schedule', 'bad'))['status']).toEqual(bad.status);
    expect((await read('Schedule', 'quiet'))['status']).toBeUndefined();
  });
});

describe('requests', () => {
  test('for a download get a signed URL in about a second, also while the storage is away', async () => {
    const { clock, make, read, sim, access, wait } = withVelero({ backups: [{ name: 'good', items: 1 }] });
    sim.storageState('default', 'unavailable');
    await make('DownloadRequest', 'd1', { target: { kind: 'BackupLog', name: 'good' } });
    await clock.pass(1100);
    expect((await read('DownloadRequest', 'd1'))['status']).toMatchObject({
      phase: 'Processed',
      expiration: '2026-11-21T12:10:01Z',
      downloadURL: expect.stringMatching(
        /\/velero\/backups\/good\/good-logs\.gz\?X-Amz-Algorithm=AWS4-HMAC-SHA256&.*X-Amz-Expires=600&.*X-Amz-Signature=[0-9a-f]{64}$/,
      ),
    });
    await expect(wait(access.download({ namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 10 }))).rejects.toMatchObject({
      code: 'storage.unavailable',
      retry: 'later',
    });
    await clock.pass(600_000);
    expect(await read('DownloadRequest', 'd1')).toEqual({});
  });

  test('for a download of a backup that nobody knows get only an expiration', async () => {
    const { clock, make, read } = withVelero();
    await make('DownloadRequest', 'd1', { target: { kind: 'BackupLog', name: 'nope' } });
    await clock.pass(5000);
    expect(Object.keys((await read('DownloadRequest', 'd1'))['status'] ?? {})).toEqual(Object.keys(veleroObjects['missingBackupDownload']?.['status'] ?? {}));
  });

  test.each<readonly [NonNullable<Scenario['velero']>['downloads'], string]>([
    ['truncated', 'kube.invalid'],
    ['expired', 'storage.unavailable'],
    ['slow', 'storage.unavailable'],
  ])('whose download is %s end in %s', async (downloads, code) => {
    const { access, wait } = withVelero({ backups: [{ name: 'good' }], velero: { downloads } });
    await expect(wait(access.download({ namespace: 'velero', kind: 'BackupResults', name: 'good', limitBytes: 1000 }))).rejects.toMatchObject({ code });
  });

  test('for a huge download are cut at the limit, for a missing one say so', async () => {
    const huge = withVelero({ backups: [{ name: 'good' }], velero: { downloads: 'huge' } });
    expect(await huge.wait(huge.access.download({ namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 500 }))).toMatchObject({
      cut: true,
      text: expect.stringMatching(/^[\s\S]{500}$/),
    });
    const missing = withVelero({ backups: [{ name: 'good' }], velero: { downloads: 'missing' } });
    expect(await missing.wait(missing.access.download({ namespace: 'velero', kind: 'BackupLog', name: 'good', limitBytes: 500 }))).toBeUndefined();
  });

  test('leave nothing behind and are no writes', async () => {
    const { access, wait, names, sim } = withVelero({ backups: [{ name: 'good' }] });
    await wait(access.download({ namespace: 'velero', kind: 'BackupResourceList', name: 'good', limitBytes: 1000 }));
    expect(await wait(access.veleroServer({ namespace: 'velero', withinMs: 10_000 }))).toEqual({ version: 'v1.18.3' });
    expect([await names('DownloadRequest'), await names('ServerStatusRequest'), sim.writes()]).toEqual([[], [], []]);
    expect(sim.probes()).toHaveLength(4);
  });

  test('get no answer from a server that is down', async () => {
    const { access, wait, names } = withVelero({ velero: { server: 'down' } });
    expect(await wait(access.veleroServer({ namespace: 'velero', withinMs: 10_000 }))).toBeUndefined();
    expect(await names('ServerStatusRequest')).toEqual([]);
  });

  test('to delete a backup take its files along and go with it; what cannot be deleted is said on the request', async () => {
    const { clock, make, read, names, sim } = withVelero({ backups: [{ name: 'old' }] });
    await make('DeleteBackupRequest', 'r1', { backupName: 'old' });
    await make('DeleteBackupRequest', 'r2', { backupName: 'nope' });
    await clock.pass(2000);
    expect([await names('Backup'), await names('DeleteBackupRequest'), sim.storage.backups('default')]).toEqual([[], ['r2'], []]);
    expect((await read('DeleteBackupRequest', 'r2'))['status']).toEqual({ phase: 'Processed', errors: ['backup deletion failed: backup not found'] });
  });
});

describe('a restore', () => {
  const pods = [{ name: 'app/web-0', node: 'w1' }];
  const objects = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'app' }, data: { a: '1' } }];

  test('brings a namespace back under another name, and its pods run', async () => {
    const { clock, make, read, access } = withVelero({ pods, objects, backups: [{ name: 'good', namespaces: ['app'] }] });
    await make('Restore', 'mapped', { backupName: 'good', namespaceMapping: { app: 'app2' } });
    await clock.pass(10_000);
    const restore = await read('Restore', 'mapped');
    expect(restore).toMatchObject({
      metadata: { finalizers: ['restores.velero.io/external-resources-finalizer'] },
      status: { phase: 'Completed', hookStatus: {} },
    });
    expect(at(restore, 'spec', 'excludedResources')).toEqual(at(veleroObjects['restoreCompleted'], 'spec', 'excludedResources'));
    expect(await access.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app2', name: 'cfg' })).toMatchObject({
      data: { a: '1' },
      metadata: { labels: { 'velero.io/restore-name': 'mapped', 'velero.io/backup-name': 'good' } },
    });
    expect(await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'app2', name: 'web-0' })).toMatchObject({
      status: { phase: 'Running' },
      spec: { nodeName: expect.stringMatching(/^w/) },
    });
  });

  test('leaves what exists and says so, or patches it when it is told to', async () => {
    const { clock, make, read, sim, access, wait } = withVelero({ objects, backups: [{ name: 'good', namespaces: ['app'] }] });
    sim.apply({ objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cfg', namespace: 'app' }, data: { a: '2' } }] });
    const data = async (): Promise<unknown> => (await access.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', name: 'cfg' }))['data'];
    await make('Restore', 'none', { backupName: 'good' });
    await clock.pass(5000);
    expect(await read('Restore', 'none')).toMatchObject({ status: { phase: 'Completed', warnings: 1 } });
    expect(await data()).toEqual({ a: '2' });
    const results = await wait(access.download({ namespace: 'velero', kind: 'RestoreResults', name: 'none', limitBytes: 10_000 }));
    expect(JSON.parse(results?.text ?? '')).toEqual({
      errors: {},
      warnings: {
        namespaces: { app: ['could not restore, ConfigMap:cfg already exists. Warning: the in-cluster version is different than the backed-up version'] },
      },
    });
    await make('Restore', 'update', { backupName: 'good', existingResourcePolicy: 'update' });
    await clock.pass(5000);
    expect(await data()).toEqual({ a: '1' });
  });

  test.each<readonly [string, Scenario, JsonObject, object]>([
    [
      'an unknown backup',
      {},
      { backupName: 'nope' },
      { phase: 'FailedValidation', validationErrors: [`Error retrieving backup: can't find backup velero/nope: Backup.velero.io "nope" not found`] },
    ],
    [
      'an unknown policy',
      { backups: [{ name: 'good' }] },
      { backupName: 'good', existingResourcePolicy: 'replace' },
      { phase: 'FailedValidation', validationErrors: ['Invalid ExistingResourcePolicy: replace'] },
    ],
    [
      'a storage that is away',
      { backups: [{ name: 'good' }], storage: { default: 'unavailable' } },
      { backupName: 'good' },
      objectAt(veleroObjects['restoreStoreDown'], 'status'),
    ],
    [
      'files that are gone',
      { backups: [{ name: 'notar', files: 'missing' }] },
      { backupName: 'notar' },
      {
        phase: 'Failed',
        failureReason: expect.stringMatching(
          /^restore execution failed: error downloading backup: .*notar\.tar\.gz.* StatusCode: 404, .*NoSuchKey: The specified key does not exist\.$/,
        ),
      },
    ],
  ])('with %s ends with the real words', async (_name, scenario, spec, status) => {
    const { clock, make, read } = withVelero(scenario);
    await make('Restore', 'r', spec);
    await clock.pass(5000);
    expect((await read('Restore', 'r'))['status']).toMatchObject(status);
  });

  test('by a schedule takes its newest complete backup', async () => {
    const { clock, make, read } = withVelero({
      schedules: [{ name: 'daily' }],
      backups: [
        { name: 'daily-1', schedule: 'daily', ago: '30h' },
        { name: 'daily-2', schedule: 'daily', ago: '6h' },
        { name: 'daily-3', schedule: 'daily', ago: '1h', phase: 'PartiallyFailed' },
      ],
    });
    await make('Restore', 'r', { scheduleName: 'daily' });
    await clock.pass(5000);
    expect(at(await read('Restore', 'r'), 'spec', 'backupName')).toBe('daily-2');
  });

  test('in progress is failed by the server that comes back', async () => {
    const { clock, make, read, sim } = withVelero({ backups: [{ name: 'good' }], nextRestores: [{ outcome: 'completed', takes: '60s' }] });
    await make('Restore', 'r', { backupName: 'good' });
    await clock.pass(5000);
    sim.apply({ velero: { server: 'restarted' } });
    await clock.pass(2000);
    expect((await read('Restore', 'r'))['status']).toMatchObject({
      phase: 'Failed',
      failureReason: at(veleroObjects['restoreServerKilled'], 'status', 'failureReason'),
    });
  });
});

describe('metrics', () => {
  const families = (text: string): readonly string[] => text.split('\n').filter((line) => line.startsWith('# '));
  const series = (text: string): readonly string[] => [
    ...new Set(
      text
        .split('\n')
        .filter((line) => line.startsWith('velero_'))
        .map((line) => line.replace(/ .*$/, '').replaceAll('"nightly"', '"daily"')),
    ),
  ];

  test('have the names, help texts, types, labels and order of the real server', async () => {
    const { clock, sim, makeBackup } = withVelero({ schedules: [{ name: 'daily' }] });
    await makeBackup('b1');
    await clock.pass(10_000);
    expect(families(sim.veleroMetrics.text())).toEqual(families(veleroMetricsText));
    expect(series(sim.veleroMetrics.text())).toEqual(series(veleroMetricsText));
  });

  test('count as the real server does: validation failures apart, and from 0 after a restart', async () => {
    const { clock, sim, makeBackup } = withVelero({ next: [{ outcome: 'partially-failed' }] });
    const value = (name: string): number | undefined => sim.veleroMetrics.samples().find((sample) => sample.name === `velero_${name}`)?.value;
    await makeBackup('b1');
    await clock.pass(10_000);
    await makeBackup('b2', { storageLocation: 'nope' });
    await clock.pass(10_000);
    const total = (): number | undefined => value('backup_total');
    // The objects are counted once a minute.
    expect(total()).toBe(0);
    await clock.pass(60_000);
    const counted = [
      'backup_attempt_total',
      'backup_partial_failure_total',
      'backup_failure_total',
      'backup_validation_failure_total',
      'backup_last_status',
      'backup_total',
    ];
    expect(counted.map(value)).toEqual([1, 1, 0, 1, 0, 2]);
    sim.apply({ velero: { server: 'restarted' } });
    await clock.pass(2000);
    expect(counted.map(value)).toEqual([0, 0, 0, 0, 1, 0]);
    await clock.pass(5000);
    expect(total()).toBe(2);
  });

  test('answer a plain query, by labels, and other queries as the scenario says', async () => {
    const { access } = withVelero({ schedules: [{ name: 'daily' }], metrics: [{ query: 'up{job="x"}', samples: [{ labels: { a: 'b' }, value: 1 }] }] });
    expect(await access.metrics('velero_backup_attempt_total', { schedule: 'daily' })).toMatchObject([{ labels: { schedule: 'daily' }, value: 0 }]);
    expect(await access.metrics('up{job="x"}')).toMatchObject([{ labels: { a: 'b' }, value: 1 }]);
    expect(await access.metrics('down')).toEqual([]);
  });
});
