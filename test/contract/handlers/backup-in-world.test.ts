import { describe, expect, test } from 'vitest';
import { backupCreate } from '../../../handlers/backup-create.ts';
import { backupDiagnose } from '../../../handlers/backup-diagnose.ts';
import { backupFind } from '../../../handlers/backup-find.ts';
import { backupReady } from '../../../handlers/backup-ready.ts';
import { digest } from '../../../src/model/digest.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { type Stage, setStage } from './stage.ts';

const DAILY: NonNullable<Scenario['schedules']> = [{ name: 'daily', cron: '0 2 * * *', template: { includedNamespaces: ['shop'], ttl: '720h0m0s' } }];
type Backup = NonNullable<Scenario['backups']>[number];
const FAILED = (reason: Backup['reason'], phase: Backup['phase'] = 'Failed'): Backup => ({
  name: 'daily-20261121020000',
  schedule: 'daily',
  phase,
  ago: '10h',
  items: 214,
  ...(reason && { reason }),
});
const GOOD: Backup = { name: 'daily-20261120020000', schedule: 'daily', phase: 'Completed', ago: '34h', items: 210, volumes: 3 };

async function diagnosed(stage: Stage, params: object = { schedule: 'daily' }) {
  const answer = await stage.wait(backupDiagnose.run({ ...stage.about(), params: backupDiagnose.params.parse(params), kube: stage.kube }));
  return { ...answer, facts: backupDiagnose.facts.parse(answer.facts) };
}

async function begin(scenario: Scenario): Promise<Stage> {
  const stage = setStage({ schedules: DAILY, ...scenario });
  await stage.clock.pass(15_000);
  return stage;
}

describe('what the simulated Velero says is understood', () => {
  test.each([
    ['server-restarted', 'Failed', 'server-restarted', 'act'],
    ['connection-reset', 'Failed', 'storage-unreachable', 'act'],
    ['storage-unavailable', 'Failed', 'storage-unreachable', 'act'],
    ['location-unavailable', 'FailedValidation', 'location-unavailable', 'act'],
    ['snapshot-timeout', 'PartiallyFailed', 'snapshot-slow', 'act'],
    ['connection-reset', 'PartiallyFailed', 'storage-unreachable', 'act'],
    ['credentials', 'Failed', 'credentials-refused', 'hand-over'],
    ['storage-full', 'Failed', 'storage-full', 'hand-over'],
    ['name-taken', 'Failed', 'name-taken', 'hand-over'],
    ['hook-failed', 'PartiallyFailed', 'hook-failed', 'hand-over'],
    ['no-node-agent', 'PartiallyFailed', 'node-agent-missing', 'hand-over'],
    ['namespace-missing', 'PartiallyFailed', 'namespace-missing', 'hand-over'],
    ['validation', 'FailedValidation', 'filters-wrong', 'hand-over'],
    ['location-unknown', 'FailedValidation', 'location-missing', 'hand-over'],
    ['location-read-only', 'FailedValidation', 'location-read-only', 'hand-over'],
    [undefined, 'Failed', 'unknown', 'hand-over'],
  ] as const)('%s, %s: %s, so %s', async (reason, phase, cause, kind) => {
    const stage = await begin({ backups: [GOOD, FAILED(reason, phase)] });
    const { finding, facts } = await diagnosed(stage);
    expect({ cause: facts.cause, kind: finding.kind }).toEqual({ cause, kind });
    expect(stage.cluster.writes()).toEqual([]);
  });
});

test.each([
  ['unavailable', 'wait', 'storage "default" is unavailable since'],
  ['wrong-credentials', 'hand-over', 'refuses the credentials'],
  ['wrong-bucket', 'hand-over', 'the bucket does not exist'],
  ['read-only', 'hand-over', 'is read-only'],
] as const)('while the storage is %s: %s', async (state, kind, words) => {
  const stage = await begin({ storage: { default: state }, backups: [GOOD, FAILED('storage-unavailable')] });
  const { finding } = await diagnosed(stage);
  expect(finding).toMatchObject({ kind, reason: expect.stringContaining(words) });
});

test('a storage that is away and comes back: wait, then act, with the same failed backup', async () => {
  const stage = await begin({ storage: { default: 'unavailable' }, backups: [GOOD, FAILED('storage-unavailable')] });
  expect((await diagnosed(stage)).finding.kind).toBe('wait');
  stage.cluster.storageState('default', 'available');
  await stage.clock.pass(30_000);
  const { finding, facts } = await diagnosed(stage);
  expect(finding.kind).toBe('act');
  expect(facts).toMatchObject({ backup: 'daily-20261121020000', lastGood: 'daily-20261120020000', lastGoodItems: 210, server: 'v1.18.3' });
});

test('a server that is down is waited for, and every question it was asked is taken back', async () => {
  const stage = await begin({ velero: { server: 'down' }, backups: [FAILED('server-restarted')] });
  expect((await diagnosed(stage)).finding).toMatchObject({ kind: 'wait', reason: 'the Velero server does not answer' });
  expect([...stage.cluster.snapshot().keys()].filter((name) => /Request\//.test(name))).toEqual([]);
});

test.each(['missing', 'truncated', 'huge', 'slow', 'expired'] as const)('with downloads that are %s only what can still be read counts', async (downloads) => {
  const stage = await begin({ velero: { downloads }, backups: [FAILED('snapshot-timeout', 'PartiallyFailed')] });
  const { finding, facts } = await diagnosed(stage);
  expect(facts.cause).toBe(downloads === 'huge' ? 'snapshot-slow' : 'unknown');
  // A storage that does not answer may do so later; what is gone, damaged or refused stays so.
  expect(finding.kind).toBe({ huge: 'act', slow: 'wait', missing: 'hand-over', truncated: 'hand-over', expired: 'hand-over' }[downloads]);
  if (finding.kind === 'hand-over') expect(finding.reason).toContain('BackupLog');
});

describe('making it again', () => {
  const params = backupCreate.params.parse({ schedule: 'daily', backup: 'daily-20261121020000' });
  const stepKey = digest('again');
  const again = async (stage: Stage) => {
    const about = { params, kube: stage.kube, stepKey };
    const result = backupCreate.result.parse(await stage.wait(backupCreate.execute({ ...stage.about(), ...about })));
    const seen: string[] = [];
    for (let looks = 0; looks < 500; looks += 1) {
      const observed = await stage.wait(
        backupCreate.observe?.({ ...stage.about(), params, kube: stage.kube, result }) ?? Promise.reject(new Error('it cannot be observed')),
      );
      if (observed.state === 'pending') seen.push(observed.progress);
      else return { result, seen, observed, verdict: await stage.wait(backupCreate.verify({ ...stage.about(), params, kube: stage.kube, result })) };
      await stage.clock.pass(5000);
    }
    throw new Error('it never came to its end');
  };

  test('is proven by items and volumes, and shows its progress on the way', async () => {
    const stage = await begin({
      backups: [GOOD, FAILED('server-restarted')],
      next: [{ outcome: 'completed', schedule: 'daily', items: 214, volumes: 3, takes: '2m' }],
    });
    const { result, seen, observed, verdict } = await again(stage);
    expect(observed).toEqual({ state: 'done' });
    expect(seen.some((progress) => /in progress, \d+ of 214 items/.test(progress))).toBe(true);
    expect(verdict).toMatchObject({ ok: true, evidence: expect.arrayContaining(['214 items, 3 volumes']) });
    expect(stage.cluster.writes()).toEqual([`create Backup/velero/daily-retry-${stepKey.slice(0, 8)}`]);
    expect((await diagnosed(stage)).finding).toMatchObject({ kind: 'recovered', reason: expect.stringContaining(String(result['name'])) });
  });

  test('that fails is told with its cause, and the next diagnosis hands over', async () => {
    const stage = await begin({ backups: [FAILED('server-restarted')], next: [{ outcome: 'failed', schedule: 'daily', reason: 'connection-reset' }] });
    const { observed } = await again(stage);
    expect(observed).toMatchObject({ state: 'failed', reason: expect.stringContaining('the storage did not answer') });
    expect((await diagnosed(stage)).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('once only') });
  });

  test('that comes out partial is not proven, and the next diagnosis hands over', async () => {
    const stage = await begin({
      backups: [FAILED('server-restarted')],
      next: [{ outcome: 'partially-failed', schedule: 'daily', reason: 'hook-failed', items: 214 }],
    });
    const { observed, verdict } = await again(stage);
    expect(observed).toEqual({ state: 'done' });
    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining('PartiallyFailed') });
    expect((await diagnosed(stage)).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('once only') });
  });

  test('a reply that is lost after the write makes no second backup', async () => {
    const stage = await begin({
      backups: [FAILED('server-restarted')],
      next: [{ outcome: 'completed', items: 214 }],
      faults: [{ give: 'lost-reply', verb: 'create', kind: 'Backup', times: 1 }],
    });
    await expect(stage.wait(backupCreate.execute({ ...stage.about(), params, kube: stage.kube, stepKey }))).rejects.toMatchObject({ code: 'kube.timeout' });
    const { verdict } = await again(stage);
    expect(verdict.ok).toBe(true);
    expect(stage.cluster.count(`create Backup/velero/daily-retry-${stepKey.slice(0, 8)}`)).toBe(1);
  });
});

test('the finder names the schedule whose newest backup failed', async () => {
  const stage = await begin({
    schedules: [...DAILY, { name: 'weekly', cron: '0 4 * * 0' }],
    backups: [FAILED('server-restarted'), { name: 'weekly-1', schedule: 'weekly', ago: '100h', items: 10 }],
  });
  expect(await stage.wait(backupFind.run({ ...stage.about(), params: backupFind.params.parse({}), kube: stage.kube }))).toEqual([{ schedule: 'daily' }]);
});

test('a backup by hand waits for one that is under way, and is ready when that is over', async () => {
  const stage = await begin({});
  stage.cluster.apply({ backups: [{ name: 'daily-x', schedule: 'daily', phase: 'InProgress', ago: '1m' }] });
  const look = async () => stage.wait(backupReady.run({ ...stage.about(), params: backupReady.params.parse({ schedule: 'daily' }), kube: stage.kube }));
  expect((await look()).finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('daily-x is in progress') });
  stage.cluster.apply({ backups: [{ name: 'daily-x', schedule: 'daily', phase: 'Completed', ago: '1m', items: 10 }] });
  expect((await look()).finding.kind).toBe('act');
});
