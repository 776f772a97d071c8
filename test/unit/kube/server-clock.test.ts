import { expect, test } from 'vitest';
import { serverClock } from '../../../src/kube/server-clock.ts';

const NOON_MS = Date.UTC(2026, 10, 21, 12, 0, 0);
const MINUTE_MS = 60_000;

/** Hears one answer that took so long, written at this time of the server's clock. */
function heard(date: string, { tookMs = 100 } = {}): number {
  const clock = serverClock({ nowMs: () => NOON_MS + tookMs });
  clock.heard(date, NOON_MS);
  return clock.aheadMs();
}
const at = (ms: number): string => new Date(ms).toUTCString();

test.each([
  ['ahead', 10 * MINUTE_MS],
  ['behind', -10 * MINUTE_MS],
])('a clock that is %s is known to a second', (_, byMs) => {
  expect(Math.abs(heard(at(NOON_MS + byMs)) - byMs)).toBeLessThan(1000);
});

test('clocks that differ by the grain of the header agree', () => {
  for (const byMs of [-4000, -1000, 0, 999, 4000]) expect(heard(at(NOON_MS + byMs))).toBe(0);
});

test('what says nothing changes nothing: no date, an odd one, and an answer that took long', () => {
  expect(heard('')).toBe(0);
  expect(heard('yesterday')).toBe(0);
  expect(heard(at(NOON_MS + 10 * MINUTE_MS), { tookMs: 3000 })).toBe(0);
  let nowMs = NOON_MS;
  const clock = serverClock({ nowMs: () => nowMs });
  clock.heard(at(NOON_MS + 10 * MINUTE_MS), NOON_MS);
  const knownMs = clock.aheadMs();
  clock.heard(undefined, NOON_MS);
  // Our own clock was set back while the answer was on its way.
  nowMs = NOON_MS - MINUTE_MS;
  clock.heard(at(NOON_MS), NOON_MS);
  expect(clock.aheadMs()).toBe(knownMs);
});

test('a clock that was put right agrees again', () => {
  const clock = serverClock({ nowMs: () => NOON_MS });
  clock.heard(at(NOON_MS + 10 * MINUTE_MS), NOON_MS);
  clock.heard(at(NOON_MS), NOON_MS);
  expect(clock.aheadMs()).toBe(0);
});
