import { expect, test } from 'vitest';
import { cooldown } from '../../../src/gate/cooldown.ts';

const times = { cooldownMs: 900_000, repeatIntervalMs: 14_400_000 };

test('the first run of a target starts at once', () => {
  expect(cooldown(undefined, times, 0)).toEqual({ kind: 'admit' });
});

test('after a run that ended well the next waits for the cooldown', () => {
  expect(cooldown({ run: 'run/a-1', end: 'done', endedMs: 1000 }, times, 900_999)).toMatchObject({
    kind: 'hold',
    gate: 'cooldown',
    untilMs: 901_000,
    reason: expect.stringContaining('run/a-1 ended done'),
  });
  expect(cooldown({ run: 'run/a-1', end: 'done', endedMs: 1000 }, times, 901_000)).toEqual({ kind: 'admit' });
});

test('people who said no or nothing are asked again when Alertmanager repeats itself', () => {
  expect(cooldown({ run: 'run/a-1', end: 'rejected', endedMs: 0 }, times, 14_399_999)).toMatchObject({ untilMs: 14_400_000 });
  expect(cooldown({ run: 'run/a-1', end: 'expired', endedMs: 0 }, times, 14_400_000)).toEqual({ kind: 'admit' });
});

test('a repeat interval shorter than the cooldown does not shorten it', () => {
  expect(cooldown({ run: 'run/a-1', end: 'expired', endedMs: 0 }, { cooldownMs: 900_000, repeatIntervalMs: 60_000 }, 60_000)).toMatchObject({
    untilMs: 900_000,
  });
});
