import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDnsSubdomain } from '../../../../src/domain/kube-name.ts';
import { readBackup } from '../../../../src/domain/velero/backup.ts';
import { backupManifest, recipeOfBackup, recipeOfSchedule, sameScope, specDifferences } from '../../../../src/domain/velero/backup-manifest.ts';
import { retryName, runName } from '../../../../src/domain/velero/retry-name.ts';
import { readSchedule } from '../../../../src/domain/velero/schedule.ts';
import { backupObject } from './answers.ts';

const KEY = '3f9a01c2'.padEnd(64, '0');
const schedule = (template: object, labels = {}) =>
  readSchedule({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name: 'daily', namespace: 'velero', labels },
    spec: { schedule: '0 2 * * *', template },
  });

describe('names', () => {
  test('carry the base and the first eight digits of the stepKey', () => {
    expect(retryName('daily', KEY)).toBe('daily-retry-3f9a01c2');
    expect(runName('daily', KEY)).toBe('daily-run-3f9a01c2');
  });

  test('are always names, at most 63 long, whatever legal name they are made of', () => {
    const legal = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,100}[a-z0-9])?$/).filter(isDnsSubdomain);
    fc.assert(
      fc.property(legal, (base) => {
        const name = retryName(base, KEY);
        expect(name.length).toBeLessThanOrEqual(63);
        expect(isDnsSubdomain(name)).toBe(true);
      }),
    );
  });
});

describe('a backup from a schedule', () => {
  test('takes the labels of the schedule and counts for it', () => {
    expect(recipeOfSchedule(schedule({ ttl: '720h', includedNamespaces: ['shop'] }, { team: 'shop' }))).toEqual({
      spec: { ttl: '720h', includedNamespaces: ['shop'] },
      labels: { team: 'shop', 'velero.io/schedule-name': 'daily' },
    });
  });

  test('takes the labels of the template where it has some, and leaves its metadata out of the spec', () => {
    expect(recipeOfSchedule(schedule({ ttl: '720h', metadata: { labels: { tier: 'gold', odd: 7 } } }, { team: 'shop' }))).toEqual({
      spec: { ttl: '720h' },
      labels: { tier: 'gold', 'velero.io/schedule-name': 'daily' },
    });
  });

  test('carries the marks of its run and step', () => {
    const manifest = backupManifest({ name: 'a', namespace: 'velero', recipe: { spec: {}, labels: {} }, stepKey: KEY, run: 'run/1' });
    expect(manifest.metadata.annotations).toEqual({ 'salvor.io/step-key': KEY, 'salvor.io/run': 'run/1' });
  });
});

test('a backup made again leaves the label of the storage to the server', () => {
  const found = backupObject('x', { spec: { ttl: '1h' } });
  const failed = readBackup({ ...found, metadata: { ...found.metadata, labels: { 'velero.io/storage-location': 'default', team: 'shop' } } });
  expect(recipeOfBackup(failed)).toEqual({ spec: { ttl: '1h' }, labels: { team: 'shop' } });
});

test('counts are compared only between backups of the same scope', () => {
  expect(sameScope({ includedNamespaces: ['a'], ttl: '1h' }, { includedNamespaces: ['a'], ttl: '2h', storageLocation: 'x' })).toBe(true);
  expect(sameScope({ includedNamespaces: ['a'] }, { includedNamespaces: ['a', 'b'] })).toBe(false);
  expect(sameScope({}, { excludedNamespaceScopedResources: ['volumesnapshots.snapshot.storage.k8s.io'] })).toBe(true);
  expect(sameScope({}, { labelSelector: { matchLabels: { a: 'b' } } })).toBe(false);
});

test('differences name each changed field, and none that the server added', () => {
  expect(specDifferences({ ttl: '168h', csiSnapshotTimeout: '10m0s' }, { ttl: '720h', includedNamespaces: ['shop'] })).toEqual([
    'includedNamespaces: ["shop"] (the failed one had nothing)',
    'ttl: "720h" (the failed one had "168h")',
  ]);
});

test('a time that nobody gave is no difference: Velero puts its own default in its place, each time', () => {
  const before = { ttl: '720h0m0s', csiSnapshotTimeout: '10m0s', itemOperationTimeout: '4h0m0s', includedNamespaces: ['shop'] };
  const byCommandLine = { ttl: '0s', csiSnapshotTimeout: '0s', itemOperationTimeout: '0s', hooks: {}, includedNamespaces: ['shop'] };
  expect(specDifferences({ ...before, hooks: {} }, byCommandLine)).toEqual([]);
});
