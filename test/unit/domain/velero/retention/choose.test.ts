import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Backup, newestFirst, ofSchedule, readBackup } from '../../../../../src/domain/velero/backup.ts';
import { LEGAL_HOLD } from '../../../../../src/domain/velero/legal-hold.ts';
import { readLocation } from '../../../../../src/domain/velero/location.ts';
import { isGood, isRestorable } from '../../../../../src/domain/velero/phase.ts';
import { readRestore } from '../../../../../src/domain/velero/restore/restore.ts';
import { chooseToDelete, type RetentionRule } from '../../../../../src/domain/velero/retention/choose.ts';
import { guardsOf, type RetentionSight } from '../../../../../src/domain/velero/retention/guards.ts';
import { readSchedule } from '../../../../../src/domain/velero/schedule.ts';
import { backup, HOUR, location, NOW, schedule } from '../../../handlers/velero-objects.ts';

const DAY = 24 * HOUR;
const SIGHT: RetentionSight = { backups: [], schedules: [], locations: [readLocation(location())], restores: [], deletions: [], nowMs: NOW };
const RULE: RetentionRule = { keep: 2, most: 100 };
const at = (nowMs: number): string => new Date(nowMs).toISOString();

function daily(count: number, phase = 'Completed', from = 0): readonly Backup[] {
  return Array.from({ length: count }, (_, index) => readBackup(backup(`daily-${from + index}`, { phase, agoMs: (from + index) * DAY + 8 * HOUR })));
}
const names = (sight: Partial<RetentionSight>, rule: Partial<RetentionRule> = {}): readonly string[] =>
  chooseToDelete({ ...SIGHT, ...sight }, { ...RULE, ...rule }).go.map(({ backup: { name } }) => name);
const keptBy = (sight: Partial<RetentionSight>, name: string, keep = 2): string | undefined => {
  const all = { ...SIGHT, ...sight };
  const found = all.backups.find((one) => one.name === name);
  return found === undefined ? 'not there' : guardsOf(all, keep)(found)?.by;
};

describe('what may go', () => {
  test('without an age or a number only what nobody can use: past its time, half deleted, failed long ago', () => {
    const [expired] = [readBackup(backup('expired', { phase: 'Completed', agoMs: 40 * DAY, status: { expiration: at(NOW - 10 * DAY) } }))];
    const backups = [
      ...daily(5),
      expired,
      readBackup(backup('half', { phase: 'Deleting', agoMs: 9 * DAY })),
      readBackup(backup('broken', { phase: 'Failed', agoMs: 9 * DAY })),
      readBackup(backup('evidence', { phase: 'Failed', agoMs: 2 * DAY })),
    ];
    expect(names({ backups })).toEqual(['half', 'expired', 'broken']);
  });

  test('one that expired a moment ago is left to Velero, which looks once an hour', () => {
    const justNow = readBackup(backup('just-now', { phase: 'Completed', agoMs: 30 * DAY, status: { expiration: at(NOW - HOUR) } }));
    expect(names({ backups: [...daily(5), justNow] })).toEqual([]);
  });

  test('of a schedule what is too old, or too many, the oldest first, and so many in one round', () => {
    const backups = daily(6);
    expect(names({ backups }, { olderThanMs: 4 * DAY })).toEqual(['daily-5', 'daily-4']);
    expect(names({ backups }, { atMost: 3 })).toEqual(['daily-5', 'daily-4', 'daily-3']);
    expect(chooseToDelete({ ...SIGHT, backups }, { ...RULE, atMost: 3, most: 2 })).toMatchObject({ go: [{}, {}], later: 1 });
    expect(names({ backups }, { olderThanMs: HOUR, atMost: 1 })).toEqual(['daily-5', 'daily-4', 'daily-3', 'daily-2']);
  });

  test('what was made by hand is no matter of age and number', () => {
    const byHand = readBackup(backup('before-upgrade', { phase: 'Completed', agoMs: 400 * DAY, schedule: '' }));
    expect(chooseToDelete({ ...SIGHT, backups: [byHand] }, { ...RULE, olderThanMs: DAY, atMost: 1 })).toMatchObject({ go: [], byHand: 1 });
  });

  test('only of the schedule, or in the storage, that was asked for', () => {
    const weekly = readBackup(backup('weekly-9', { phase: 'Completed', agoMs: 90 * DAY, schedule: 'weekly', spec: { storageLocation: 'far' } }));
    const others = [1, 2].map((week) => readBackup(backup(`weekly-${week}`, { phase: 'Completed', agoMs: week * 7 * DAY, schedule: 'weekly' })));
    const sight = { backups: [...daily(6), weekly, ...others], locations: [location(), location('far')].map(readLocation) };
    expect(names(sight, { olderThanMs: 4 * DAY, schedule: 'weekly' })).toEqual(['weekly-9']);
    expect(names(sight, { olderThanMs: 4 * DAY, location: 'default' })).toEqual(['daily-5', 'daily-4']);
  });
});

describe('what stays', () => {
  test('the newest good one of a schedule, also where it expired and newer ones failed', () => {
    const old = readBackup(backup('good', { phase: 'Completed', agoMs: 60 * DAY, status: { expiration: at(NOW - 30 * DAY) } }));
    const backups = [
      old,
      readBackup(backup('failed', { phase: 'Failed', agoMs: 20 * DAY })),
      readBackup(backup('partial', { phase: 'PartiallyFailed', agoMs: DAY })),
    ];
    expect(keptBy({ backups }, 'good', 1)).toBe('newest');
    expect(names({ backups }, { keep: 1, olderThanMs: HOUR })).toEqual(['failed']);
  });

  test('where none is good, the newest that something can be restored from', () => {
    const backups = daily(3, 'PartiallyFailed');
    expect(names({ backups }, { keep: 1, olderThanMs: HOUR })).toEqual(['daily-2', 'daily-1']);
    expect(keptBy({ backups }, 'daily-0', 1)).toBe('newest');
  });

  test('one under a legal hold, of its own or of its schedule, unless the hold says false', () => {
    const held = (value: string) => readBackup(backup('daily-9', { phase: 'Completed', agoMs: 9 * DAY, annotations: { [LEGAL_HOLD]: value } }));
    expect(keptBy({ backups: [...daily(5), held('case-4711')] }, 'daily-9')).toBe('hold');
    expect(keptBy({ backups: [...daily(5), held('')] }, 'daily-9')).toBe('hold');
    expect(keptBy({ backups: [...daily(5), held('false')] }, 'daily-9')).toBeUndefined();
    const schedules = [readSchedule(schedule('daily', { labels: { [LEGAL_HOLD]: 'audit' } }))];
    expect(keptBy({ backups: daily(5), schedules }, 'daily-4')).toBe('hold');
  });

  test('one that a restore is made from, or was made from within a day', () => {
    const restore = (status: object, agoMs: number) =>
      readRestore({
        apiVersion: 'velero.io/v1',
        kind: 'Restore',
        metadata: { name: 'shop-1', namespace: 'velero', creationTimestamp: at(NOW - agoMs) },
        spec: { backupName: 'daily-4' },
        status,
      });
    const by = (status: object, agoMs: number) => keptBy({ backups: daily(5), restores: [restore(status, agoMs)] }, 'daily-4');
    expect(by({ phase: 'InProgress' }, 30 * HOUR)).toBe('restore');
    expect(by({}, HOUR)).toBe('restore');
    expect(by({ phase: 'Completed' }, 20 * HOUR)).toBe('restore');
    expect(by({ phase: 'Completed' }, 30 * HOUR)).toBeUndefined();
  });

  test.each(['', 'New', 'Queued', 'InProgress', 'Finalizing', 'WaitingForPluginOperations', 'SomethingNew'])('one whose phase is "%s"', (phase) => {
    expect(keptBy({ backups: [...daily(5), readBackup(backup('running', { phase, agoMs: 9 * DAY }))] }, 'running')).toBe('unsettled');
  });

  test('what Velero could not delete: from a storage that is read-only, away, or not configured; and what it deletes already', () => {
    const backups = daily(5);
    const stored = (phase: string, accessMode: string) =>
      keptBy({ backups, locations: [readLocation(location('default', { phase }, { accessMode }))] }, 'daily-4');
    expect(stored('Available', 'ReadWrite')).toBeUndefined();
    expect(stored('Available', 'ReadOnly')).toBe('storage');
    expect(stored('Unavailable', 'ReadWrite')).toBe('storage');
    expect(keptBy({ backups, locations: [] }, 'daily-4')).toBe('storage');
    const open = { name: 'x', backup: 'daily-4', phase: 'InProgress', errors: [] };
    expect(keptBy({ backups, deletions: [open] }, 'daily-4')).toBe('deletion');
    expect(keptBy({ backups, deletions: [{ ...open, phase: 'Processed', errors: ['no'] }] }, 'daily-4')).toBeUndefined();
  });
});

const PHASES = ['Completed', 'Completed', 'Completed', 'PartiallyFailed', 'Failed', 'FailedValidation', 'InProgress', 'Deleting', 'New'] as const;
const anyBackup = fc.record({
  phase: fc.constantFrom(...PHASES),
  agoHours: fc.integer({ min: 0, max: 3000 }),
  ttlHours: fc.integer({ min: 1, max: 3000 }),
  of: fc.constantFrom('daily', 'weekly', ''),
  held: fc.boolean(),
});
const anySight = fc.array(anyBackup, { maxLength: 40 }).map((list): RetentionSight => {
  const backups = list.map(({ phase, agoHours, ttlHours, of, held }, index) =>
    readBackup(
      backup(`b-${index}`, {
        phase,
        agoMs: agoHours * HOUR,
        schedule: of,
        status: { expiration: at(NOW - (agoHours - ttlHours) * HOUR) },
        ...(held && index % 4 === 0 && { annotations: { [LEGAL_HOLD]: 'case' } }),
      }),
    ),
  );
  return { ...SIGHT, backups };
});
const anyRule = fc.record({
  keep: fc.integer({ min: 1, max: 8 }),
  most: fc.integer({ min: 1, max: 50 }),
  olderThanMs: fc.option(fc.integer({ min: 1, max: 3000 * HOUR }), { nil: undefined }),
  atMost: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
});

describe('whatever there is and whatever is asked', () => {
  test('each schedule keeps its newest good backup, and as many as the floor says or as it had', () => {
    fc.assert(
      fc.property(anySight, anyRule, (sight, rule) => {
        const gone = new Set(chooseToDelete(sight, rule).go.map(({ backup: { uid } }) => uid));
        for (const name of ['daily', 'weekly']) {
          const family = ofSchedule(sight.backups, name);
          const before = family.filter(({ phase }) => isRestorable(phase));
          const after = before.filter(({ uid }) => !gone.has(uid));
          expect(after.length).toBeGreaterThanOrEqual(Math.min(rule.keep, before.length));
          const newestGood = newestFirst(before).find(({ phase }) => isGood(phase));
          if (newestGood !== undefined) expect(gone).not.toContain(newestGood.uid);
        }
      }),
    );
  });

  test('what is held, is being made or is no matter of the rule stays, and no round is larger than it may be', () => {
    fc.assert(
      fc.property(anySight, anyRule, (sight, rule) => {
        const { go } = chooseToDelete(sight, rule);
        expect(go.length).toBeLessThanOrEqual(rule.most);
        for (const { backup: one, reason } of go) {
          expect(one.hold).toBeUndefined();
          expect(['InProgress', 'New']).not.toContain(one.phase);
          if (one.schedule === undefined) expect(['expired', 'failed', 'half-deleted']).toContain(reason);
        }
      }),
    );
  });

  test('round after round, each judged anew, ends with the floor and never below it', () => {
    fc.assert(
      fc.property(anySight, anyRule, (sight, rule) => {
        let { backups } = sight;
        for (;;) {
          const gone = new Set(chooseToDelete({ ...sight, backups }, rule).go.map(({ backup: { uid } }) => uid));
          if (gone.size === 0) break;
          backups = backups.filter(({ uid }) => !gone.has(uid));
        }
        for (const name of ['daily', 'weekly']) {
          const had = ofSchedule(sight.backups, name).filter(({ phase }) => isRestorable(phase)).length;
          expect(ofSchedule(backups, name).filter(({ phase }) => isRestorable(phase)).length).toBeGreaterThanOrEqual(Math.min(rule.keep, had));
        }
      }),
    );
  });
});
