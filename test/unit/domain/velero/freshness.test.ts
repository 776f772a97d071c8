import { describe, expect, test } from 'vitest';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { freshness, intervalOf, passedTick, slackOf, startsWhenResumed, writtenAhead } from '../../../../src/domain/velero/freshness.ts';
import { readSchedule } from '../../../../src/domain/velero/schedule.ts';
import { backup, HOUR, MINUTE, NOW, schedule } from '../../handlers/velero-objects.ts';

const DAY = 24 * HOUR;
const iso = (atMs: number): string => new Date(atMs).toISOString();
const of = (cron: string, status: object = {}) => readSchedule(schedule('daily', { cron, status }));
const good = (agoMs: number) => readBackup(backup('daily-1', { phase: 'Completed', agoMs }));

describe('how old a good backup may become', () => {
  test.each([
    ['0 2 * * *', 8 * HOUR, true],
    ['0 2 * * *', 33 * HOUR, false],
    // 02:00 has passed, and the slack of two hours with it; but a backup by hand is five hours old.
    ['0 2 * * *', 9 * HOUR, true],
    ['0 * * * *', 65 * MINUTE, true],
    ['0 * * * *', 130 * MINUTE, false],
    // Saturday: nothing is due from Friday's backup to Monday's.
    ['0 2 * * 1-5', 32 * HOUR, true],
    ['0 2 * * 1-5', 3 * DAY, false],
    ['@every 6h', 5 * HOUR, true],
    ['@every 6h', 7 * HOUR, false],
  ])('%s, %d ms old: %s', (cron, agoMs, isFresh) => {
    expect(freshness(of(cron), good(agoMs), NOW).isFresh).toBe(isFresh);
  });

  test('without any good backup it is not fresh, and due since its first time', () => {
    const made = readSchedule({ ...schedule('daily'), metadata: { name: 'daily', namespace: 'velero', creationTimestamp: iso(NOW - 3 * DAY) } });
    expect(freshness(made, undefined, NOW)).toEqual({ isFresh: false, dueMs: Date.parse('2026-11-19T02:00:00Z'), intervalMs: DAY });
  });

  test('a cron that nobody can read says nothing about ages', () => {
    expect(freshness(of('at two'), good(HOUR), NOW)).toEqual({ isFresh: false, ageMs: HOUR });
  });
});

test('the slack is a twelfth of the interval, at least ten minutes, at most half a day', () => {
  expect([slackOf(DAY), slackOf(HOUR), slackOf(30 * DAY)]).toEqual([2 * HOUR, 10 * MINUTE, 12 * HOUR]);
  expect(intervalOf('0 2 * * 1', NOW)).toBe(7 * DAY);
});

describe('what Velero counts from', () => {
  const last = (agoMs: number, more: object = {}) => of('0 2 * * *', { phase: 'Enabled', lastBackup: iso(NOW - agoMs), ...more });

  test('a time that passed since the last backup is made up for when the schedule is resumed', () => {
    expect(passedTick(last(32 * HOUR), NOW)).toBe(Date.parse('2026-11-21T02:00:00Z'));
    expect(startsWhenResumed(last(32 * HOUR), NOW)).toBe(true);
    expect(startsWhenResumed(last(8 * HOUR), NOW)).toBe(false);
  });

  test('a skip counts as a backup, and a schedule that is told to skip makes nothing at once', () => {
    expect(passedTick(last(32 * HOUR, { lastSkipped: iso(NOW - HOUR) }), NOW)).toBeUndefined();
    expect(startsWhenResumed({ ...last(32 * HOUR), skipsOnce: true }, NOW)).toBe(false);
  });

  test('a last backup that is dated in the future is a wrong clock, a few minutes are not', () => {
    expect(writtenAhead(last(-HOUR), NOW)).toBe(NOW + HOUR);
    expect(writtenAhead(last(-2 * MINUTE), NOW)).toBeUndefined();
  });
});
