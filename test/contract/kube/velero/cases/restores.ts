import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../src/model/json.ts';
import { at, objectAt } from '../../../../../src/world/object.ts';
import { run, signed } from '../doing.ts';
import type { Site } from '../site.ts';
import { plain, readObject, statusOf } from '../status.ts';

const LEFT_OUT = [
  'nodes',
  'events',
  'events.events.k8s.io',
  'backups.velero.io',
  'restores.velero.io',
  'resticrepositories.velero.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'backuprepositories.velero.io',
];
const WAY = [
  ['', ''],
  ['InProgress', 'phase startTimestamp'],
] as const;

/** Restores: what comes back, what is left, and what is said. */
export function restoreCases(site: Site): void {
  const { namespace, raw } = site;
  const path = (name: string, of = namespace): string => `/api/v1/namespaces/${of}/configmaps/${name}`;
  const configMap = async (name: string, of = namespace): Promise<JsonObject> => readObject((await raw.request('GET', path(name, of))).body);
  const warnings = async (restore: string): Promise<unknown> => {
    const got = await fetch(await signed(site, 'RestoreResults', restore));
    return JSON.parse(gunzipSync(await got.arrayBuffer()).toString()).warnings;
  };

  describe('a restore', () => {
    let backupName = '';
    beforeAll(async () => {
      backupName = (await run(site, 'Backup', { includedNamespaces: [namespace] })).name;
      const changed = await raw.request('PATCH', path('one'), { body: { data: { of: 'later' } }, contentType: 'application/merge-patch+json' });
      expect(changed.status).toBe(200);
    }, 150_000);

    test('into another namespace makes it, and marks what it brought', async () => {
      const ran = await run(site, 'Restore', { backupName, namespaceMapping: { [namespace]: `${namespace}-new` } });
      expect(ran.phases).toEqual(['', 'InProgress', 'Finalizing', 'Completed']);
      expect(ran.done['spec']).toMatchObject({ backupName, excludedResources: LEFT_OUT, itemOperationTimeout: '4h0m0s' });
      expect(ran.done['metadata']).toMatchObject({ finalizers: ['restores.velero.io/external-resources-finalizer'] });
      expect(statusOf(ran.done)).toMatchObject({ hookStatus: {}, progress: { itemsRestored: expect.any(Number), totalItems: expect.any(Number) } });
      expect(statusOf(ran.done)).not.toHaveProperty('errors');
      const made = await configMap('one', `${namespace}-new`);
      expect([made['data'], at(made, 'metadata', 'labels')]).toEqual([
        { of: 'one' },
        { 'velero.io/backup-name': backupName, 'velero.io/restore-name': ran.name },
      ]);
      expect(objectAt((await raw.request('GET', `/api/v1/namespaces/${namespace}-new`)).body, 'metadata', 'labels')).not.toHaveProperty(
        'velero.io/restore-name',
      );
    });

    test.each([
      ['without a policy', {}, 'could not restore, ConfigMap:one already exists. Warning: the in-cluster version is different than the backed-up version'],
      [
        'by policy none',
        { existingResourcePolicy: 'none' },
        'could not restore, ConfigMap "one" already exists. Warning: the in-cluster version is different than the backed-up version',
      ],
    ])('over what is there, %s, leaves it and warns of what differs', async (_name, policy, warning) => {
      const ran = await run(site, 'Restore', { backupName, ...policy });
      expect(ran.fields).toEqual([
        ...WAY,
        ['Finalizing', 'phase progress startTimestamp warnings'],
        ['Completed', 'completionTimestamp hookStatus phase progress startTimestamp warnings'],
      ]);
      expect(statusOf(ran.done)['warnings']).toBe(1);
      expect(await warnings(ran.name)).toEqual({ namespaces: { [namespace]: [warning] } });
      expect((await configMap('one'))['data']).toEqual({ of: 'later' });
    });

    test('by policy update puts back what differs, and marks all', async () => {
      const ran = await run(site, 'Restore', { backupName, existingResourcePolicy: 'update' });
      expect(ran.fields).toEqual([
        ...WAY,
        ['Finalizing', 'phase progress startTimestamp'],
        ['Completed', 'completionTimestamp hookStatus phase progress startTimestamp'],
      ]);
      expect((await configMap('one'))['data']).toEqual({ of: 'one' });
      expect(at(await configMap('two'), 'metadata', 'labels')).toMatchObject({ 'velero.io/restore-name': ran.name });
    });

    test.each([
      [
        'from a backup that is not there',
        () => ({ backupName: 'nope' }),
        [`Error retrieving backup: can't find backup velero/nope: Backup.velero.io "nope" not found`],
      ],
      ['by a policy that is none', () => ({ backupName, existingResourcePolicy: 'replace' }), ['Invalid ExistingResourcePolicy: replace']],
      ['from nothing', () => ({}), ['Either a backup or schedule must be specified as a source for the restore, but not both']],
      ['from a schedule without backups', () => ({ scheduleName: 'nope' }), ['No backups found for schedule', 'No completed backups found for schedule']],
      [
        'of nodes',
        () => ({ backupName, includedResources: ['nodes'] }),
        ['nodes are non-restorable resources', 'Invalid included/excluded resource lists: excludes list cannot contain an item in the includes list: nodes'],
      ],
    ])('%s is not begun', async (_name, spec, validationErrors) => {
      const ran = await run(site, 'Restore', spec());
      expect(ran.phases).toEqual(['', 'FailedValidation']);
      expect(ran.done['status']).toEqual({ phase: 'FailedValidation', validationErrors });
      expect(ran.done['spec']).toMatchObject({ excludedResources: LEFT_OUT });
    });

    test('waits, without a phase, for the one before it', async () => {
      const [first, second] = [site.name('first'), site.name('second')];
      using one = await site.watch('Restore', first);
      using other = await site.watch('Restore', second);
      await site.make('Restore', first, { backupName });
      await site.make('Restore', second, { backupName });
      await other.until('Completed');
      await one.until('Completed');
      expect(other.phases()).toEqual(['', 'InProgress', 'Finalizing', 'Completed']);
      expect(other.versionOf('InProgress')).toBeGreaterThan(one.versionOf('Finalizing'));
    });

    test('that is deleted takes its files along', async () => {
      const { name } = await run(site, 'Restore', { backupName, existingResourcePolicy: 'update' });
      const files = async (): Promise<number> => (await site.storage.keys()).filter((key) => key.startsWith(`restores/${name}/`)).length;
      expect(await files()).toBe(5);
      await site.remove('Restore', name);
      await site.until('the restore to go', async () => ((await site.look('Restore', name)) === undefined ? true : undefined));
      expect(await files()).toBe(0);
    });

    test.each([
      ['the archive', (name: string) => `backups/${name}/${name}.tar.gz`],
      ['the folder', (name: string) => `backups/${name}`],
    ])('fails when %s is gone from the bucket, though its backup is Completed', async (_name, lost) => {
      const backup = await run(site, 'Backup', { includedNamespaces: [namespace] });
      await site.storage.remove(lost(backup.name));
      const ran = await run(site, 'Restore', { backupName: backup.name });
      expect(ran.fields).toEqual([...WAY, ['Failed', 'completionTimestamp failureReason phase startTimestamp']]);
      const key = `backups/${backup.name}/${backup.name}.tar.gz`;
      expect(plain(statusOf(ran.done)['failureReason'])).toBe(
        plain(
          `restore execution failed: error downloading backup: error copying Backup to temp file: rpc error: code = Unknown desc = error getting object ${key}: operation error S3: GetObject, https response error StatusCode: 404, RequestID: ID, HostID: ID, NoSuchKey: The specified key does not exist.`,
        ),
      );
      expect(statusOf(await site.read('Backup', backup.name))['phase']).toBe('Completed');
    });
  });
}
