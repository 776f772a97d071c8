import { expect, test } from 'vitest';
import { nextTick } from '../../../../src/domain/velero/next-tick.ts';

const at = (text: string): number => Date.parse(text);
const NOW = at('2026-11-21T06:40:29Z');

test.each([
  ['0 2 * * *', '2026-11-22T02:00:00Z'],
  ['*/5 * * * *', '2026-11-21T06:45:00Z'],
  ['0 2 * * 7', '2026-11-22T02:00:00Z'],
  ['0 2 * * MON-FRI', '2026-11-23T02:00:00Z'],
  // Day of month or day of week, as cron has it.
  ['0 0 13 * 5', '2026-11-27T00:00:00Z'],
  ['@daily', '2026-11-22T00:00:00Z'],
  ['CRON_TZ=Europe/Berlin 0 8 * * *', '2026-11-21T07:00:00Z'],
  ['TZ=America/New_York 30 2 * * *', '2026-11-21T07:30:00Z'],
])('%s comes next at %s', (cron, expected) => {
  expect(nextTick(cron, NOW)).toBe(at(expected));
});

test('a moment that is a tick itself does not count', () => {
  expect(nextTick('0 2 * * *', at('2026-11-22T02:00:00Z'))).toBe(at('2026-11-23T02:00:00Z'));
});

test('an interval counts from the last backup, and is due at once when that is longer ago', () => {
  expect(nextTick('@every 1h', NOW, NOW - 600_000)).toBe(NOW + 3_000_000);
  expect(nextTick('@every 1h', NOW, NOW - 7_200_000)).toBe(NOW);
  expect(nextTick('@every 1h', NOW)).toBe(NOW + 3_600_000);
});

test.each(['', 'not cron', '* * * * * *', '0 0 31 2 *', 'CRON_TZ=Nowhere/Land 0 2 * * *', '@every never'])('%j never comes', (cron) => {
  expect(nextTick(cron, NOW)).toBeUndefined();
});
