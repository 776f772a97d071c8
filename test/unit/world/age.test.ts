import { expect, test } from 'vitest';
import { ageOf } from '../../../src/world/http/age.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

test.each([
  [0, '0s'],
  [119, '119s'],
  [2 * MINUTE, '2m'],
  [7 * MINUTE + 54, '7m54s'],
  [42 * MINUTE + 9, '42m'],
  [3 * HOUR, '3h'],
  [5 * HOUR + 3 * MINUTE, '5h3m'],
  [47 * HOUR, '47h'],
  [3 * DAY + 4 * HOUR, '3d4h'],
  [30 * DAY, '30d'],
  [800 * DAY, '2y70d'],
  [-5, '0s'],
])('%i seconds are printed as %s', (seconds, printed) => {
  expect(ageOf(new Date(NOW - seconds * 1000).toISOString(), NOW)).toBe(printed);
});

test('no time is unknown', () => {
  expect(ageOf('', NOW)).toBe('<unknown>');
});
