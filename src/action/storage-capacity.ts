import { CAPACITY_SOURCES, type CapacitySource, type Fullness, fullnessOf, growthText } from '../domain/velero/retention/capacity.ts';
import { errorText, SalvorError } from '../model/error.ts';
import type { Reader } from '../port/kube.ts';

type Asking = Pick<Reader, 'metrics' | 'metricsRange'>;
/** Which of several storages an alert is about. */
export type Which = { readonly bucket?: string | undefined; readonly claim?: string | undefined };

export type Capacity = {
  /** The fullest first. */
  readonly storages: readonly Fullness[];
  /** How fast the fullest fills. */
  readonly growth?: string;
  /** Why nothing could be measured. */
  readonly missing?: string;
};

const WEEK_MS = 7 * 86_400_000;
const STEP_MS = 6 * 3_600_000;

/** How full the storage of the backups is, by the metrics of every kind of storage that the cluster's Prometheus may know. */
export async function readCapacity(kube: Asking, which: Which, nowMs: number): Promise<Capacity> {
  try {
    const each = await Promise.all(CAPACITY_SOURCES.map((source) => askSource(kube, source, which)));
    const storages = each.flat().sort((a, b) => a.freeBytes / a.totalBytes - b.freeBytes / b.totalBytes);
    const [fullest] = storages;
    if (fullest === undefined) return { storages, missing: 'no metric tells how full the storage is: Prometheus knows none of MinIO, Ceph or its volumes' };
    const growth = await askGrowth(kube, fullest, nowMs);
    return { storages, ...(growth !== undefined && { growth }) };
  } catch (error) {
    if (!(error instanceof SalvorError) || error.code !== 'metrics.unavailable') throw error;
    return { storages: [], missing: `how full the storage is cannot be seen: ${errorText(error)}` };
  }
}

async function askSource(kube: Asking, source: CapacitySource, which: Which): Promise<readonly Fullness[]> {
  const labels = labelsOf(source, which);
  const [amounts, totals] = await Promise.all([kube.metrics(source.free ?? source.used ?? '', labels), kube.metrics(source.total, labels)]);
  return fullnessOf(source, amounts, totals);
}

async function askGrowth(kube: Asking, fullest: Fullness, nowMs: number): Promise<string | undefined> {
  const { source } = fullest;
  const which = source.by === undefined ? {} : { [source.by]: fullest.labels[source.by] ?? '' };
  const [series, ...others] = await kube.metricsRange(source.free ?? source.used ?? '', { fromMs: nowMs - WEEK_MS, untilMs: nowMs, stepMs: STEP_MS }, which);
  // Several of one name are no history of one.
  return series === undefined || others.length > 0 ? undefined : growthText(fullest, series.points);
}

function labelsOf({ by }: CapacitySource, { bucket, claim }: Which): { readonly [name: string]: string } {
  if (by === 'bucket' && bucket !== undefined) return { bucket };
  return by === 'persistentvolumeclaim' && claim !== undefined ? { persistentvolumeclaim: claim } : {};
}
