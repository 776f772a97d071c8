import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../../src/world/object.ts';
import { run } from '../doing.ts';
import type { Site } from '../site.ts';
import { plain, statusOf } from '../status.ts';

const ANNOTATIONS = {
  'velero.io/resource-timeout': '10m0s',
  'velero.io/source-cluster-k8s-gitversion': expect.stringMatching(/^v1\.\d+\.\d+$/),
  'velero.io/source-cluster-k8s-major-version': '1',
  'velero.io/source-cluster-k8s-minor-version': expect.stringMatching(/^\d+$/),
};
const STARTED = 'expiration formatVersion phase startTimestamp version';
const WAY = [
  ['', ''],
  ['Queued', 'phase queuePosition'],
  ['ReadyToStart', 'phase'],
  ['InProgress', STARTED],
] as const;

/** Backups that end: their phases in order, as a watch tells them, and the fields that come with each. */
export function backupCases(site: Site): void {
  describe('a backup', () => {
    test('that succeeds goes its whole way and carries what it was asked for, filled in', async () => {
      const ran = await run(site, 'Backup', { includedNamespaces: [site.namespace], ttl: '1h0m0s' }, { metadata: { labels: { team: 'shop' } } });
      expect(ran.fields).toEqual([
        ...WAY,
        ['Finalizing', 'expiration formatVersion hookStatus phase progress startTimestamp version'],
        ['Completed', 'completionTimestamp expiration formatVersion hookStatus phase progress startTimestamp version'],
      ]);
      expect(ran.done['metadata']).toMatchObject({ labels: { team: 'shop', 'velero.io/storage-location': 'default' }, annotations: ANNOTATIONS });
      expect(ran.done['metadata']).not.toHaveProperty('finalizers');
      expect(ran.done['spec']).toEqual({
        csiSnapshotTimeout: '10m0s',
        defaultVolumesToFsBackup: false,
        excludedClusterScopedResources: ['volumesnapshotcontents.snapshot.storage.k8s.io'],
        excludedNamespaceScopedResources: ['volumesnapshots.snapshot.storage.k8s.io'],
        includedNamespaces: [site.namespace],
        itemOperationTimeout: '4h0m0s',
        snapshotMoveData: false,
        storageLocation: 'default',
        ttl: '1h0m0s',
        volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
      });
      const status = statusOf(ran.done);
      expect(status).toMatchObject({ formatVersion: '1.1.0', version: 1, hookStatus: {} });
      // The namespace and its two ConfigMaps, at least.
      expect(status['progress']).toEqual({ itemsBackedUp: expect.any(Number), totalItems: expect.any(Number) });
      expect(Date.parse(textAt(status, 'expiration')) - Date.parse(textAt(status, 'startTimestamp'))).toBe(3_600_000);
    });

    test('with filters of the old style leaves snapshots out in that style, and takes no time for the usual one', async () => {
      // So the command line of Velero writes what nobody said.
      const unsaid = { ttl: '0s', csiSnapshotTimeout: '0s', itemOperationTimeout: '0s' };
      const { done } = await run(site, 'Backup', { includedNamespaces: [site.namespace], includedResources: ['configmaps'], ...unsaid });
      expect(done['spec']).toMatchObject({
        excludedResources: ['volumesnapshots.snapshot.storage.k8s.io', 'volumesnapshotcontents.snapshot.storage.k8s.io'],
        ttl: '720h0m0s',
        csiSnapshotTimeout: '10m0s',
        itemOperationTimeout: '4h0m0s',
      });
      expect(done['spec']).not.toHaveProperty('excludedClusterScopedResources');
    });

    test('of a namespace that is not there is partial: one error, no reason, nothing in it', async () => {
      const ran = await run(site, 'Backup', { includedNamespaces: ['nope'] });
      expect(ran.fields).toEqual([
        ...WAY,
        ['FinalizingPartiallyFailed', 'errors expiration formatVersion hookStatus phase progress startTimestamp version'],
        ['PartiallyFailed', 'completionTimestamp errors expiration formatVersion hookStatus phase progress startTimestamp version'],
      ]);
      expect(statusOf(ran.done)).toMatchObject({ errors: 1, progress: {} });
    });

    test('whose name is in the bucket already fails, with a reason and without counts', async () => {
      const { name } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
      await site.remove('Backup', name);
      const ran = await run(site, 'Backup', { includedNamespaces: [site.namespace] }, { name });
      expect(ran.fields).toEqual([...WAY, ['Failed', 'completionTimestamp expiration failureReason formatVersion phase startTimestamp version']]);
      expect(statusOf(ran.done)['failureReason']).toBe('backup execution failed: backup already exists in object storage');
    });

    test('whose hook fails is partial, and counts hooks and errors', async () => {
      await pod(site, 'hooked');
      site.tell({ next: [{ outcome: 'partially-failed', reason: 'hook-failed' }] });
      const hook = { name: 'h', includedNamespaces: [site.namespace], pre: [{ exec: { command: ['/bin/false'], onError: 'Fail' } }] };
      const ran = await run(site, 'Backup', { includedNamespaces: [site.namespace], hooks: { resources: [hook] } });
      expect(ran.phases.at(-1)).toBe('PartiallyFailed');
      expect(statusOf(ran.done)).toMatchObject({ errors: 2, hookStatus: { hooksAttempted: 1, hooksFailed: 1 } });
      expect(statusOf(ran.done)).not.toHaveProperty('warnings');
      await site.raw.request('DELETE', `/api/v1/namespaces/${site.namespace}/pods/hooked?gracePeriodSeconds=0`);
    });

    test('of files in volumes, without a node agent, is partial, with an error and a warning', async () => {
      await pod(site, 'filed');
      site.tell({ next: [{ outcome: 'partially-failed', reason: 'no-node-agent' }] });
      const ran = await run(site, 'Backup', { includedNamespaces: [site.namespace], defaultVolumesToFsBackup: true });
      expect(ran.phases.at(-1)).toBe('PartiallyFailed');
      expect(statusOf(ran.done)).toMatchObject({ errors: 1, warnings: 1, hookStatus: {} });
      await site.raw.request('DELETE', `/api/v1/namespaces/${site.namespace}/pods/filed?gracePeriodSeconds=0`);
    });
  });

  describe('a backup that may not start', () => {
    const other = 'Please address this issue (see `velero backup-location -h` for options) and create a new backup.';
    test.each([
      [
        'its location is not there',
        () => ({ storageLocation: 'nope' }),
        `an existing backup storage location was not specified at backup creation time and the default nope was not found. ${other} Error: BackupStorageLocation.velero.io "nope" not found`,
      ],
      [
        'it excludes what it includes',
        () => ({ includedNamespaces: ['app'], excludedNamespaces: ['app'] }),
        'Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: app',
      ],
      [
        'it selects in two ways',
        () => ({ labelSelector: { matchLabels: { a: 'b' } }, orLabelSelectors: [{ matchLabels: { a: 'c' } }] }),
        'encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified',
      ],
      [
        'it filters in both styles',
        () => ({ includedResources: ['pods'], includedNamespaceScopedResources: ['pods'] }),
        expect.stringMatching(/^include-resources, .* are old filter parameters\.\n.* are new filter parameters\.\nThey cannot be used together$/),
      ],
    ])('because %s says why, and has no times', async (_name, spec, error) => {
      const ran = await run(site, 'Backup', spec());
      expect(ran.fields).toEqual([...WAY.slice(0, 3), ['FailedValidation', 'expiration formatVersion phase validationErrors version']]);
      expect(plain(statusOf(ran.done))).toEqual({
        expiration: 'TIME',
        formatVersion: '1.1.0',
        phase: 'FailedValidation',
        validationErrors: [error],
        version: 1,
      });
    });

    test('because its location is read-only says so', async () => {
      await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadOnly' } });
      const { done } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
      await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadWrite' } });
      expect(statusOf(done)['validationErrors']).toEqual(["backup can't be created because backup storage location default is currently in read-only mode"]);
      // Nobody said which namespaces: all of them.
      expect(done['spec']).toMatchObject({ includedNamespaces: [site.namespace], storageLocation: 'default' });
    });
  });
}

/** A pod with a volume, running. */
async function pod({ raw, namespace, until }: Site, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const container = { name: 'p', image: 'example.com/p', volumeMounts: [{ name: 'd', mountPath: '/d' }] };
  const spec = { containers: [container], volumes: [{ name: 'd', emptyDir: {} }] };
  await raw.request('POST', path, { body: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } });
  await until('the pod to run', async () => textAt((await raw.request('GET', `${path}/${name}`)).body, 'status', 'phase') === 'Running' || undefined);
}
