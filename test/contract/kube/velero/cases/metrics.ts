import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../../src/model/json.ts';
import { run } from '../doing.ts';
import type { Site } from '../site.ts';
import { statusOf } from '../status.ts';

const COUNTED = [
  'backup_attempt_total',
  'backup_deletion_attempt_total',
  'backup_deletion_failure_total',
  'backup_deletion_success_total',
  'backup_failure_total',
  'backup_partial_failure_total',
  'backup_success_total',
  'backup_validation_failure_total',
  'backup_warning_total',
  'restore_attempt_total',
  'restore_failed_total',
  'restore_partial_failure_total',
  'restore_success_total',
  'restore_validation_failed_total',
  'volume_snapshot_attempt_total',
  'volume_snapshot_failure_total',
  'volume_snapshot_success_total',
];

/** Which of Velero's counters move for which outcome. */
export function metricCases(site: Site): void {
  const { namespace } = site;
  /** What moved, as `name` → by how much. */
  const moved = async (act: () => Promise<unknown>): Promise<JsonObject> => {
    const before = await site.metrics();
    await act();
    const after = await site.metrics();
    const by = (name: string): number => (after.get(`velero_${name}{schedule=""}`) ?? 0) - (before.get(`velero_${name}{schedule=""}`) ?? 0);
    return Object.fromEntries(COUNTED.map((name) => [name, by(name)] as const).filter(([, value]) => value !== 0));
  };
  const gauge = async (name: string): Promise<number | undefined> => (await site.metrics()).get(`velero_${name}{schedule=""}`);

  describe('the metrics', () => {
    test('are there from the start, at 0, for what has no schedule; the last status is good before there is one', async () => {
      const metrics = await site.metrics();
      expect(COUNTED.map((name) => metrics.get(`velero_${name}{schedule=""}`))).toEqual(COUNTED.map(() => 0));
      expect(metrics.get('velero_backup_last_status{schedule=""}')).toBe(1);
      for (const name of ['backup_last_successful_timestamp', 'backup_tarball_size_bytes', 'backup_duration_seconds_count'])
        expect(metrics.has(`velero_${name}{schedule=""}`)).toBe(false);
    });

    test('of a good backup', async () => {
      let name = '';
      expect(await moved(async () => ({ name } = await run(site, 'Backup', { includedNamespaces: [namespace] })))).toEqual({
        backup_attempt_total: 1,
        backup_success_total: 1,
      });
      const { progress } = statusOf(await site.read('Backup', name));
      expect([await gauge('backup_last_status'), await gauge('backup_items_errors')]).toEqual([1, 0]);
      expect(progress).toMatchObject({ totalItems: await gauge('backup_items_total') });
      expect(Math.abs(((await gauge('backup_last_successful_timestamp')) ?? 0) - site.nowMs() / 1000)).toBeLessThan(5);
      expect(await gauge('backup_tarball_size_bytes')).toBeGreaterThan(100);
      // The duration is in whole seconds.
      const [count, sum] = [await gauge('backup_duration_seconds_count'), await gauge('backup_duration_seconds_sum')];
      expect([count, Number.isInteger(sum)]).toEqual([1, true]);
      expect((await site.metrics()).get('velero_backup_duration_seconds_bucket{schedule="",le="60"}')).toBe(1);
    });

    test('of backups that end otherwise', async () => {
      expect(await moved(async () => await run(site, 'Backup', { includedNamespaces: ['nope'] }))).toEqual({
        backup_attempt_total: 1,
        backup_partial_failure_total: 1,
      });
      expect([await gauge('backup_last_status'), await gauge('backup_items_errors')]).toEqual([0, 1]);
      // Validation failures count neither as attempts nor as failures.
      expect(await moved(async () => await run(site, 'Backup', { storageLocation: 'nope' }))).toEqual({ backup_validation_failure_total: 1 });
      const { name } = await run(site, 'Backup', { includedNamespaces: [namespace] });
      await site.remove('Backup', name);
      expect(await moved(async () => await run(site, 'Backup', { includedNamespaces: [namespace] }, { name }))).toEqual({
        backup_attempt_total: 1,
        backup_failure_total: 1,
      });
      expect(await gauge('backup_last_status')).toBe(0);
    });

    test('of restores and deletions', async () => {
      const { name } = await run(site, 'Backup', { includedNamespaces: [namespace] });
      expect(await moved(async () => await run(site, 'Restore', { backupName: name }))).toEqual({ restore_attempt_total: 1, restore_success_total: 1 });
      // Unlike a backup, a restore that may not start counts as an attempt; now and then the real server counts it twice.
      const refused = await moved(async () => await run(site, 'Restore', { backupName: 'nope' }));
      const times = site.isReal && refused['restore_attempt_total'] === 2 ? 2 : 1;
      expect(refused).toEqual({
        restore_attempt_total: times,
        restore_validation_failed_total: times,
      });
      await site.storage.remove(`backups/${name}/${name}.tar.gz`);
      expect(await moved(async () => await run(site, 'Restore', { backupName: name }))).toEqual({ restore_attempt_total: 1, restore_failed_total: 1 });
      const remove = async (backupName: string): Promise<void> => {
        const request = site.name('delete');
        using story = await site.watch('DeleteBackupRequest', request);
        await site.make('DeleteBackupRequest', request, { backupName });
        await story.until('Processed');
      };
      expect(await moved(async () => await remove(name))).toEqual({ backup_deletion_attempt_total: 1, backup_deletion_success_total: 1 });
      // What is refused was not tried.
      expect(await moved(async () => await remove('nope'))).toEqual({});
    });
  });
}
