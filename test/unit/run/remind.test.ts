import { expect, test } from 'vitest';
import { nextReminderMs } from '../../../src/run/remind.ts';
import { playbook, policy } from './samples.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Midnight, UTC. */
const ASKED_MS = Date.UTC(2026, 10, 22);

/** Every reminder of something asked at midnight, in minutes. */
function reminders({ every, within, quiet = {} }: { every: number; within: number; quiet?: NonNullable<typeof policy.quiet> }): readonly number[] {
  const minutes: number[] = [];
  let atMs: number | undefined = ASKED_MS;
  while (atMs !== undefined && minutes.length < 100) {
    const about = { playbook: playbook(), policy: { ...policy, quiet }, nowMs: atMs };
    atMs = nextReminderMs({ everyMs: every, sinceMs: ASKED_MS, untilMs: ASKED_MS + within }, about);
    if (atMs !== undefined) minutes.push((atMs - ASKED_MS) / MINUTE_MS);
  }
  return minutes;
}

test('people are reminded ever more rarely, and not any more when the time is over', () => {
  expect(reminders({ every: 5 * MINUTE_MS, within: 15 * MINUTE_MS })).toEqual([5, 10]);
  expect(reminders({ every: 5 * MINUTE_MS, within: 24 * HOUR_MS })).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1280]);
  expect(reminders({ every: HOUR_MS, within: HOUR_MS })).toEqual([]);
});

test('nobody is reminded where nobody asked for it', () => {
  expect(reminders({ every: 0, within: HOUR_MS })).toEqual([]);
});

test('a night puts all of its reminders off to the morning, where they are one', () => {
  const quiet = { default: { from: '22:00', until: '07:00', timeZone: 'UTC' } };
  expect(reminders({ every: 15 * MINUTE_MS, within: 24 * HOUR_MS, quiet })).toEqual([7 * 60, 14 * 60]);
});
