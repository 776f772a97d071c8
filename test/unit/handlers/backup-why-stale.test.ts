import { describe, expect, test } from 'vitest';
import { backupFindStale } from '../../../handlers/backup-find-stale.ts';
import { backupWhyStale } from '../../../handlers/backup-why-stale.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose, find } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { backup, dataUpload, GOOD_YESTERDAY, HOUR, location, MINUTE, NOW, schedule } from './velero-objects.ts';

const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
const AVAILABLE = location('default', { phase: 'Available' });
/** Last made the day before yesterday, at two. */
const OVERDUE = { phase: 'Enabled', lastBackup: iso(32 * HOUR) };
const daily = (rest: Parameters<typeof schedule>[1] = {}) => schedule('daily', { status: OVERDUE, ...rest });

const look = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}) =>
  diagnose(backupWhyStale, { schedule: 'daily' }, plainCluster({ objects: [AVAILABLE, ...objects], ...rest }).kube);

describe('why there is no fresh backup', () => {
  test('it is paused, and would make up for what passed at once', async () => {
    const { finding, facts, measured, evidence } = await look([daily({ paused: true }), GOOD_YESTERDAY]);
    expect(finding).toEqual({ kind: 'act', reason: 'the schedule daily is paused, and its last good backup is 1d 8h old, and one is due every 1d' });
    expect(facts).toMatchObject({ cause: 'paused', remedy: 'resume', ageMs: 32 * HOUR, intervalMs: 24 * HOUR, paused: true });
    expect(measured).toEqual({ factTimeMs: NOW - 8 * HOUR, recoveryPointMs: NOW - 32 * HOUR });
    expect(evidence).toContain('daily: 0 2 * * *, every 1d, paused: it starts none');
  });

  test('it is paused, and would skip what passed: a backup is made, too', async () => {
    const skips = daily({ paused: true });
    const object = { ...skips, spec: { schedule: '0 2 * * *', paused: true, skipImmediately: true, template: {} } };
    expect((await look([object, GOOD_YESTERDAY])).facts).toMatchObject({ cause: 'paused', remedy: 'resume-and-run' });
  });

  test('Velero let its time pass', async () => {
    const { finding, facts } = await look([daily(), GOOD_YESTERDAY]);
    expect(finding).toMatchObject({
      kind: 'act',
      reason: expect.stringMatching(/^Velero let the time of daily at 2026-11-21 02:00 UTC pass without a backup; its last good/),
    });
    expect(facts).toMatchObject({ cause: 'missed', remedy: 'run' });
  });

  test('it was told to skip', async () => {
    const { facts } = await look([daily({ status: { ...OVERDUE, lastSkipped: iso(HOUR) } }), GOOD_YESTERDAY]);
    expect(facts).toMatchObject({ cause: 'skipped', remedy: 'run' });
  });

  test('what it made is gone', async () => {
    const { finding, facts } = await look([daily({ status: { phase: 'Enabled', lastBackup: iso(8 * HOUR) } })]);
    expect(facts).toMatchObject({ cause: 'gone', remedy: 'run' });
    expect(finding.reason).toBe(
      'the backup that daily made at 2026-11-21 02:00 UTC is gone: it expired, or somebody deleted it; it has no good backup at all, and one is due every 1d',
    );
  });

  test('a clock was wrong', async () => {
    const { finding, facts } = await look([daily({ status: { phase: 'Enabled', lastBackup: iso(-9 * HOUR) } }), GOOD_YESTERDAY]);
    expect(facts).toMatchObject({ cause: 'clock', remedy: 'run' });
    expect(finding.reason).toContain('2026-11-21 19:00 UTC, which has not come yet');
  });

  test('its next time is minutes away: that one is waited for', async () => {
    const at1005 = daily({ cron: '5 10 * * *', status: { phase: 'Enabled', lastBackup: iso(24 * HOUR - 5 * MINUTE) } });
    const { finding, facts } = await look([at1005, backup('daily-1', { phase: 'Completed', agoMs: 71 * HOUR })]);
    expect(finding.kind).toBe('wait');
    expect(facts).toMatchObject({ cause: 'due', remedy: undefined });
  });

  test('Velero refuses the schedule', async () => {
    const { finding } = await look([daily({ status: { phase: 'FailedValidation', validationErrors: ['invalid schedule'] } }), GOOD_YESTERDAY]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: 'Velero refuses the schedule daily: invalid schedule' });
  });

  test('the storage is away, read-only, or missing', async () => {
    const kinds = await Promise.all(
      [
        [location('default', { phase: 'Unavailable', message: 'connection refused' })],
        [location('default', { phase: 'Available' }, { accessMode: 'ReadOnly' })],
        [],
      ].map(async (where) => {
        const { kube } = plainCluster({ objects: [...where, daily({ template: { storageLocation: 'default' } }), GOOD_YESTERDAY] });
        const { finding, facts } = await diagnose(backupWhyStale, { schedule: 'daily' }, kube);
        return [facts['cause'], finding.kind];
      }),
    );
    expect(kinds).toEqual([
      ['storage', 'wait'],
      ['storage', 'hand-over'],
      ['storage', 'hand-over'],
    ]);
  });

  test('the server does not answer: twenty minutes are waited, no longer', async () => {
    const { finding, facts } = await look([daily(), GOOD_YESTERDAY], { server: 'silent' });
    expect(finding).toMatchObject({ kind: 'wait', reason: 'the Velero server does not answer', giveUpMs: 20 * MINUTE });
    expect(facts).toMatchObject({ cause: 'server' });
  });

  test('the schedule is gone', async () => {
    expect((await look([GOOD_YESTERDAY])).finding).toMatchObject({
      kind: 'hand-over',
      reason: 'the schedule daily does not exist, so nothing makes its backups',
    });
  });

  test('a fresh one is there after all', async () => {
    const { finding, measured } = await look([daily(), backup('daily-3', { phase: 'Completed', agoMs: HOUR }), GOOD_YESTERDAY]);
    expect(finding).toMatchObject({ kind: 'recovered', reason: expect.stringMatching(/^daily-3 is newer and Completed/) });
    expect(measured).toEqual({});
  });
});

describe('a backup is under way', () => {
  const waiting = (phase: string, agoMs = 10 * HOUR) => backup('daily-2', { phase, agoMs });

  test('and moves: its end is waited for', async () => {
    const { finding, facts } = await look([daily(), GOOD_YESTERDAY, waiting('InProgress', 10 * MINUTE)]);
    expect(finding).toMatchObject({ kind: 'wait', reason: 'daily-2 is in progress: waiting for its end' });
    expect(facts).toMatchObject({ cause: 'running', stuck: '' });
  });

  test('and waits for a volume that does not move: that is let go, and a new one is made', async () => {
    const upload = dataUpload('daily-2-x', 'daily-2', { phase: 'Accepted', acceptedTimestamp: iso(9 * HOUR) });
    const { finding, facts } = await look([daily(), GOOD_YESTERDAY, waiting('WaitingForPluginOperations'), upload]);
    expect(finding.kind).toBe('act');
    expect(facts).toMatchObject({ cause: 'stuck', remedy: 'cancel-and-run', stuck: 'daily-2', moves: ['DataUpload/daily-2-x'] });
  });

  test('and waits behind the stuck one of another schedule: it starts by itself when that is let go', async () => {
    const other = backup('weekly-1', { phase: 'WaitingForPluginOperations', agoMs: 10 * HOUR, schedule: 'weekly' });
    const upload = dataUpload('weekly-1-x', 'weekly-1', { phase: 'Accepted', acceptedTimestamp: iso(9 * HOUR) });
    const { facts } = await look([daily(), GOOD_YESTERDAY, waiting('Queued', 8 * HOUR), other, upload]);
    expect(facts).toMatchObject({ remedy: 'cancel', stuck: 'weekly-1', moves: ['DataUpload/weekly-1-x'] });
  });

  test('and nothing of it can be cancelled: a person hears what ends it', async () => {
    const { finding } = await look([daily(), GOOD_YESTERDAY, waiting('InProgress')]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('for 10h, and it usually takes 4m: nothing starts before it ends') });
  });

  test('volumes that may not be listed are named, and the rest is said all the same', async () => {
    const { evidence } = await look([daily(), GOOD_YESTERDAY, waiting('InProgress', 10 * MINUTE)], { forbidden: ['DataUpload'] });
    expect(evidence).toContain('not seen, since the right is missing: list DataUpload');
  });
});

describe('its newest backup failed', () => {
  const failed = (failureReason: string, more: Partial<Parameters<typeof backup>[1]> = {}) =>
    backup('daily-2', { phase: 'Failed', agoMs: 8 * HOUR, status: { failureReason }, ...more });

  test('of something that passes: it is made again', async () => {
    const { finding, facts } = await look([daily(), GOOD_YESTERDAY, failed('dial tcp: connection reset by peer')]);
    expect(finding.kind).toBe('act');
    expect(facts).toMatchObject({ cause: 'failing', remedy: 'run', backup: 'daily-2' });
  });

  test('of something that stays: a person hears what to correct', async () => {
    const { finding, facts } = await look([daily(), failed('api error AccessDenied: Access Denied')]);
    expect(finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('refuses the credentials') });
    expect(facts.remedy).toBeUndefined();
  });

  test('and was a second try of ours: a third is a decision of people', async () => {
    const tried = failed('connection reset', { annotations: { 'salvor.io/step-key': 'k' } });
    expect((await look([daily(), GOOD_YESTERDAY, tried])).finding).toMatchObject({
      kind: 'hand-over',
      reason: expect.stringContaining('It is tried once only'),
    });
  });
});

test('the finder names the schedules without a fresh backup, paused ones too', async () => {
  const { kube } = plainCluster({
    objects: [
      daily({ paused: true }),
      GOOD_YESTERDAY,
      schedule('weekly', { cron: '0 4 * * 0' }),
      backup('weekly-1', { phase: 'Completed', schedule: 'weekly', agoMs: 100 * HOUR }),
    ],
  });
  expect(await find(backupFindStale, {}, kube)).toEqual([{ schedule: 'daily' }]);
});
