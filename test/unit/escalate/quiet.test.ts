import { describe, expect, test } from 'vitest';
import { remindMs } from '../../../src/escalate/quiet.ts';
import type { Quiet } from '../../../src/model/policy.ts';

const ladders = { default: [{ page: 'primary', afterMs: 0 }], urgent: [{ page: 'primary', afterMs: 0 }] };
const night: Quiet = { from: '22:00', until: '07:00', timeZone: 'Europe/Berlin' };

/** When a reminder of this time comes, as ISO time of UTC. */
const reminded = (at: string, { ladder = 'default', quiet = { default: night } }: { ladder?: string; quiet?: { [name: string]: Quiet } } = {}): string =>
  new Date(remindMs(ladder, { ladders, quiet }, Date.parse(at))).toISOString().slice(0, 16);

describe('a reminder', () => {
  test.each([
    ['in the evening comes at once', '2026-11-21T20:59', '2026-11-21T20:59'],
    ['at the first minute of the night comes in the morning', '2026-11-21T21:00', '2026-11-22T06:00'],
    ['before midnight comes in the next morning', '2026-11-21T22:59', '2026-11-22T06:00'],
    ['behind midnight comes in the same morning', '2026-11-22T01:30', '2026-11-22T06:00'],
    ['at the last minute of the night comes a minute later', '2026-11-22T05:59', '2026-11-22T06:00'],
    ['at the end of the night comes at once', '2026-11-22T06:00', '2026-11-22T06:00'],
    ['in the night in which clocks go forward comes at seven by the new one', '2026-03-28T23:30', '2026-03-29T05:00'],
    ['in the night in which clocks go back comes at seven by the new one', '2026-10-24T23:30', '2026-10-25T06:00'],
  ])('%s', (_, at, comes) => {
    expect(reminded(`${at}Z`)).toBe(comes);
  });

  test('in quiet hours inside of one day comes at their end', () => {
    const lunch = { default: { from: '12:00', until: '13:30', timeZone: 'UTC' } };
    expect(reminded('2026-11-21T12:15Z', { quiet: lunch })).toBe('2026-11-21T13:30');
    expect(reminded('2026-11-21T23:00Z', { quiet: lunch })).toBe('2026-11-21T23:00');
  });

  test('by a ladder without quiet hours comes at any time; by one that is not configured as by the default one', () => {
    expect(reminded('2026-11-22T01:30Z', { ladder: 'urgent' })).toBe('2026-11-22T01:30');
    expect(reminded('2026-11-22T01:30Z', { ladder: 'nights' })).toBe('2026-11-22T06:00');
    expect(reminded('2026-11-22T01:30Z', { ladder: 'constructor', quiet: {} })).toBe('2026-11-22T01:30');
  });
});
