import { describe, expect, test } from 'vitest';
import { isLike } from '../../../../../src/domain/like.ts';
import { type Backup, readBackup } from '../../../../../src/domain/velero/backup.ts';
import { chooseBackup } from '../../../../../src/domain/velero/restore/choose.ts';
import { backup, HOUR, NOW } from '../../../handlers/velero-objects.ts';

const made = (name: string, phase: string, agoMs: number, spec: object = { includedNamespaces: ['shop'] }): Backup =>
  readBackup(backup(name, { phase, agoMs, spec }));

const ALL = [
  made('daily-1', 'Completed', 32 * HOUR),
  made('daily-2', 'Completed', 8 * HOUR),
  made('daily-3', 'PartiallyFailed', 4 * HOUR),
  made('daily-4', 'Failed', 2 * HOUR),
  made('other-1', 'Completed', HOUR, { includedNamespaces: ['bank'] }),
];
const chosen = (wanted: Partial<Parameters<typeof chooseBackup>[1]>, all = ALL): unknown => {
  const found = chooseBackup(all, { source: 'shop', ...wanted });
  return 'backup' in found ? found.backup.name : found.finding;
};

describe('without a name', () => {
  test('the newest complete backup of the namespace is taken, not a newer partial or failed one, nor that of another namespace', () => {
    expect(chosen({})).toBe('daily-2');
  });

  test('a partial one is taken where there is no complete one', () => {
    expect(chosen({}, ALL.slice(2))).toBe('daily-3');
  });

  test('only what was taken before the time that a person gives counts', () => {
    expect(chosen({ beforeMs: NOW - 9 * HOUR })).toBe('daily-1');
    expect(chosen({ beforeMs: NOW - 99 * HOUR })).toMatchObject({
      kind: 'hand-over',
      reason: 'no backup of shop from before 2026-11-17 07:00 UTC can be restored',
    });
  });

  test('of a namespace that no backup was asked to hold the near names are told', () => {
    expect(chosen({ source: 'shopp' })).toMatchObject({
      kind: 'hand-over',
      hints: ['Namespaces that backups are made of: Did you mean shop?', expect.anything()],
    });
  });
});

describe('by name', () => {
  test.each(['daily-1', 'daily-3'])('%s is what is taken, complete or partial', (name) => {
    expect(chosen({ name })).toBe(name);
  });

  test('one that does not exist is answered with the nearest name and the newest usable one', () => {
    expect(chosen({ name: 'dayly-2' })).toMatchObject({
      reason: 'the backup dayly-2 does not exist. Did you mean daily-2?',
      hints: ['The newest of shop that can be restored: daily-3', 'All of them: velero backup get'],
    });
  });

  test('one that failed is refused, and the usable one is named', () => {
    expect(chosen({ name: 'daily-4' })).toMatchObject({ kind: 'hand-over', reason: 'daily-4 is Failed: nothing can be restored from it' });
  });

  test('one that is being made is waited for', () => {
    expect(chosen({ name: 'now' }, [made('now', 'InProgress', 60_000)])).toMatchObject({ kind: 'wait', reason: 'now is in progress: waiting for its end' });
  });
});

test.each([
  ['shop', 'shop', true],
  ['shop', 'sho', false],
  ['shop', '*', true],
  ['shop-eu', 'shop-*', true],
  ['shop', 'shop-*', false],
  ['eu-shop-1', '*shop*', true],
  ['aba', 'ab*ba', false],
  ['abcba', 'ab*ba', true],
  ['axbxc', 'a*b*c', true],
])('the namespace %s is asked for by %s: %s', (name, pattern, is) => {
  expect(isLike(name, pattern)).toBe(is);
});
