import { describe, expect, test } from 'vitest';
import { backupFresh } from '../../../handlers/backup-fresh.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import type { Sample } from '../../../src/port/kube.ts';
import { look } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, GOOD_YESTERDAY, HOUR, MINUTE, NOW, RESTARTED, schedule } from './velero-objects.ts';

const see = (objects: readonly KubeObject[], { metrics }: { readonly metrics?: readonly Sample[] } = {}) =>
  look(backupFresh, { schedule: 'daily' }, plainCluster({ objects: [schedule('daily'), ...objects], ...(metrics && { metrics }) }).kube);
const said = (atMs: number): readonly Sample[] => [{ labels: { schedule: 'daily' }, value: atMs / 1000, atMs: NOW }];
const made = (agoMs: number) => backup('daily-3', { phase: 'Completed', agoMs });

test('the object decides where the metric cannot be read', async () => {
  expect(await see([made(HOUR), GOOD_YESTERDAY])).toMatchObject({
    ok: true,
    facts: { backup: 'daily-3', items: 214, metric: expect.stringContaining('could not be read') },
  });
});

test('a metric that is behind is waited for some minutes, then told, and holds up nobody', async () => {
  const old = said(NOW - 32 * HOUR);
  expect(await see([made(5 * MINUTE)], { metrics: old })).toMatchObject({
    ok: false,
    again: true,
    reason: expect.stringContaining('still says 2026-11-20 02:00 UTC'),
  });
  expect(await see([made(HOUR)], { metrics: old })).toMatchObject({ ok: true, facts: { metric: expect.stringContaining('or the alert stays') } });
  expect(await see([made(HOUR)], { metrics: said(NOW - HOUR + 4 * MINUTE) })).toMatchObject({
    ok: true,
    facts: { metric: 'the metric of the last success says 2026-11-21 09:04 UTC, too' },
  });
});

test('one that is under way is waited for', async () => {
  expect(await see([GOOD_YESTERDAY, backup('daily-3', { phase: 'InProgress', agoMs: MINUTE })])).toMatchObject({
    ok: false,
    again: true,
    reason: 'daily-3 is in progress',
  });
});

describe('whether Velero has begun one for a schedule that was resumed', () => {
  const iso = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
  const begun = (status: object, objects: readonly KubeObject[] = []) =>
    look(backupFresh, { schedule: 'daily', enough: 'begun' }, plainCluster({ objects: [schedule('daily', { status }), GOOD_YESTERDAY, ...objects] }).kube);

  test('is not known before its next look', async () => {
    expect(await begun({ lastBackup: iso(32 * HOUR) })).toMatchObject({ ok: false, again: true, reason: 'Velero has not looked at daily yet' });
  });

  test('yes: it is under way, or over again', async () => {
    const running = backup('daily-3', { phase: 'InProgress', agoMs: MINUTE });
    expect(await begun({ lastBackup: iso(MINUTE) }, [running])).toMatchObject({ ok: true, facts: { backup: 'daily-3', begun: true } });
    const failed = backup('daily-3', { phase: 'Failed', agoMs: MINUTE, status: RESTARTED });
    expect(await begun({ lastBackup: iso(MINUTE) }, [failed])).toMatchObject({ ok: true, facts: { begun: true } });
  });

  test('no: it was told to skip', async () => {
    expect(await begun({ lastBackup: iso(32 * HOUR), lastSkipped: iso(MINUTE) })).toMatchObject({
      ok: true,
      facts: { begun: false },
      evidence: [expect.stringContaining('no backup comes by itself')],
    });
  });
});

test('one that failed just now ends the waiting, an old failure does not', async () => {
  const failed = (agoMs: number) => backup('daily-3', { phase: 'Failed', agoMs, status: RESTARTED });
  expect(await see([GOOD_YESTERDAY, failed(5 * MINUTE)])).toMatchObject({ ok: false, reason: expect.stringContaining('daily-3 ended Failed') });
  expect(await see([GOOD_YESTERDAY, failed(5 * HOUR)])).toMatchObject({ ok: false, again: true });
});

test('a backup that holds next to nothing is no good one', async () => {
  const empty = backup('daily-3', { phase: 'Completed', agoMs: HOUR, status: { progress: { totalItems: 1, itemsBackedUp: 1 } } });
  expect(await see([GOOD_YESTERDAY, empty])).toMatchObject({ ok: false, reason: expect.stringContaining('holds 1 item') });
});
