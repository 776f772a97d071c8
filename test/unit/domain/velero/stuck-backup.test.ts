import { describe, expect, test } from 'vitest';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { isMoving, movesOf, readMovement, stuckMove } from '../../../../src/domain/velero/movement.ts';
import { median, stuckBackup } from '../../../../src/domain/velero/stuck-backup.ts';
import { type BackupParts, backup, dataUpload, HOUR, MINUTE, NOW } from '../../handlers/velero-objects.ts';

const read = (name: string, parts: BackupParts) => readBackup(backup(name, parts));
const move = (status: object, spec: object = {}) => readMovement(dataUpload('m1', 'daily-2', status, spec));
const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();

describe('a volume on its way', () => {
  test.each([
    ['Accepted', { phase: 'Accepted', acceptedTimestamp: at(40 * MINUTE) }, 'is Accepted for 40m: no node agent takes it up'],
    ['Prepared, not long', { phase: 'Prepared', acceptedTimestamp: at(20 * MINUTE) }, undefined],
    ['moves', { phase: 'InProgress', startTimestamp: at(2 * HOUR), progress: { bytesDone: 1024, totalBytes: 4096 } }, undefined],
    ['moves nothing', { phase: 'InProgress', startTimestamp: at(2 * HOUR) }, 'has moved nothing'],
    ['takes too long', { phase: 'InProgress', startTimestamp: at(5 * HOUR), progress: { bytesDone: 1024, totalBytes: 4096 } }, '1.0 KiB of 4.0 KiB'],
    ['is over', { phase: 'Failed', startTimestamp: at(9 * HOUR) }, undefined],
  ])('%s', (_, status, words) => {
    const why = stuckMove(move(status), NOW, 4 * HOUR);
    if (words === undefined) expect(why).toBeUndefined();
    else expect(why).toContain(words);
  });

  test('is one of its backup by the label, and both kinds are read alike', () => {
    expect(movesOf([move({ phase: 'Accepted' })], 'daily-2')).toHaveLength(1);
    expect(movesOf([move({ phase: 'Accepted' })], 'daily-1')).toEqual([]);
    const copy = readMovement({
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeBackup',
      metadata: { name: 'p1' },
      spec: { volume: 'data', pod: { namespace: 'shop', name: 'pg-0' }, node: 'w1' },
    });
    expect(copy).toMatchObject({ volume: 'data of shop/pg-0', node: 'w1', phase: '' });
    expect(isMoving(copy)).toBe(true);
  });
});

describe('a backup that does not end', () => {
  const running = (agoMs: number, phase = 'InProgress') => read('daily-2', { phase, agoMs });
  const usual = [read('daily-1', { phase: 'Completed', agoMs: 32 * HOUR })];

  test('waits for a volume: that one can be let go', () => {
    const stuck = stuckBackup(running(10 * HOUR, 'WaitingForPluginOperations'), {
      family: usual,
      moves: [move({ phase: 'Accepted', acceptedTimestamp: at(9 * HOUR) })],
      nowMs: NOW,
    });
    expect(stuck).toMatchObject({ why: expect.stringContaining('waits for a volume: DataUpload m1 (shop/data-pg-0'), moves: [{ name: 'm1' }] });
  });

  test('takes many times as long as usual: nothing of it can be cancelled', () => {
    expect(stuckBackup(running(2 * HOUR), { family: usual, moves: [], nowMs: NOW })).toMatchObject({
      moves: [],
      why: 'daily-2 is in progress for 2h, and it usually takes 4m',
    });
    expect(stuckBackup(running(30 * MINUTE), { family: usual, moves: [], nowMs: NOW })).toBeUndefined();
  });

  test('without a history it may take as long as its own limit says', () => {
    expect(stuckBackup(running(3 * HOUR), { family: [], moves: [], nowMs: NOW })).toBeUndefined();
    expect(stuckBackup(running(5 * HOUR), { family: [], moves: [], nowMs: NOW })?.why).toContain('for 5h');
    const short = read('daily-2', { phase: 'InProgress', agoMs: 2 * HOUR, spec: { itemOperationTimeout: '1h0m0s' } });
    expect(stuckBackup(short, { family: [], moves: [], nowMs: NOW })).toBeDefined();
  });

  test('one that only waits in the queue is not stuck by itself', () => {
    expect(stuckBackup(running(10 * HOUR, 'Queued'), { family: usual, moves: [], nowMs: NOW })).toBeUndefined();
  });
});

test('the median of nothing is nothing', () => {
  expect([median([]), median([3, 1, 2]), median([1, 3])]).toEqual([undefined, 2, 2]);
});
