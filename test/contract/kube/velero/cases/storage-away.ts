import { beforeAll, describe, expect, test } from 'vitest';
import { textAt } from '../../../../../src/world/object.ts';
import { run, signed } from '../doing.ts';
import type { Site } from '../site.ts';
import { phaseOf, plain, statusOf } from '../status.ts';

/** A look every ten seconds and three tries in three: thirteen, and some for a busy machine. */
const BOUND_MS = 18_000;
const REFUSED = 'dial tcp STORAGE: connect: connection refused';
const s3 = (operation: string, method: string, path: string): string =>
  `operation error S3: ${operation}, exceeded maximum number of attempts, 3, https response error StatusCode: 0, RequestID: ID, HostID: ID, request send failed, ${method} "STORAGE/velero${path}": ${REFUSED}`;

/** The storage goes away: first nobody has noticed, then the location says so, then it is back. */
export function storageAwayCases(site: Site): void {
  describe('while the storage is away and nobody has noticed', () => {
    let backupName = '';
    let stoppedMs = 0;
    beforeAll(async () => {
      backupName = (await run(site, 'Backup', { includedNamespaces: [site.namespace] })).name;
      // Just after a look there is time until the next one.
      const before = await site.read('BackupStorageLocation', 'default');
      const looked = (object: typeof before): string => textAt(statusOf(object), 'lastValidationTime');
      await site.until('a look at the location', async () => looked(await site.read('BackupStorageLocation', 'default')) !== looked(before) || undefined);
      await site.storage.stop();
      stoppedMs = site.nowMs();
    }, 150_000);

    test('backups and restores fail within seconds, and say that nobody answers', async () => {
      const [backup, restore] = await Promise.all([run(site, 'Backup', { includedNamespaces: [site.namespace] }), run(site, 'Restore', { backupName })]);
      expect(site.nowMs() - stoppedMs).toBeLessThan(BOUND_MS);
      expect([phaseOf(backup.done), phaseOf(restore.done)]).toEqual(['Failed', 'Failed']);
      expect(plain(statusOf(backup.done)['failureReason'])).toBe(
        plain(
          `backup execution failed: error checking if backup already exists in object storage: rpc error: code = Unknown desc = ${s3('HeadObject', 'Head', `/backups/${backup.name}/velero-backup.json`)}`,
        ),
      );
      const key = `backups/${backupName}/${backupName}.tar.gz`;
      expect(plain(statusOf(restore.done)['failureReason'])).toBe(
        plain(
          `restore execution failed: error downloading backup: error copying Backup to temp file: rpc error: code = Unknown desc = error getting object ${key}: ${s3('GetObject', 'Get', `/${key}?x-id=GetObject`)}`,
        ),
      );
    });

    test('a download gets its URL all the same, and nobody answers behind it', async () => {
      const url = await signed(site, 'BackupLog', backupName);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    });

    test('the location is Unavailable soon, and says why', async () => {
      const location = await site.reaches('BackupStorageLocation', 'default', ['Unavailable']);
      expect(site.nowMs() - stoppedMs).toBeLessThan(BOUND_MS);
      expect(plain(statusOf(location)['message'])).toBe(
        `BackupStorageLocation "default" is unavailable: rpc error: code = Unknown desc = ${s3('ListObjectsV2', 'Get', '?delimiter=%2F&list-type=2&prefix=')}`,
      );
      // The metric tells what was known before the last look.
      await site.until('the metric to tell it', async () =>
        (await site.metrics()).get('velero_backup_location_status_gauge{backup_location_name="default"}') === 0 ? true : undefined,
      );
    });

    test('then nothing is begun, and the reason is the location', async () => {
      const [backup, restore] = await Promise.all([run(site, 'Backup', { includedNamespaces: [site.namespace] }), run(site, 'Restore', { backupName })]);
      expect(statusOf(backup.done)).toMatchObject({
        phase: 'FailedValidation',
        validationErrors: ["backup can't be created because BackupStorageLocation default is in Unavailable status."],
      });
      expect(restore.done['status']).toEqual({ phase: 'FailedValidation', validationErrors: ['The BSL default is unavailable, cannot retrieve the backup'] });
      const request = site.name('delete');
      await site.make('DeleteBackupRequest', request, { backupName });
      expect(statusOf(await site.reaches('DeleteBackupRequest', request, ['Processed']))['errors']).toEqual([
        'backup deletion failed: cannot delete backup because backup storage location default is currently in Unavailable state',
      ]);
      expect(phaseOf(await site.read('Backup', backupName))).toBe('Completed');
    });

    test('once it is back the location is Available soon, without a message', async () => {
      const startedMs = site.nowMs();
      await site.storage.start();
      const location = await site.reaches('BackupStorageLocation', 'default', ['Available']);
      expect(site.nowMs() - startedMs).toBeLessThan(BOUND_MS);
      expect(statusOf(location)).not.toHaveProperty('message');
      expect(phaseOf((await run(site, 'Backup', { includedNamespaces: [site.namespace] })).done)).toBe('Completed');
    });
  });

  test('a deletion while nobody has noticed says what could not be read, and leaves the backup Deleting; a second one works', async () => {
    const { name } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
    using backup = await site.watch('Backup', name);
    await site.storage.stop();
    const first = site.name('delete');
    await site.make('DeleteBackupRequest', first, { backupName: name });
    const said = statusOf(await site.reaches('DeleteBackupRequest', first, ['Processed'], 30_000));
    const folder = `/backups/${name}/${name}`;
    expect(plain(said['errors'])).toEqual(
      plain([
        `error downloading backup tarball, CSI snapshot cleanup was skipped: error copying Backup to temp file: rpc error: code = Unknown desc = error getting object ${folder.slice(1)}.tar.gz: ${s3('GetObject', 'Get', `${folder}.tar.gz?x-id=GetObject`)}`,
        `error getting backup's volume snapshots: rpc error: code = Unknown desc = ${s3('HeadObject', 'Head', `${folder}-volumesnapshots.json.gz`)}`,
      ]),
    );
    await backup.until('Deleting');
    expect(phaseOf(await site.read('Backup', name))).toBe('Deleting');
    await site.storage.start();
    await site.reaches('BackupStorageLocation', 'default', ['Available']);
    const second = site.name('delete');
    await site.make('DeleteBackupRequest', second, { backupName: name }, { labels: { 'velero.io/backup-name': name } });
    await backup.gone();
    await site.until('both requests to go', async () => {
      const left = await site.names('DeleteBackupRequest');
      return left.includes(first) || left.includes(second) ? undefined : true;
    });
  });
}
