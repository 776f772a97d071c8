import { expect, test } from 'vitest';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { readMovement } from '../../../../src/domain/velero/movement.ts';
import { whySlow } from '../../../../src/domain/velero/why-slow.ts';
import { backup, dataUpload, HOUR, MINUTE, NOW } from '../../handlers/velero-objects.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();
function took(name: string, agoMs: number, takesMs: number, items = 200) {
  const times = { startTimestamp: iso(NOW - agoMs), completionTimestamp: iso(NOW - agoMs + takesMs) };
  return readBackup(backup(name, { phase: 'Completed', agoMs, status: { ...times, progress: { totalItems: items, itemsBackedUp: items } } }));
}
const USUAL = [took('daily-1', 56 * HOUR, 10 * MINUTE), took('daily-2', 32 * HOUR, 12 * MINUTE)];
const slow = (newest: ReturnType<typeof took>, moves: readonly ReturnType<typeof readMovement>[] = [], others: readonly ReturnType<typeof took>[] = []) =>
  whySlow('daily', { family: [...USUAL, newest], all: [...USUAL, newest, ...others], moves, nowMs: NOW });

test('more objects than before explain it', () => {
  const { reason, hints, lines } = slow(took('daily-3', 8 * HOUR, 90 * MINUTE, 900));
  expect(reason).toBe('daily-3 took 1h 30m; those before it 11m');
  expect(hints).toEqual([expect.stringContaining('It holds 900 items, those before it 200')]);
  expect(lines[0]).toBe('newest first: 1h 30m for 900 items, 12m for 200 items, 10m for 200 items');
});

test('a volume that took most of the time explains it, with its rate', () => {
  const times = { startTimestamp: iso(NOW - 8 * HOUR), completionTimestamp: iso(NOW - 7 * HOUR) };
  const upload = readMovement(
    dataUpload('u1', 'daily-3', { phase: 'Completed', node: 'w1', ...times, progress: { bytesDone: 3600 * 1024, totalBytes: 3600 * 1024 } }),
  );
  const { hints, lines } = slow(took('daily-3', 8 * HOUR, 70 * MINUTE), [upload]);
  expect(hints).toEqual([expect.stringContaining('most of all shop/data-pg-0 on w1')]);
  expect(lines).toContain('shop/data-pg-0 on w1: Completed for 1h, 3.5 MiB of 3.5 MiB, 1.0 KiB/s');
});

test('where neither explains it, it says where else to look; as quick as ever needs no hint', () => {
  expect(slow(took('daily-3', 8 * HOUR, 90 * MINUTE)).hints).toEqual([expect.stringContaining('Neither more objects nor volumes explain it')]);
  expect(slow(took('daily-3', 8 * HOUR, 11 * MINUTE)).hints).toEqual([]);
});

test('one that still runs is compared with those that are over, and who waits behind it is told', () => {
  const running = readBackup(backup('daily-3', { phase: 'InProgress', agoMs: 2 * HOUR }));
  const queued = readBackup(backup('weekly-1', { phase: 'Queued', agoMs: HOUR, schedule: 'weekly', status: { queuePosition: 1 } }));
  const { reason, lines, hints } = slow(running, [], [queued]);
  expect(reason).toBe('daily-3 is in progress for 2h; those before it 11m');
  expect(lines).toContain('weekly-1 is queued at position 1');
  expect(hints.at(-1)).toContain('schedule-lint');
});

test('nothing that came to an end says so', () => {
  expect(whySlow('daily', { family: [], all: [], moves: [], nowMs: NOW })).toEqual({ reason: 'daily has no backup that came to an end', lines: [], hints: [] });
});
