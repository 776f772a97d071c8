import { describe, expect, test } from 'vitest';
import { backupDelete } from '../../../handlers/backup-delete.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { calls, STEP_KEY } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, HOUR, location, NOW, volumeCopy } from './velero-objects.ts';

const DAYS = [0, 1, 2, 3, 4, 5].map((days) => backup(`daily-${days}`, { phase: 'Completed', agoMs: (24 * days + 8) * HOUR }));
const COPY = volumeCopy('copy-5', 'daily-5', { phase: 'Completed', progress: { bytesDone: 2048, totalBytes: 2048 }, incrementalBytes: 1024 });
const REPOSITORY: KubeObject = {
  apiVersion: 'velero.io/v1',
  kind: 'BackupRepository',
  metadata: { name: 'shop-default-kopia', namespace: 'velero' },
  spec: { volumeNamespace: 'shop', backupStorageLocation: 'default' },
  status: { phase: 'Ready', lastMaintenanceTime: new Date(NOW - HOUR).toISOString() },
};

function stage(backups: readonly string[] = ['daily-5', 'daily-4'], more: readonly KubeObject[] = [], keep = 2) {
  const objects = new Map([...DAYS, COPY, REPOSITORY, location(), ...more].map((object) => [`${object.kind}/${object.metadata.name}`, object]));
  const open = () => {
    const cluster = plainCluster({ objects: [...objects.values()] });
    return { ...cluster, ...calls(backupDelete, { backups: [...backups], keep }, cluster.kube) };
  };
  return { open, take: (name: string) => objects.delete(name), put: (object: KubeObject) => objects.set(`${object.kind}/${object.metadata.name}`, object) };
}
const request = (of: string, status: object = {}): KubeObject => ({
  apiVersion: 'velero.io/v1',
  kind: 'DeleteBackupRequest',
  metadata: { name: `${of}-${STEP_KEY.slice(0, 8)}`, namespace: 'velero' },
  spec: { backupName: of },
  status,
});

describe('the plan', () => {
  test('names each backup by uid, what stays, and what is freed when', async () => {
    const plan = await stage().open().plan();
    expect(plan).toMatchObject({
      summary: 'Delete 2 backups for good',
      changes: [
        { verb: 'create', object: 'DeleteBackupRequest/velero/daily-5-3f9a01c2', to: { backup: 'daily-5', uid: 'uid-daily-5', volumeNamespaces: ['shop'] } },
        { verb: 'create', object: 'DeleteBackupRequest/velero/daily-4-3f9a01c2', to: { backup: 'daily-4', uid: 'uid-daily-4', volumeNamespaces: [] } },
      ],
      undo: [],
    });
    expect(plan.changes[0]?.note).toBe('of 2026-11-16 02:00 UTC, Completed, 1 volume of 2.0 KiB');
    expect(plan.notes).toContain('Of daily 2 backups of 6 go; the newest that can be restored is daily-0, of 2026-11-21 02:00 UTC');
    expect(plan.notes?.join('\n')).toMatch(/anything between nothing and 2\.0 KiB.*\n.*a day or two after/);
  });

  test('leaves out what is guarded and what is gone, and is refused where nothing is left', async () => {
    const plan = await stage(['daily-0', 'daily-5', 'daily-9']).open().plan();
    expect(plan.changes.map(({ object }) => object)).toEqual(['DeleteBackupRequest/velero/daily-5-3f9a01c2']);
    expect(plan.notes).toEqual(expect.arrayContaining(['daily-0 stays: it is the newest good backup of daily', 'daily-9 is gone already']));
    await expect(stage(['daily-0', 'daily-1']).open().plan()).rejects.toMatchObject({
      code: 'request.invalid',
      message: 'daily-0 is not deleted: it is the newest good backup of daily; 1 more are kept, too',
    });
  });

  test('is void when one of them comes under a legal hold, and not when one of them is gone', async () => {
    const it = stage();
    const before = (await it.open().plan()).facts;
    it.take('Backup/daily-5');
    expect((await it.open().plan()).facts).toEqual(before);
    it.put(backup('daily-4', { phase: 'Completed', agoMs: 104 * HOUR, annotations: { 'salvor.io/legal-hold': 'case' } }));
    await expect(it.open().plan()).rejects.toMatchObject({ message: expect.stringContaining('legal hold (case)') });
  });
});

describe('carried out', () => {
  test('one after the other: the second is asked for when the first is gone', async () => {
    const it = stage();
    const first = it.open();
    expect(await first.execute()).toEqual({ more: 10_000, progress: '0 of 2 backups deleted; daily-5 is being deleted' });
    expect(first.writes).toEqual(['create DeleteBackupRequest/velero/daily-5-3f9a01c2']);
    it.put(request('daily-5', { phase: 'InProgress' }));
    it.put(backup('daily-5', { phase: 'Deleting', agoMs: 128 * HOUR }));
    const second = it.open();
    expect(await second.execute()).toMatchObject({ more: 3000 });
    expect(second.writes).toEqual([]);
  });

  test('an error of Velero ends it, with its words and without another request', async () => {
    const it = stage();
    it.put(request('daily-5', { phase: 'Processed', errors: ['error removing backup from backup storage: AccessDenied'] }));
    const open = it.open();
    await expect(open.execute()).rejects.toMatchObject({
      code: 'action.failed',
      message: expect.stringMatching(/could not delete daily-5: .*AccessDenied.*0 of 2 backups deleted, nothing more was asked for/),
    });
    expect(open.writes).toEqual([]);
  });

  test('what somebody else deletes already is waited for', async () => {
    const it = stage(['daily-5']);
    it.put({ ...request('daily-5'), metadata: { name: 'theirs', namespace: 'velero' } });
    const cluster = plainCluster({
      objects: [...DAYS, location(), request('daily-5'), { ...request('daily-5'), metadata: { name: 'theirs', namespace: 'velero' } }],
    });
    const approved = [{ verb: 'create' as const, object: '', to: { backup: 'daily-5', uid: 'uid-daily-5', volumeNamespaces: [] } }];
    const about = { run: 'r', cluster: 'prod', nowMs: NOW, signal: new AbortController().signal };
    const params = backupDelete.params.parse({ backups: ['daily-5'], keep: 2 });
    const answer = await backupDelete.execute({ ...about, params, kube: cluster.kube, stepKey: 'f'.repeat(64), approved });
    expect(answer).toMatchObject({ progress: expect.stringContaining('by somebody else') });
    expect(cluster.writes).toEqual([]);
  });
});

describe('verified', () => {
  const result = { namespace: 'velero', deleted: [{ name: 'daily-5', uid: 'uid-daily-5' }], volumeNamespaces: ['shop'] };

  test('when it is gone, with when space is to be expected', async () => {
    const it = stage();
    it.take('Backup/daily-5');
    const verdict = await it.open().verify(result);
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok ? verdict.evidence : []).toEqual([
      '1 backup is gone, files first: Velero removes the object last, and said no error',
      'the repository shop-default-kopia was last maintained 1h ago',
      'space of volumes is to be expected by 2026-11-23 10:00 UTC',
    ]);
  });

  test('not when Velero found it again in the storage', async () => {
    expect(await stage().open().verify(result)).toMatchObject({ ok: false, reason: expect.stringContaining('its files are still in the storage') });
  });
});
