import { expect, test } from 'vitest';
import { pause, pauseGuards, readPause } from '../../../src/gate/pause.ts';

const now = Date.UTC(2026, 10, 21, 12, 0, 0);

test('a pause holds with who paused, why and until when', () => {
  const decision = pause('node-not-ready', [{ by: 'ana', reason: 'storage migration', sinceMs: now - 1000, untilMs: now + 3_600_000 }], now);
  expect(decision).toEqual({
    kind: 'hold',
    gate: 'pause',
    reason: 'ana paused everything: storage migration, until 2026-11-21 13:00:00 UTC',
    untilMs: now + 3_600_000,
  });
});

test('a pause without an end holds until something changes', () => {
  expect(pause('node-not-ready', [{ by: 'ana', reason: 'look first', sinceMs: now }], now)).toEqual({
    kind: 'hold',
    gate: 'pause',
    reason: 'ana paused everything: look first',
  });
});

test('a pause of one playbook leaves the others alone', () => {
  const pauses = [{ by: 'ben', reason: 'bad rule', sinceMs: now, playbook: 'backup-failed' }];
  expect(pause('node-not-ready', pauses, now)).toEqual({ kind: 'admit' });
  expect(pause('backup-failed', pauses, now)).toMatchObject({ gate: 'pause', reason: 'ben paused backup-failed: bad rule' });
});

test('of several pauses the longest tells until when', () => {
  const pauses = [
    { by: 'ana', reason: 'a', sinceMs: now, untilMs: now + 60_000 },
    { by: 'ben', reason: 'b', sinceMs: now, untilMs: now + 120_000, playbook: 'x' },
  ];
  expect(pause('x', pauses, now)).toMatchObject({ untilMs: now + 120_000, reason: expect.stringContaining('ben') });
  expect(pause('x', [...pauses, { by: 'eva', reason: 'c', sinceMs: now }], now)).not.toHaveProperty('untilMs');
});

test('a pause past its time holds until its record is gone', () => {
  expect(pause('x', [{ by: 'ana', reason: 'a', sinceMs: now - 9000, untilMs: now - 5000 }], now)).toMatchObject({ kind: 'hold', untilMs: now + 1000 });
});

test('a pause record that cannot be read still pauses', () => {
  expect(pause('x', [readPause({ by: 7 })], now)).toMatchObject({ kind: 'hold', reason: expect.stringContaining('cannot be read') });
});

test('the guards of a write name the pause of everything and of its playbook', () => {
  expect(pauseGuards('backup-failed')).toEqual([
    { is: 'absent', id: 'pause/all' },
    { is: 'absent', id: 'pause/playbook/backup-failed' },
  ]);
});
