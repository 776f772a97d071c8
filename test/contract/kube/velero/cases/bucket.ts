import { beforeAll, describe, expect, test } from 'vitest';
import { at, objectAt } from '../../../../../src/world/object.ts';
import { type Ran, run } from '../doing.ts';
import type { Site } from '../site.ts';
import { phaseOf, plain, statusOf } from '../status.ts';

const SYNC_MS = 75_000;

type Changed = { readonly kept: Ran; readonly lost: Ran; readonly bad: Ran };

/** Locations and what is in their buckets. */
export function bucketCases(site: Site): void {
  const change = async (): Promise<Changed> => {
    const hooks = { resources: [{ name: 'h', includedNamespaces: ['x'], pre: [{ exec: { command: ['/bin/true'] } }] }] };
    const kept = await run(site, 'Backup', { includedNamespaces: [site.namespace], hooks }, { metadata: { labels: { team: 'shop' } } });
    const lost = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
    const bad = await run(site, 'Backup', { storageLocation: 'nope' });
    await site.remove('Backup', kept.name);
    await site.storage.remove(`backups/${lost.name}`);
    return { kept, lost, bad };
  };
  // The bucket is compared with the cluster once a minute: the other tests of the file run meanwhile.
  let changed: Changed | undefined;
  beforeAll(async () => {
    changed = await change();
  }, 240_000);

  describe('the bucket', () => {
    test('within a minute brings back the Backup that it holds, as a new object, and lets go of the one that it lost', async () => {
      const { kept, lost, bad } = changed ?? (await change());
      const back = await site.until('the Backup to be back', async () => await site.look('Backup', kept.name), SYNC_MS);
      await site.until('the other one to go', async () => ((await site.look('Backup', lost.name)) === undefined ? true : undefined), SYNC_MS);
      expect(back['status']).toEqual(kept.done['status']);
      expect(at(back, 'metadata', 'labels')).toEqual(at(kept.done, 'metadata', 'labels'));
      expect(back['spec']).toEqual({ ...objectAt(kept.done, 'spec'), hooks: {}, metadata: {} });
      expect(at(back, 'metadata', 'uid')).not.toBe(at(kept.done, 'metadata', 'uid'));
      // One that never had files is not missed.
      expect(phaseOf(await site.read('Backup', bad.name))).toBe('FailedValidation');
      expect(plain(statusOf(await site.read('BackupStorageLocation', 'default')))).toEqual({
        lastSyncedTime: 'TIME',
        lastValidationTime: 'TIME',
        phase: 'Available',
      });
    });
  });

  describe('a location', () => {
    test('is looked at as soon as it is made; of a bucket that is not there it says so, and mended it is Available at once', async () => {
      const { config, provider } = objectAt(await site.read('BackupStorageLocation', 'default'), 'spec');
      const name = site.name('other');
      await site.make('BackupStorageLocation', name, { provider: provider ?? '', config: config ?? {}, objectStorage: { bucket: 'nobodys' } });
      const wrong = await site.reaches('BackupStorageLocation', name, ['Unavailable', 'Available'], 9000);
      expect(plain(wrong['status'])).toEqual({
        lastValidationTime: 'TIME',
        phase: 'Unavailable',
        message: plain(
          `BackupStorageLocation "${name}" is unavailable: rpc error: code = Unknown desc = operation error S3: ListObjectsV2, https response error StatusCode: 404, RequestID: ID, HostID: ID, NoSuchBucket: The specified bucket does not exist.`,
        ),
      });
      await site.patch('BackupStorageLocation', name, { spec: { objectStorage: { bucket: 'velero' } } });
      const right = await site.reaches('BackupStorageLocation', name, ['Available'], 9000);
      expect(statusOf(right)).not.toHaveProperty('message');
      expect(phaseOf((await run(site, 'Backup', { includedNamespaces: [site.namespace], storageLocation: name })).done)).toBe('Completed');
      await site.remove('BackupStorageLocation', name);
    });
  });
}
