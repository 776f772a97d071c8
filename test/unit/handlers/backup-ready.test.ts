import { expect, test } from 'vitest';
import { backupReady } from '../../../handlers/backup-ready.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, location, schedule } from './velero-objects.ts';

const look = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}) =>
  diagnose(backupReady, { schedule: 'daily' }, plainCluster({ objects, ...rest }).kube);

test('a backup can be made where the storage is Available and the server answers', async () => {
  const { finding, facts, evidence } = await look([schedule('daily'), location(), GOOD_YESTERDAY]);
  expect(finding.kind).toBe('act');
  expect(facts).toMatchObject({
    schedule: 'daily',
    location: 'default',
    locationPhase: 'Available',
    server: 'v1.18.3',
    lastGood: 'daily-20261120020000',
    paused: false,
  });
  expect(evidence).toContain('last good: daily-20261120020000, 214 items, 2026-11-20 02:04 UTC');
});

test('a paused schedule is no obstacle for a person who asks, and is told', async () => {
  const { finding, evidence } = await look([schedule('daily', { paused: true }), location()]);
  expect(finding.kind).toBe('act');
  expect(evidence).toContain('the schedule daily is paused, and stays so');
});

test('it waits for the storage, for the server, and for a backup that is under way', async () => {
  expect((await look([schedule('daily'), location('default', { phase: 'Unavailable' })])).finding).toMatchObject({ kind: 'wait', giveUpMs: 6 * HOUR });
  expect((await look([schedule('daily'), location()], { server: 'silent' })).finding).toMatchObject({ kind: 'wait', giveUpMs: HOUR });
  const running = backup('daily-2', { phase: 'InProgress', agoMs: HOUR });
  expect(await look([schedule('daily'), location(), running])).toMatchObject({ finding: { kind: 'wait' }, facts: { running: 'daily-2' } });
});

test('a person has to look where the schedule is missing or refused, or the storage is read-only', async () => {
  expect((await look([location()])).finding.kind).toBe('hand-over');
  expect((await look([schedule('daily', { status: { phase: 'FailedValidation' } }), location()])).finding.kind).toBe('hand-over');
  expect((await look([schedule('daily'), location('default', { phase: 'Available' }, { accessMode: 'ReadOnly' })])).finding.kind).toBe('hand-over');
});
