import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../../src/world/object.ts';
import { run } from '../doing.ts';
import type { Site } from '../site.ts';
import { plain, statusOf } from '../status.ts';

/** DeleteBackupRequests: what goes, what stays, and what is said. */
export function deletionCases(site: Site): void {
  const files = async (name: string): Promise<readonly string[]> => (await site.storage.keys()).filter((key) => key.includes(`/${name}/`));

  describe('a request to delete a backup', () => {
    test('takes the backup, its files, its restores and itself away', async () => {
      const { name, done } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
      expect((await files(name)).map((key) => key.replaceAll(name, 'NAME'))).toEqual([
        'backups/NAME/NAME-itemoperations.json.gz',
        'backups/NAME/NAME-logs.gz',
        'backups/NAME/NAME-podvolumebackups.json.gz',
        'backups/NAME/NAME-resource-list.json.gz',
        'backups/NAME/NAME-results.gz',
        'backups/NAME/NAME-volumeinfo.json.gz',
        'backups/NAME/NAME-volumesnapshots.json.gz',
        'backups/NAME/NAME.tar.gz',
        'backups/NAME/velero-backup.json',
      ]);
      const restore = await run(site, 'Restore', { backupName: name });
      expect(await files(restore.name)).toHaveLength(5);

      const request = site.name('delete');
      using story = await site.watch('DeleteBackupRequest', request);
      using backup = await site.watch('Backup', name);
      await site.make('DeleteBackupRequest', request, { backupName: name });
      await story.gone();
      expect(story.fields()).toEqual([
        ['', ''],
        ['InProgress', 'phase'],
        ['Processed', 'phase'],
      ]);
      expect(story.states().at(-1)).toMatchObject({
        metadata: { labels: { 'velero.io/backup-name': name, 'velero.io/backup-uid': textAt(done, 'metadata', 'uid') } },
      });
      await backup.gone();
      expect(backup.phases().at(-1)).toBe('Deleting');
      expect([...(await files(name)), ...(await files(restore.name))]).toEqual([]);
      expect(await site.look('Restore', restore.name)).toBeUndefined();
    });

    test('for a backup that nobody knows says so, and stays', async () => {
      const request = site.name('delete');
      await site.make('DeleteBackupRequest', request, { backupName: 'nope' });
      const seen = await site.reaches('DeleteBackupRequest', request, ['Processed']);
      expect(plain(statusOf(seen))).toEqual({ phase: 'Processed', errors: ['backup deletion failed: backup not found'] });
    });

    test('for a backup in a location that is read-only says so, and the backup stays as it is', async () => {
      const { name } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
      await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadOnly' } });
      const request = site.name('delete');
      await site.make('DeleteBackupRequest', request, { backupName: name });
      const seen = await site.reaches('DeleteBackupRequest', request, ['Processed']);
      await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadWrite' } });
      expect(statusOf(seen)['errors']).toEqual([
        'backup deletion failed: cannot delete backup because backup storage location default is currently in read-only mode',
      ]);
      expect(statusOf(await site.read('Backup', name))['phase']).toBe('Completed');
    });
  });

  test('a Backup object that is removed by hand leaves its files in the bucket', async () => {
    const { name } = await run(site, 'Backup', { includedNamespaces: [site.namespace] });
    await site.remove('Backup', name);
    expect(await files(name)).toHaveLength(9);
    await site.storage.remove(`backups/${name}`);
  });
}
