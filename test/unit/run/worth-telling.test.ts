import { expect, test } from 'vitest';
import { worthTelling } from '../../../src/run/worth-telling.ts';

const HOUR_MS = 3_600_000;

/** How many lines are told of something that changes every five seconds for so long. */
function told(lastsMs: number): number {
  let saidMs: number | undefined;
  let lines = 0;
  for (let nowMs = 0; nowMs <= lastsMs; nowMs += 5000) {
    if (!worthTelling({ sinceMs: 0, saidMs, nowMs })) continue;
    saidMs = nowMs;
    lines += 1;
  }
  return lines;
}

test('what is new is told at once, and then at most every 15 s', () => {
  expect(worthTelling({ sinceMs: 0, saidMs: undefined, nowMs: 0 })).toBe(true);
  expect(worthTelling({ sinceMs: 0, saidMs: 0, nowMs: 14_999 })).toBe(false);
  expect(worthTelling({ sinceMs: 0, saidMs: 0, nowMs: 15_000 })).toBe(true);
});

test('the longer it lasts the rarer it is told: a minute reads as five lines, six hours as some two hundred, a week as fewer than five hundred', () => {
  expect(told(60_000)).toBe(5);
  expect(told(6 * HOUR_MS)).toBeGreaterThan(150);
  expect(told(6 * HOUR_MS)).toBeLessThan(250);
  expect(told(168 * HOUR_MS)).toBeLessThan(500);
});
