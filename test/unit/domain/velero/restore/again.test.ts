import { describe, expect, test } from 'vitest';
import { againName, askedSpec, namespacesOf, standingOf } from '../../../../../src/domain/velero/restore/again.ts';
import { causeOfRestore } from '../../../../../src/domain/velero/restore/reason.ts';
import { type Restore, readRestore } from '../../../../../src/domain/velero/restore/restore.ts';
import type { JsonObject } from '../../../../../src/model/json.ts';
import { NOW } from '../../../handlers/velero-objects.ts';

const made = (
  name: string,
  status: object,
  { agoMs = 60_000, spec = { backupName: 'b', includedNamespaces: ['shop'] } }: { agoMs?: number; spec?: JsonObject } = {},
): Restore =>
  readRestore({
    apiVersion: 'velero.io/v1',
    kind: 'Restore',
    metadata: { name, namespace: 'velero', uid: name, creationTimestamp: new Date(NOW - agoMs).toISOString() },
    spec,
    status,
  });
const FAILED = { phase: 'Failed', failureReason: 'found a restore with status "InProgress" during the server starting, mark it as "Failed"' };

describe('why a restore failed', () => {
  test.each<[string, object, readonly string[], string, string]>([
    ['a restart', FAILED, [], 'server-restarted', 'transient'],
    ['a location that was away', { validationErrors: ['The BSL default is unavailable, cannot retrieve the backup'] }, [], 'location-away', 'storage-away'],
    [
      'an archive that is gone',
      { failureReason: 'restore execution failed: error downloading backup: … NoSuchKey: The specified key does not exist.' },
      [],
      'archive-gone',
      'permanent',
    ],
    [
      'a backup that is gone',
      { validationErrors: ['Error retrieving backup: can\'t find backup velero/nope: Backup.velero.io "nope" not found'] },
      [],
      'backup-gone',
      'permanent',
    ],
    ['a wrong policy', { validationErrors: ['Invalid ExistingResourcePolicy: replace'] }, [], 'asked-wrongly', 'permanent'],
    [
      'a webhook',
      { errors: 1 },
      ['shop: error restoring pods/shop/web: admission webhook "pods.example.com" denied the request'],
      'webhook-refused',
      'permanent',
    ],
    ['a kind that nobody serves', { errors: 1 }, ['no matches for kind "Widget" in version "example.com/v1"'], 'kind-gone', 'permanent'],
  ])('%s', (_, status, lines, id, kind) => {
    expect(causeOfRestore(made('r', status), lines)).toMatchObject({ id, class: kind });
  });

  test('one error that nobody knows makes a restart no harmless cause; a warning does not', () => {
    expect(causeOfRestore(made('r', FAILED), ['something new'])).toMatchObject({ id: 'unknown' });
    expect(causeOfRestore(made('r', FAILED), ['warning: something new'])).toMatchObject({ id: 'server-restarted' });
  });
});

describe('how matters stand', () => {
  test('the newest that failed is meant, unless one is named', () => {
    const all = [made('old', FAILED, { agoMs: 9000 }), made('new', FAILED, { agoMs: 1000 })];
    expect(standingOf(all, {})).toMatchObject({ kind: 'failed', failed: { name: 'new' } });
    expect(standingOf(all, { name: 'old' })).toMatchObject({ kind: 'failed', failed: { name: 'old' } });
    expect(standingOf(all, { name: 'none' })).toEqual({ kind: 'none' });
  });

  test('a later complete one for the same place ends the matter; for another place it does not', () => {
    const failed = made('r', FAILED, { agoMs: 9000 });
    const good = made('later', { phase: 'Completed' }, { agoMs: 1000 });
    const beside = made(
      'beside',
      { phase: 'Completed' },
      { agoMs: 1000, spec: { backupName: 'b', includedNamespaces: ['shop'], namespaceMapping: { shop: 'copy' } } },
    );
    expect(standingOf([failed, good], { name: 'r' })).toMatchObject({ kind: 'good', good: { name: 'later' } });
    expect(standingOf([failed, beside], { name: 'r' })).toMatchObject({ kind: 'failed' });
  });

  test('a second try that failed is known as one, from either side', () => {
    const all = [made('r', FAILED, { agoMs: 9000 }), made('r-again-3f9a01c2', FAILED, { agoMs: 1000 })];
    expect(standingOf(all, { name: 'r' })).toMatchObject({ kind: 'failed', tried: { name: 'r-again-3f9a01c2' } });
    expect(standingOf(all, {})).toMatchObject({ kind: 'failed', tried: { name: 'r-again-3f9a01c2' } });
  });
});

test('a new one asks for what the first asked for, without what the server filled in', () => {
  const spec = {
    backupName: 'b',
    scheduleName: 'daily',
    includedNamespaces: ['shop'],
    namespaceMapping: { shop: 'copy' },
    excludedResources: [
      'nodes',
      'events',
      'events.events.k8s.io',
      'backups.velero.io',
      'csinodes.storage.k8s.io',
      'volumeattachments.storage.k8s.io',
      'secrets',
    ],
    itemOperationTimeout: '4h0m0s',
    hooks: {},
  };
  const asked = askedSpec(made('r', FAILED, { spec }));
  expect(asked).toEqual({ backupName: 'b', includedNamespaces: ['shop'], namespaceMapping: { shop: 'copy' }, excludedResources: ['secrets'] });
  expect([...namespacesOf(asked)]).toEqual([['shop', 'copy']]);
});

test('the name of a new one is the same for the same step, and fits into a label', () => {
  expect(againName('shop-tonight', '3f9a01c2ffff')).toBe('shop-tonight-again-3f9a01c2');
  expect(againName('x'.repeat(80), '3f9a01c2ffff')).toHaveLength(63);
});
