import { describe, expect, test } from 'vitest';
import { backupCreate } from '../../../handlers/backup-create.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { calls, STEP_KEY } from './about.ts';
import { type PlainCluster, plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, NOW, RESTARTED, schedule, volumeCopy } from './velero-objects.ts';

const FAILED = backup('daily-20261121020000', { phase: 'Failed', status: RESTARTED });
const RETRY = { schedule: 'daily', backup: 'daily-20261121020000' };
const NAME = 'daily-retry-3f9a01c2';
const world = (...more: readonly KubeObject[]): PlainCluster => plainCluster({ objects: [schedule('daily'), location(), GOOD_YESTERDAY, FAILED, ...more] });
const ours = (phase: string, status: object = {}): KubeObject =>
  backup(NAME, { phase, agoMs: 600_000, status: { ...status }, annotations: { 'salvor.io/step-key': STEP_KEY } });
const result = { namespace: 'velero', name: NAME, uid: `uid-${NAME}` };

describe('the plan', () => {
  test('is one new Backup with the spec of the template, and says what it counts for', async () => {
    const cluster = world();
    const plan = await calls(backupCreate, RETRY, cluster.kube).plan();
    expect(plan.summary).toBe('Make daily again, once');
    expect(plan.changes).toEqual([
      {
        verb: 'create',
        object: `Backup/velero/${NAME}`,
        to: { labels: { 'velero.io/schedule-name': 'daily' }, spec: { ttl: '720h0m0s', includedNamespaces: ['shop'], storageLocation: 'default' } },
      },
    ]);
    expect(plan.undo).toEqual([]);
    expect(plan.notes?.join('\n')).toContain('The last good one took 4m for 214 items');
    expect(cluster.writes).toEqual([]);
  });

  test('how long it is kept is said where the template says it; a ttl of nothing is none', async () => {
    const notesFor = async (ttl: string) => (await calls(backupCreate, RETRY, world(schedule('daily', { template: { ttl } })).kube).plan()).notes?.join('\n');
    expect(await notesFor('720h0m0s')).toContain('It is kept for 720h0m0s');
    expect(await notesFor('0s')).not.toContain('It is kept for');
  });

  test('shows where the template differs from the backup that failed', async () => {
    const changed = schedule('daily', { template: { ttl: '168h', includedNamespaces: ['shop'], storageLocation: 'default' } });
    const { notes } = await calls(backupCreate, RETRY, world(changed).kube).plan();
    expect(notes).toContain('ttl: "168h" (the failed one had "720h0m0s")');
  });

  test('is void when the template, the storage or the newest backup changes, and not when our own backup appears', async () => {
    const factsOf = async (...more: readonly KubeObject[]) => (await calls(backupCreate, RETRY, world(...more).kube).plan()).facts;
    const before = await factsOf();
    expect(before).toMatchObject({
      location: 'default',
      locationPhase: 'Available',
      locationUid: 'uid-default',
      failed: 'uid-daily-20261121020000',
      newest: 'uid-daily-20261121020000',
    });
    expect(await factsOf(ours('InProgress'))).toEqual(before);
    expect(await factsOf(schedule('daily', { template: { ttl: '1h' } }))).not.toEqual(before);
    expect(await factsOf(location('default', { phase: 'Unavailable' }))).not.toEqual(before);
    expect(await factsOf(backup('daily-20261121093000', { phase: 'InProgress', agoMs: 1000 }))).not.toEqual(before);
  });

  test('for a backup without a schedule is its own spec again', async () => {
    const cluster = plainCluster({
      objects: [location(), backup('before-upgrade', { phase: 'Failed', schedule: '', spec: { includedNamespaces: ['shop'] } })],
    });
    const plan = await calls(backupCreate, { backup: 'before-upgrade' }, cluster.kube).plan();
    expect(plan.changes[0]).toMatchObject({
      object: 'Backup/velero/before-upgrade-retry-3f9a01c2',
      to: { labels: {}, spec: { includedNamespaces: ['shop'] } },
    });
  });

  test('for a schedule alone is a backup by hand, of another name', async () => {
    const plan = await calls(backupCreate, { schedule: 'daily' }, world().kube).plan();
    expect(plan).toMatchObject({ summary: 'Back up daily now', changes: [{ object: 'Backup/velero/daily-run-3f9a01c2' }] });
  });

  test('is refused where there is nothing to make it like', async () => {
    await expect(calls(backupCreate, {}, world().kube).plan()).rejects.toMatchObject({ code: 'request.invalid' });
    await expect(calls(backupCreate, { schedule: 'gone' }, world().kube).plan()).rejects.toMatchObject({ code: 'kube.not-found' });
    await expect(calls(backupCreate, { schedule: 'daily', backup: 'gone' }, world().kube).plan()).rejects.toMatchObject({ code: 'kube.not-found' });
  });
});

describe('making it', () => {
  test('twice under one key makes one backup and gives one answer', async () => {
    const cluster = world();
    const { execute } = calls(backupCreate, RETRY, cluster.kube);
    expect(await execute()).toEqual(result);
    expect(await execute()).toEqual(result);
    expect(cluster.writes).toEqual([`create Backup/velero/${NAME}`]);
    expect(cluster.objects().find(({ metadata }) => metadata.name === NAME)?.metadata).toMatchObject({
      labels: { 'velero.io/schedule-name': 'daily' },
      annotations: { 'salvor.io/step-key': STEP_KEY, 'salvor.io/run': 'run/0123456789abcdef-1' },
    });
  });

  test('adopts its own where the look before missed it', async () => {
    const cluster = world(ours('InProgress'));
    let looks = 0;
    const blind = { ...cluster.kube, find: async (ref: Parameters<typeof cluster.kube.find>[0]) => ((looks += 1) === 1 ? undefined : cluster.kube.find(ref)) };
    expect(await calls(backupCreate, RETRY, blind).execute()).toEqual(result);
    expect(cluster.writes).toEqual([]);
  });

  test('adopts its own also after the schedule is gone', async () => {
    const cluster = plainCluster({ objects: [location(), ours('Completed')] });
    expect(await calls(backupCreate, RETRY, cluster.kube).execute()).toEqual(result);
  });

  test('never adopts what somebody else made under that name', async () => {
    const foreign = backup(NAME, { phase: 'Completed' });
    await expect(calls(backupCreate, RETRY, world(foreign).kube).execute()).rejects.toMatchObject({ code: 'kube.exists', retry: 'never' });
  });

  test('lets other refusals through', async () => {
    const cluster = world();
    const refused = new SalvorError('kube.forbidden', 'no');
    await expect(calls(backupCreate, RETRY, { ...cluster.kube, create: () => Promise.reject(refused) }).execute()).rejects.toBe(refused);
  });
});

describe('watching it', () => {
  test.each([
    ['', {}, { state: 'pending', progress: 'not looked at by Velero yet' }],
    ['InProgress', { progress: { totalItems: 214, itemsBackedUp: 12 } }, { state: 'pending', progress: 'in progress, 12 of 214 items' }],
    ['Completed', {}, { state: 'done' }],
    ['PartiallyFailed', {}, { state: 'done' }],
    ['Failed', RESTARTED, { state: 'failed', reason: expect.stringContaining('because the Velero server restarted while the backup ran') }],
    ['Deleting', {}, { state: 'failed', reason: expect.stringContaining('deleted') }],
  ])('%j', async (phase, status, expected) => {
    expect(await calls(backupCreate, RETRY, world(ours(phase, status)).kube).observe(result)).toEqual(expected);
  });

  test('fails with the reason where the queue of Velero does not move, and waits while anything runs', async () => {
    const queued = ours('Queued', { queuePosition: 1 });
    const other = backup('weekly-1', { phase: 'InProgress', agoMs: HOUR, schedule: 'weekly' });
    expect(await calls(backupCreate, RETRY, world(queued).kube).observe(result)).toEqual({
      state: 'failed',
      reason: `${NAME} is queued at position 1, and no backup has run for 10m: the queue of Velero does not move`,
    });
    expect(await calls(backupCreate, RETRY, world(queued, other).kube).observe(result)).toEqual({ state: 'pending', progress: 'queued at position 1' });
  });

  test('one that somebody deleted, or replaced, failed', async () => {
    expect(await calls(backupCreate, RETRY, world().kube).observe(result)).toMatchObject({ state: 'failed' });
    expect(await calls(backupCreate, RETRY, world(ours('Completed')).kube).observe({ ...result, uid: 'other' })).toMatchObject({ state: 'failed' });
  });
});

describe('proving it', () => {
  const verify = (...more: readonly KubeObject[]) => calls(backupCreate, RETRY, world(...more).kube).verify(result);

  test('a complete one is proven by its items, its volumes and how long it is kept', async () => {
    const verdict = await verify(ours('Completed'));
    expect(verdict).toMatchObject({ ok: true, facts: { backup: NAME, items: 214, volumes: 3, lastGoodItems: 214, expiresAtMs: NOW + 720 * HOUR } });
    expect(verdict.evidence).toEqual([
      `214 items, 3 volumes`,
      `${NAME} Completed in 4m`,
      'the last good one (daily-20261120020000) held 214',
      'kept until 2026-12-21 10:00 UTC',
    ]);
  });

  test('copies of volumes by node agents count as volumes', async () => {
    const copies = [
      volumeCopy('a', NAME, { phase: 'Completed' }),
      volumeCopy('b', NAME, { phase: 'Completed' }),
      volumeCopy('c', 'other', { phase: 'Failed' }),
    ];
    expect(await verify(ours('Completed'), ...copies)).toMatchObject({ ok: true, facts: { volumes: 5 } });
  });

  test.each([
    ['it ended PartiallyFailed', ours('PartiallyFailed', { errors: 2 }), 'ended PartiallyFailed with 2 errors'],
    ['it has errors', ours('Completed', { errors: 1 }), 'Completed with 1 error'],
    ['it holds nothing', ours('Completed', { progress: { totalItems: 0, itemsBackedUp: 0 } }), 'holds nothing'],
    ['it stopped half-way', ours('Completed', { progress: { totalItems: 214, itemsBackedUp: 12 } }), 'holds 12 of 214 items'],
    [
      'it holds far less than the last good one',
      ours('Completed', { progress: { totalItems: 20, itemsBackedUp: 20 } }),
      'holds 20 items, the last good one (daily-20261120020000) held 214',
    ],
    ['a volume is missing', ours('Completed', { csiVolumeSnapshotsCompleted: 2 }), 'holds 2 of 3 volumes'],
    ['it has expired', ours('Completed', { expiration: '2026-11-21T09:00:00Z' }), 'expired at 2026-11-21 09:00 UTC'],
  ])('not where %s', async (_, made, words) => {
    const verdict = await verify(made);
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining(words) });
    expect(verdict.ok === false && verdict.again).toBeFalsy();
  });

  test('not yet while it runs, and not at all where it is gone', async () => {
    expect(await verify(ours('Finalizing'))).toMatchObject({ ok: false, again: true });
    expect(await verify()).toMatchObject({ ok: false, reason: expect.stringContaining('gone') });
  });

  test('fewer items are no matter where another scope was asked for', async () => {
    const narrow = backup(NAME, {
      phase: 'Completed',
      agoMs: 600_000,
      spec: { includedNamespaces: ['tiny'] },
      status: { progress: { totalItems: 5, itemsBackedUp: 5 } },
    });
    expect(await verify(narrow)).toMatchObject({ ok: true });
  });
});

test('there is no rollback, and the reason is told', () => {
  expect(backupCreate.kind === 'remediation' && backupCreate.rollback).toMatchObject({ impossible: expect.stringContaining('stays') });
});
