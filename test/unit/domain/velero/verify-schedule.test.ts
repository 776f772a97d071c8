import { describe, expect, test } from 'vitest';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { readLocation } from '../../../../src/domain/velero/location.ts';
import { readSchedule } from '../../../../src/domain/velero/schedule.ts';
import { verifySchedule } from '../../../../src/domain/velero/verify-schedule.ts';
import type { KubeObject } from '../../../../src/model/object.ts';
import { backup, HOUR, location, NOW, RESTARTED, schedule } from '../../handlers/velero-objects.ts';

const items = (total: number) => ({ progress: { totalItems: total, itemsBackedUp: total } });
const good = (name: string, agoMs: number, status: object = {}, spec?: object) =>
  backup(name, { phase: 'Completed', agoMs, status: { ...status }, ...(spec && { spec }) });
const verify = (
  backups: readonly KubeObject[],
  {
    of = schedule('daily'),
    secondCopy = false,
    where = [location('default', { phase: 'Available' })],
  }: { readonly of?: KubeObject; readonly secondCopy?: boolean; readonly where?: readonly KubeObject[] } = {},
) => verifySchedule(readSchedule(of), { backups: backups.map(readBackup), locations: where.map(readLocation), nowMs: NOW, secondCopy });

test('a fresh whole one in a storage that answers can be relied on', () => {
  expect(verify([good('daily-2', 8 * HOUR), good('daily-1', 32 * HOUR)])).toEqual({
    schedule: 'daily',
    bad: [],
    odd: [],
    fine: ['daily-2: 214 items, 3 volumes, 8h old'],
  });
});

describe('cannot be relied on', () => {
  test.each([
    ['too old', verify([good('daily-1', 32 * HOUR)]), 'its last good backup is 1d 8h old, and one is due every 1d'],
    ['never made', verify([]), 'it has no good backup at all, and one is due every 1d'],
    ['empty', verify([good('daily-2', 8 * HOUR, items(2)), good('daily-1', 32 * HOUR)]), 'daily-2 holds 2 items, the last good one (daily-1) held 214'],
    ['a volume is missing', verify([good('daily-2', 8 * HOUR, { csiVolumeSnapshotsCompleted: 2 })]), 'daily-2 holds 2 of 3 volumes'],
    [
      'its storage is away',
      verify([good('daily-2', 8 * HOUR)], { where: [location('default', { phase: 'Unavailable' })] }),
      'its storage "default" is Unavailable',
    ],
    ['its storage is gone', verify([good('daily-2', 8 * HOUR)], { where: [] }), 'its storage "default" does not exist any more'],
    [
      'alone, where a second copy is asked for',
      verify([good('daily-2', 8 * HOUR)], { secondCopy: true }),
      'daily-2 is in "default" alone: no good backup of the same is in another storage',
    ],
  ])('%s', (_, { bad }, words) => {
    expect(bad).toContain(words);
  });
});

describe('worth a look', () => {
  test('half of what those before it held', () => {
    expect(verify([good('daily-3', 8 * HOUR, items(100)), good('daily-2', 32 * HOUR), good('daily-1', 56 * HOUR)])).toMatchObject({
      bad: [],
      odd: ['daily-3 holds 100 items, those before it 214'],
    });
  });

  test('the newest failed, though a good one is fresh enough', () => {
    const failed = backup('daily-3', { phase: 'Failed', agoMs: HOUR, status: RESTARTED });
    expect(verify([failed, good('daily-2', 8 * HOUR)])).toMatchObject({ bad: [], odd: [expect.stringContaining('the newest one failed: daily-3')] });
  });

  test('it is about to go, and has warnings', () => {
    const status = { warnings: 2, expiration: new Date(NOW + 5 * HOUR).toISOString() };
    expect(verify([good('daily-2', 8 * HOUR, status)]).odd).toEqual(['daily-2 has 2 warnings', 'daily-2 expires in 5h']);
  });

  test('paused, and nothing due yet', () => {
    expect(verify([], { of: schedule('daily', { paused: true }) })).toMatchObject({ bad: [], odd: [expect.stringContaining('it is paused')] });
    const young = {
      ...schedule('daily', { status: {} }),
      metadata: { name: 'daily', namespace: 'velero', creationTimestamp: new Date(NOW - HOUR).toISOString() },
    };
    expect(verify([], { of: young })).toMatchObject({ bad: [], odd: ['its first backup is still to come'] });
    const failed = backup('daily-1', { phase: 'Failed', agoMs: HOUR / 2, status: RESTARTED });
    expect(verify([failed], { of: young }).bad).toEqual([
      expect.stringContaining('it has no good backup at all'),
      expect.stringContaining('the newest one failed: daily-1'),
    ]);
  });
});

test('a second copy is a good backup of the same scope in another storage', () => {
  const copy = backup('offsite-1', {
    phase: 'Completed',
    agoMs: 40 * HOUR,
    schedule: 'offsite',
    spec: { includedNamespaces: ['shop'], storageLocation: 'second' },
  });
  const other = backup('other-1', {
    phase: 'Completed',
    agoMs: 40 * HOUR,
    schedule: 'other',
    spec: { includedNamespaces: ['web'], storageLocation: 'second' },
  });
  expect(verify([good('daily-2', 8 * HOUR), copy], { secondCopy: true })).toMatchObject({
    bad: [],
    fine: [expect.any(String), 'a second copy: offsite-1 in "second"'],
  });
  expect(verify([good('daily-2', 8 * HOUR), other], { secondCopy: true }).bad).toHaveLength(1);
});
