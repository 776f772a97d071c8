import { expect, test } from 'vitest';
import { parseUntil } from '../../../src/model/until.ts';

const now = Date.UTC(2026, 10, 21, 12, 30, 15);
const at = (text: string): string | undefined => {
  const untilMs = parseUntil(text, now);
  return untilMs === undefined ? undefined : new Date(untilMs).toISOString();
};

test.each([
  ['2h', '2026-11-21T14:30:15.000Z'],
  ['18:00', '2026-11-21T18:00:00.000Z'],
  ['12:30', '2026-11-22T12:30:00.000Z'],
  ['9:05', '2026-11-22T09:05:00.000Z'],
  ['2026-11-22T18:00', '2026-11-22T18:00:00.000Z'],
  [' 2026-11-22 18:00Z ', '2026-11-22T18:00:00.000Z'],
  ['2026-11-22T18:00+02:00', '2026-11-22T16:00:00.000Z'],
])('until %s is %s: a time without a zone is UTC, and one of the clock is the next', (text, moment) => {
  expect(at(text)).toBe(moment);
});

test.each(['', 'soon', '25:00', '12:60', '2026-13-40T18:00', 'tomorrow', '2026-11-22', '-2h', '1e9'])('%j is no time', (text) => {
  expect(at(text)).toBeUndefined();
});
