import { formatDuration } from '../../../model/duration.ts';
import { formatBytes } from '../../../model/when.ts';

/**
 * Where the capacity of a backup storage can be read. Velero has no metric of it, so each kind of storage is asked for its own; of S3, GCS and Azure
 * nobody knows a capacity. The rule BackupStorageFull (deploy/rules/storage.yml) asks the same and fires below the same share.
 */
export type CapacitySource = {
  readonly kind: string;
  readonly free?: string;
  readonly used?: string;
  readonly total: string;
  /** The label that names one of several, where it has them. */
  readonly by?: 'bucket' | 'persistentvolumeclaim';
  /** Below this free share it is full. */
  readonly least: number;
};

const CLAIMS = 'persistentvolumeclaim=~"minio.*|.*backup.*",persistentvolumeclaim!~"salvor.*",$labels';

export const CAPACITY_SOURCES: readonly CapacitySource[] = [
  { kind: 'MinIO', free: 'minio_cluster_capacity_usable_free_bytes', total: 'minio_cluster_capacity_usable_total_bytes', least: 0.1 },
  { kind: 'MinIO', free: 'minio_cluster_health_capacity_usable_free_bytes', total: 'minio_cluster_health_capacity_usable_total_bytes', least: 0.1 },
  // A bucket without a quota says 0.
  { kind: 'the bucket', used: 'minio_bucket_usage_total_bytes{$labels}', total: 'minio_bucket_quota_total_bytes{$labels} > 0', by: 'bucket', least: 0.1 },
  { kind: 'Ceph', used: 'ceph_cluster_total_used_bytes', total: 'ceph_cluster_total_bytes', least: 0.2 },
  {
    kind: 'the volume',
    free: `kubelet_volume_stats_available_bytes{${CLAIMS}}`,
    total: `kubelet_volume_stats_capacity_bytes{${CLAIMS}}`,
    by: 'persistentvolumeclaim',
    least: 0.1,
  },
];

type Sample = { readonly labels: { readonly [name: string]: string }; readonly value: number };

/** How full one storage is. */
export type Fullness = {
  readonly name: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly isFull: boolean;
  readonly source: CapacitySource;
  readonly labels: { readonly [name: string]: string };
};

/** Brings the two answers of a source together by their labels; the fullest first. What has no whole answer is left out. */
export function fullnessOf(source: CapacitySource, amounts: readonly Sample[], totals: readonly Sample[]): readonly Fullness[] {
  const amountOf = new Map(amounts.map(({ labels, value }) => [keyOf(labels), value]));
  const found = totals.flatMap(({ labels, value: totalBytes }): readonly Fullness[] => {
    const amount = amountOf.get(keyOf(labels));
    if (amount === undefined || !Number.isFinite(amount) || !(totalBytes > 0)) return [];
    const freeBytes = Math.max(source.free === undefined ? totalBytes - amount : amount, 0);
    const name = source.by === undefined ? source.kind : `${source.kind} ${labels[source.by] ?? '?'}`;
    return [{ name, freeBytes, totalBytes, isFull: freeBytes / totalBytes < source.least, source, labels }];
  });
  return found.sort((a, b) => a.freeBytes / a.totalBytes - b.freeBytes / b.totalBytes);
}

function keyOf(labels: { readonly [name: string]: string }): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== '__name__')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** `MinIO has 5% left: 51.2 GiB of 1.0 TiB`. */
export function fullnessText({ name, freeBytes, totalBytes }: Fullness): string {
  return `${name} has ${Math.floor((freeBytes / totalBytes) * 100)}% left: ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)}`;
}

type Point = { readonly atMs: number; readonly value: number };
const DAY_MS = 86_400_000;
/** Less than a day tells nothing of the days to come: backups are made once a day. */
const LEAST_SPAN_MS = DAY_MS;

/** How fast it fills, by what its amount was at the first and at the last of these points; undefined where they say too little. */
export function growthText({ source, freeBytes }: Fullness, points: readonly Point[]): string | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_SPAN_MS) return undefined;
  const grownBytes = source.free === undefined ? last.value - first.value : first.value - last.value;
  const perDay = grownBytes / ((last.atMs - first.atMs) / DAY_MS);
  const over = formatDuration(Math.round((last.atMs - first.atMs) / DAY_MS) * DAY_MS);
  if (!(perDay > 0)) return `it did not grow in the last ${over}`;
  return `it grew by ${formatBytes(Math.round(perDay))} a day in the last ${over}: at this rate it is full in ${formatDuration(Math.floor(freeBytes / perDay) * DAY_MS)}`;
}
