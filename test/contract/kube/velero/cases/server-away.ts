import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../../src/world/object.ts';
import { ended, run } from '../doing.ts';
import type { Site } from '../site.ts';
import { phaseOf, plain, statusOf } from '../status.ts';

/** The server dies and comes back: what it had in its hands, what waited, what it counted. */
export function serverAwayCases(site: Site): void {
  const { namespace } = site;

  test('a server that dies leaves what is under way as it is; when it is back that has failed, and what waited goes on', async () => {
    const good = await run(site, 'Backup', { includedNamespaces: [namespace] });
    // Without its storage a backup is under way for the seconds of three tries.
    await site.storage.stop();
    const names = { backup: site.name('dies'), restore: site.name('dies'), waiting: site.name('waits') };
    using backup = await site.watch('Backup', names.backup);
    using restore = await site.watch('Restore', names.restore);
    using waiting = await site.watch('Backup', names.waiting);
    await site.make('Restore', names.restore, { backupName: good.name });
    await site.make('Backup', names.backup, { includedNamespaces: [namespace] });
    await backup.until('InProgress');
    await site.make('Backup', names.waiting, { includedNamespaces: [namespace] });
    await waiting.until('Queued');
    await restore.until('InProgress');
    await site.velero.kill();
    expect(statusOf(await site.read('Backup', names.waiting))).toEqual({ phase: 'Queued', queuePosition: 1 });
    expect([phaseOf(await site.read('Backup', names.backup)), phaseOf(await site.read('Restore', names.restore))]).toEqual(['InProgress', 'InProgress']);
    await site.storage.start();
    await site.velero.start();

    await ended(site, 'Backup', names.backup);
    await ended(site, 'Restore', names.restore);
    await backup.until('Failed');
    expect(backup.phases()).toEqual(['', 'Queued', 'ReadyToStart', 'InProgress', 'Failed']);
    const status = statusOf(await site.read('Backup', names.backup));
    expect(plain(status)).toEqual({
      completionTimestamp: 'TIME',
      expiration: 'TIME',
      failureReason: 'found a backup with status "InProgress" during the server starting, mark it as "Failed"',
      formatVersion: '1.1.0',
      phase: 'Failed',
      startTimestamp: 'TIME',
      version: 1,
    });
    expect(plain(statusOf(await site.read('Restore', names.restore)))).toEqual({
      completionTimestamp: 'TIME',
      failureReason: 'found a restore with status "InProgress" during the server starting, mark it as "Failed"',
      phase: 'Failed',
      startTimestamp: 'TIME',
    });
    expect(phaseOf(await ended(site, 'Backup', names.waiting))).toBe('Completed');
    // What it failed at its start it does not count.
    const metrics = await site.metrics();
    expect(
      ['backup_attempt_total', 'backup_success_total', 'backup_failure_total', 'restore_failed_total'].map((name) =>
        metrics.get(`velero_${name}{schedule=""}`),
      ),
    ).toEqual([1, 1, 0, 0]);
  });

  test('what has expired where nothing may be deleted is labelled with the reason, and goes once it may', async () => {
    const { name } = await run(site, 'Backup', { includedNamespaces: [namespace], ttl: '1s' });
    const untilMs = site.nowMs() + 1100;
    await site.until('it to expire', async () => site.nowMs() > untilMs || undefined);
    await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadOnly' } });
    // A server that starts looks at every Backup.
    await site.velero.kill();
    await site.velero.start();
    const label = async (): Promise<string> => textAt(await site.read('Backup', name), 'metadata', 'labels', 'velero.io/gc-failure');
    expect(await site.until('a label', async () => (await label()) || undefined)).toBe('BSLReadOnly');
    await site.patch('BackupStorageLocation', 'default', { spec: { accessMode: 'ReadWrite' } });
    await site.velero.kill();
    await site.velero.start();
    await site.until('it to go', async () => ((await site.look('Backup', name)) === undefined ? true : undefined));
  });

  test('a Backup object that is removed while it runs blocks the queue until the server starts anew', async () => {
    // As many objects as it takes to catch the real one at it.
    const many = Array.from({ length: 400 }, (_, index) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `many-${index}` } }));
    for (let from = 0; from < many.length; from += 40)
      await Promise.all(many.slice(from, from + 40).map((body) => site.raw.request('POST', `/api/v1/namespaces/${namespace}/configmaps`, { body })));
    const [removed, next] = [site.name('removed'), site.name('next')];
    using story = await site.watch('Backup', removed);
    site.tell({ next: [{ outcome: 'completed', takes: '3s', name: removed }] });
    await site.make('Backup', removed, { includedNamespaces: [namespace] });
    await story.until('InProgress');
    await site.remove('Backup', removed);
    await story.gone();
    await site.make('Backup', next, { includedNamespaces: ['default'] });
    const untilMs = site.nowMs() + 8000;
    await site.until('time for it to end', async () => site.nowMs() > untilMs || undefined);
    expect(statusOf(await site.read('Backup', next))).toEqual({ phase: 'Queued', queuePosition: 1 });
    await site.velero.kill();
    await site.velero.start();
    expect(phaseOf(await ended(site, 'Backup', next))).toBe('Completed');
  });

  describe('while the server is away', () => {
    test('what is asked of it waits; when it is back it counts from 0, and takes away what has expired', async () => {
      const short = await run(site, 'Backup', { includedNamespaces: [namespace], ttl: '1s' });
      await site.velero.kill();
      const name = site.name('waits');
      await site.make('Backup', name, { includedNamespaces: [namespace] });
      const request = site.name('waits');
      await site.make('DownloadRequest', request, { target: { kind: 'BackupLog', name: short.name } });
      const untilMs = site.nowMs() + 2000;
      await site.until('two seconds to pass', async () => site.nowMs() > untilMs || undefined);
      expect([statusOf(await site.read('Backup', name)), statusOf(await site.read('DownloadRequest', request))]).toEqual([{}, {}]);

      await site.velero.start();
      const early = await site.until('its metrics', async () => await site.metrics().catch(() => undefined));
      expect(early.get('velero_backup_success_total{schedule=""}')).toBeLessThanOrEqual(1);
      expect([early.get('velero_backup_total'), early.get('velero_restore_total')]).toEqual([0, 0]);
      expect(early.get('velero_backup_last_status{schedule=""}')).toBe(1);

      await site.until('what has expired to go', async () => ((await site.look('Backup', short.name)) === undefined ? true : undefined));
      expect((await site.storage.keys()).filter((key) => key.includes(short.name))).toEqual([]);
      expect(phaseOf(await ended(site, 'Backup', name))).toBe('Completed');
      // The objects are counted five seconds after the start, then once a minute.
      const backups = async (): Promise<number> => (await site.names('Backup')).length;
      await site.until('the objects to be counted', async () => ((await site.metrics()).get('velero_backup_total') === (await backups()) ? true : undefined));
    });
  });
}
