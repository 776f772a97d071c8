import { describe, expect, test } from 'vitest';
import { storageDiagnose } from '../../../handlers/storage-diagnose.ts';
import type { Sample, Series } from '../../../src/port/kube.ts';
import { diagnose } from './about.ts';
import { plainCluster } from './plain-cluster.ts';
import { backup, HOUR, location, NOW, schedule, volumeCopy } from './velero-objects.ts';

const DAY = 24 * HOUR;
const GIB = 1024 ** 3;
const DAYS = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((days) => backup(`daily-${days}`, { phase: 'Completed', agoMs: days * DAY + 8 * HOUR }));
const COPIES = [0, 1, 2].map((days) =>
  volumeCopy(`copy-${days}`, `daily-${days}`, { phase: 'Completed', progress: { totalBytes: 40 * GIB }, incrementalBytes: 2 * GIB }),
);
const OBJECTS = [...DAYS, ...COPIES, schedule('daily'), location()];
const sample = (value: number, labels: Sample['labels'] = {}): Sample => ({ labels, value, atMs: NOW });

function prometheus(answers: { readonly [query: string]: readonly Sample[] }) {
  return (query: string): readonly Sample[] => new Map(Object.entries(answers)).get(query) ?? [];
}
const minio = (freeGib: number) =>
  prometheus({
    minio_cluster_capacity_usable_free_bytes: [sample(freeGib * GIB)],
    minio_cluster_capacity_usable_total_bytes: [sample(1000 * GIB)],
    velero_backup_tarball_size_bytes: [sample(3_250_586, { schedule: 'daily' })],
  });
const see = (
  metrics: Parameters<typeof plainCluster>[0]['metrics'],
  { ranges = [], objects = OBJECTS }: { ranges?: readonly Series[]; objects?: typeof OBJECTS } = {},
) => diagnose(storageDiagnose, {}, plainCluster({ objects, ranges, ...(metrics && { metrics }) }).kube);

describe('how full', () => {
  test('by the metrics of the storage, how fast, and what fills it', async () => {
    const points = Array.from({ length: 8 }, (_, day) => ({ atMs: NOW - (7 - day) * DAY, value: (50 + (7 - day) * 10) * GIB }));
    const { finding, facts, evidence } = await see(minio(50), { ranges: [{ labels: {}, points }] });
    expect(finding).toEqual({ kind: 'act', reason: 'MinIO has 5% left: 50.0 GiB of 1000.0 GiB; 2 backups may be deleted, with 7 of each schedule kept' });
    expect(facts).toMatchObject({ measured: true, freePercent: 5, backups: ['daily-8', 'daily-7'], count: 2 });
    expect(evidence).toEqual(
      expect.arrayContaining([
        'it grew by 10.0 GiB a day in the last 7d: at this rate it is full in 5d',
        'daily: 9 backups; volumes of 40.0 GiB, 2.0 GiB new a day; archive of 3.1 MiB',
        'For backups to come: a ttl of 8d in the template of daily keeps about 8; it is 720h0m0s',
      ]),
    );
  });

  test.each([
    ['MinIO, third kind', { minio_cluster_health_capacity_usable_free_bytes: [sample(9)], minio_cluster_health_capacity_usable_total_bytes: [sample(100)] }, 9],
    [
      'a bucket near its quota',
      {
        'minio_bucket_usage_total_bytes{$labels}': [sample(95, { bucket: 'velero' }), sample(1, { bucket: 'logs' })],
        'minio_bucket_quota_total_bytes{$labels} > 0': [sample(100, { bucket: 'velero' })],
      },
      5,
    ],
    ['Ceph', { ceph_cluster_total_used_bytes: [sample(85)], ceph_cluster_total_bytes: [sample(100)] }, 15],
  ])('%s', async (_what, answers, freePercent) => {
    expect((await see(prometheus(answers))).facts).toMatchObject({ measured: true, freePercent });
  });

  test('room again is recovered', async () => {
    expect((await see(minio(500))).finding).toEqual({ kind: 'recovered', reason: 'MinIO has 50% left: 500.0 GiB of 1000.0 GiB' });
  });

  test('nothing measured is no all-clear: what may go is said nevertheless, and why nothing is known', async () => {
    const without = await see(undefined);
    expect(without).toMatchObject({
      finding: { kind: 'act', reason: expect.stringMatching(/^the storage is said to be full; 2 backups/) },
      facts: { measured: false },
    });
    expect(without.evidence.join('\n')).toContain('how full the storage is cannot be seen: no Prometheus is configured');
    expect((await see(prometheus({}))).evidence.join('\n')).toContain('Prometheus knows none of MinIO, Ceph or its volumes');
  });
});

test('where nothing may go a person adds room, and hears what else there is', async () => {
  const { finding } = await see(minio(50), { objects: [...DAYS.slice(0, 3), schedule('daily'), location()] });
  expect(finding).toMatchObject({
    kind: 'hand-over',
    reason: 'MinIO has 5% left: 50.0 GiB of 1000.0 GiB, and no backup may be deleted: each schedule has no more than the 7 that stay',
    hints: [expect.stringContaining('more room'), expect.stringContaining('keep=3')],
  });
});
