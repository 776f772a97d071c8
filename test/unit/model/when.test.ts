import { expect, test } from 'vitest';
import { clockTime, distance, formatBytes, when, whenShort } from '../../../src/model/when.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12, 4, 31);

test('a distance has two parts at most, and a direction', () => {
  expect(distance(NOW_MS - 3_725_000, NOW_MS)).toBe('1h 2m ago');
  expect(distance(NOW_MS + 90_000, NOW_MS)).toBe('in 1m 30s');
  expect(distance(NOW_MS - 999, NOW_MS)).toBe('now');
  expect(distance(NOW_MS - 26 * 3_600_000, NOW_MS)).toBe('1d 2h ago');
});

test('a moment is absolute and relative, and in tables the day is left out where it is today', () => {
  expect(when(NOW_MS - 5000, NOW_MS)).toBe('2026-11-21 12:04:26 UTC (5s ago)');
  expect(whenShort(NOW_MS - 5000, NOW_MS)).toBe('12:04:26 UTC (5s ago)');
  expect(whenShort(NOW_MS - 13 * 3_600_000, NOW_MS)).toBe('2026-11-20 23:04 UTC (13h ago)');
  expect(clockTime(NOW_MS, NOW_MS)).toBe('12:04:31');
});

test('a moment that a broken clock made is printed all the same', () => {
  expect(when(Number.MAX_VALUE, NOW_MS)).toContain('ms (');
});

test('sizes are for people', () => {
  expect([0, 1023, 1536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB']);
});
