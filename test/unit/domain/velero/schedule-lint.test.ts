import { describe, expect, test } from 'vitest';
import { type Backup, readBackup } from '../../../../src/domain/velero/backup.ts';
import { readLocation } from '../../../../src/domain/velero/location.ts';
import { readSchedule } from '../../../../src/domain/velero/schedule.ts';
import { lintSchedules } from '../../../../src/domain/velero/schedule-lint.ts';
import type { KubeObject } from '../../../../src/model/object.ts';
import { backup, HOUR, location, MINUTE, NOW, schedule } from '../../handlers/velero-objects.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();
/** A good backup that took so long. */
function took(of: string, takesMs: number): Backup {
  const madeMs = NOW - 8 * HOUR;
  return readBackup(
    backup(`${of}-1`, { phase: 'Completed', schedule: of, status: { startTimestamp: iso(madeMs), completionTimestamp: iso(madeMs + takesMs) } }),
  );
}

type More = { readonly backups?: readonly Backup[]; readonly rpoMs?: number; readonly locations?: readonly KubeObject[] };
const lint = (schedules: readonly KubeObject[], { backups = [], rpoMs, locations = [location('default', { phase: 'Available' })] }: More = {}) =>
  lintSchedules({
    schedules: schedules.map(readSchedule),
    backups,
    locations: locations.map(readLocation),
    namespaces: new Set(['shop']),
    nowMs: NOW,
    ...(rpoMs !== undefined && { rpoMs }),
  }).map(({ level, schedule: of, text }) => `${level}: ${of}: ${text}`);
const daily = (template: object = {}, rest: object = {}) =>
  schedule('daily', { template: { includedNamespaces: ['shop'], ttl: '720h0m0s', ...template }, ...rest });

test('a schedule as it should be has nothing wrong', () => {
  expect(lint([daily()], { backups: [took('daily', 5 * MINUTE)], rpoMs: 26 * HOUR })).toEqual([]);
});

describe('found in what is written', () => {
  test.each([
    [
      'its backups expire before the next',
      daily({ ttl: '12h0m0s' }),
      'wrong: daily: its backups expire after 12h, before the next one is due (every 1d): in between there is none',
    ],
    [
      'only one is kept',
      daily({ ttl: '30h' }),
      'risky: daily: its backups expire after 1d 6h and one is due every 1d: if one fails, the one before it is about to go',
    ],
    [
      'a namespace that is gone',
      daily({ includedNamespaces: ['shop', 'gone'] }),
      'wrong: daily: the namespace gone that it names does not exist: each backup comes out partial',
    ],
    ['included and excluded', daily({ excludedNamespaces: ['shop'] }), 'wrong: daily: shop is included and excluded: each backup fails its validation'],
    [
      'old and new filters',
      daily({ includedResources: ['*'], excludedNamespaceScopedResources: ['events'] }),
      'wrong: daily: it mixes the old and the new resource filters: each backup fails its validation',
    ],
    [
      'two selectors',
      daily({ labelSelector: { matchLabels: {} }, orLabelSelectors: [] }),
      'wrong: daily: it has labelSelector and orLabelSelectors: each backup fails its validation',
    ],
    [
      'an order nobody follows',
      daily({ orderedResources: { 'v1/Secret': 'a' } }),
      'wrong: daily: orderedResources names v1/Secret: only the plural of a resource is understood, such as secrets',
    ],
    [
      'no volumes',
      daily({ snapshotVolumes: false }),
      'risky: daily: no volume is in it, unless its pod asks for that by an annotation (snapshotVolumes is false)',
    ],
    ['a storage that is not there', daily({ storageLocation: 'second' }), 'wrong: daily: its storage location "second" does not exist'],
    ['a cron that never comes', daily({}, { cron: '0 2 30 2 *' }), 'wrong: daily: its cron "0 2 30 2 *" never comes, or cannot be read'],
    ['a pause', daily({}, { paused: true }), 'note: daily: it is paused and makes no backups'],
    [
      'refused',
      daily({}, { status: { phase: 'FailedValidation', validationErrors: ['invalid schedule'] } }),
      'wrong: daily: Velero refuses it: invalid schedule',
    ],
    ['thousands kept', daily({}, { cron: '*/5 * * * *' }), 'note: daily: 8640 backups of it are kept (every 5m for 30d): every list of backups holds them'],
  ])('%s', (_, object, line) => {
    expect(lint([object])).toEqual([line]);
  });

  test('a pattern of namespaces is no name of one', () => {
    expect(lint([daily({ includedNamespaces: ['team-*'] })])).toEqual([]);
  });

  test('a storage that is read-only', () => {
    expect(lint([daily()], { locations: [location('default', {}, { accessMode: 'ReadOnly' })] })).toEqual([
      'wrong: daily: its storage location "default" is read-only',
    ]);
  });
});

describe('found in how long it takes', () => {
  test('a loss that cannot be kept to: the interval and the time that the backup itself takes', () => {
    expect(lint([daily()], { rpoMs: HOUR })).toEqual(['wrong: daily: at most 1h of data may be lost, but one is due every 1d']);
    expect(lint([daily({}, { cron: '0 * * * *' })], { rpoMs: 65 * MINUTE, backups: [took('daily', 10 * MINUTE)] })).toContain(
      'wrong: daily: at most 1h 5m of data may be lost, but one is due every 1h and takes 10m',
    );
  });

  test('one that takes longer than the time to the next', () => {
    expect(lint([daily({}, { cron: '0 * * * *' })], { backups: [took('daily', 90 * MINUTE)] })).toContain(
      'wrong: daily: a backup takes 1h 30m and one is due every 1h: it never keeps up, and times are skipped without a word',
    );
  });

  test('two in each other’s way, with how much later the second would find its way free', () => {
    const weekly = schedule('weekly', { cron: '30 2 * * 0', template: { includedNamespaces: ['*'] } });
    expect(lint([daily(), weekly], { backups: [took('daily', 45 * MINUTE)] })).toEqual([
      'note: weekly: it comes while daily runs, once in a week, first at 2026-11-22 02:30 UTC: backups run one at a time, so it waits; 15m later it would not',
    ]);
    expect(lint([daily(), weekly], { backups: [took('daily', 30 * MINUTE)] })).toEqual([]);
  });

  test('two that ask for the same at the same time', () => {
    expect(lint([daily(), schedule('nightly', { template: { includedNamespaces: ['shop'] } })])).toEqual([
      'note: nightly: it comes while daily runs, 7 times in a week, first at 2026-11-22 02:00 UTC: backups run one at a time, so it waits; 1m later it would not',
      'note: nightly: it asks for the same as daily, at the same time, in the same storage',
    ]);
  });
});
