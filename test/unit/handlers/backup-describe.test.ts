import { describe, expect, test } from 'vitest';
import { backupDescribe } from '../../../handlers/backup-describe.ts';
import { backupLogs } from '../../../handlers/backup-logs.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { answerText } from '../domain/velero/answers.ts';
import { diagnose } from './about.ts';
import { type Plain, plainCluster } from './plain-cluster.ts';
import { backup, dataUpload, GOOD_YESTERDAY, HOUR } from './velero-objects.ts';

const NAME = 'daily-20261120020000';
const FILES = {
  [`BackupResourceList/${NAME}`]: JSON.stringify({ 'v1/Pod': ['shop/web', 'shop/api'], 'apps/v1/Deployment': ['shop/web'], 'v1/Namespace': ['shop'] }),
  [`BackupVolumeInfos/${NAME}`]: JSON.stringify([
    { pvcName: 'data', pvcNamespace: 'shop', backupMethod: 'CSISnapshot', result: 'succeeded', snapshotDataMoved: true },
    { pvcName: 'logs', pvcNamespace: 'shop', backupMethod: 'PodVolumeBackup', result: 'failed' },
    { pvcName: 'cache', pvcNamespace: 'shop', skipped: true, skippedReason: 'no policy for it' },
  ]),
  [`BackupResults/${NAME}`]: answerText('hook-failed-results.json'),
};
const describeIt = (objects: readonly KubeObject[], rest: Omit<Plain, 'objects'> = {}, name = NAME) =>
  diagnose(backupDescribe, { backup: name }, plainCluster({ objects, ...rest }).kube);

describe('what a backup holds', () => {
  test('kinds, namespaces, volumes that are in it and those that are not, its errors, how long it is kept', async () => {
    const { finding, facts, evidence } = await describeIt([GOOD_YESTERDAY], { files: FILES });
    expect(finding).toEqual({ kind: 'act', reason: `${NAME} is Completed: 214 items, took 4m` });
    expect(facts).toMatchObject({ items: 214, volumes: 3, volumesMissing: 2, schedule: 'daily' });
    expect(evidence).toEqual(
      expect.arrayContaining([
        'made 2026-11-20 02:00 UTC (1d 8h ago) by the schedule daily, in "default"',
        'kept until 2026-12-21 10:00 UTC',
        'of shop: 2 Pod, 1 Deployment, 1 Namespace',
        '1 volume by CSISnapshot, moved to the storage',
        'volume shop/logs is NOT in it: PodVolumeBackup failed',
        'volume shop/cache is NOT in it: skipped, no policy for it',
      ]),
    );
    expect(evidence.some((line) => line.startsWith('error: ') && line.includes('hook'))).toBe(true);
  });

  test('one that runs shows its volumes on their way, and asks for no file that is not there yet', async () => {
    const running = backup('daily-2', { phase: 'WaitingForPluginOperations', agoMs: HOUR });
    const upload = dataUpload('u1', 'daily-2', { phase: 'InProgress', node: 'w1', progress: { bytesDone: 1024, totalBytes: 2048 } });
    const { evidence } = await describeIt([running, upload], {}, 'daily-2');
    expect(evidence).toContain('volume shop/data-pg-0 is InProgress on w1: 1.0 KiB of 2.0 KiB');
    expect(evidence.join()).not.toContain('is not in the storage');
  });

  test('files that are gone are named, and the rest is said all the same', async () => {
    const { evidence } = await describeIt([GOOD_YESTERDAY], {
      files: { [`BackupResults/${NAME}`]: new SalvorError('storage.unavailable', 'refused', { retry: 'later' }) },
    });
    expect(evidence).toContain('BackupResourceList is not in the storage');
    expect(evidence).toContain('BackupResults cannot be fetched: refused');
  });

  test('a deletion that is asked for is seen, and so is a name that no backup has', async () => {
    const request: KubeObject = {
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name: 'del-1', namespace: 'velero', labels: { 'velero.io/backup-name': NAME } },
    };
    expect((await describeIt([GOOD_YESTERDAY, request])).evidence).toContain('its deletion is asked for by del-1');
    expect((await describeIt([GOOD_YESTERDAY], {}, 'daily-2026')).finding.reason).toBe(`there is no backup daily-2026; there are ${NAME}`);
  });
});

describe('what went wrong in it', () => {
  const log = (object: KubeObject, rest: Omit<Plain, 'objects'> = {}) =>
    diagnose(backupLogs, { backup: object.metadata.name }, plainCluster({ objects: [object], ...rest }).kube);
  const partial = backup('daily-2', { phase: 'PartiallyFailed' });

  test('the lines of its log that say so, counted', async () => {
    const { finding, facts, evidence } = await log(partial, { files: { 'BackupLog/daily-2': answerText('hook-failed.log') } });
    expect(finding.reason).toMatch(/^the log of daily-2 \(PartiallyFailed\) has \d+ errors? and \d+ warnings? that differ$/);
    expect(facts['errors']).toBeGreaterThan(0);
    expect(evidence.at(-1)).toBe('The whole log: velero -n velero backup logs daily-2');
  });

  test('one that runs, never began or has no log any more says so', async () => {
    expect((await log(backup('daily-2', { phase: 'InProgress' }))).finding.reason).toBe('daily-2 is in progress: its log is written at its end');
    expect((await log(backup('daily-2', { phase: 'FailedValidation', status: { validationErrors: ['no location'] } }))).finding.reason).toBe(
      'daily-2 never began, so it has no log: no location',
    );
    expect((await log(partial)).finding.reason).toBe('the log of daily-2 cannot be had: BackupLog is not in the storage');
  });
});
