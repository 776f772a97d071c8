import { counted } from '../../model/counted.ts';
import type { Drained } from './drained.ts';
import { type Pod, podName } from './pod.ts';

/** How many new pods of a workload serve, and what is missing, one sentence each. */
export type Replaced = { readonly ready: number; readonly missing: readonly string[] };

/**
 * As many of its youngest pods as it has lost have to serve. Older ones are not asked: what did not serve before is not the drain's doing.
 * `wanted`: how many it wants now; undefined: it is gone, or of a kind that promises no number.
 */
export function replaced(workload: Drained, { pods, wanted }: { readonly pods: readonly Pod[]; readonly wanted: number | undefined }): Replaced {
  const mine = pods.filter(({ owner, deletionMs, isFinished }) => owner?.uid === workload.uid && deletionMs === undefined && !isFinished);
  const young = mine.toSorted((a, b) => b.madeMs - a.madeMs).slice(0, Math.min(workload.pods, wanted ?? mine.length));
  const unmade = wanted === undefined ? 0 : Math.min(workload.pods, wanted) - young.length;
  const ready = young.filter(({ isReady }) => isReady).length;
  const starting = young.filter((pod) => !pod.isReady && (wanted !== undefined || pod.unplaced !== undefined));
  const { kind, namespace, name } = workload;
  return {
    ready,
    missing: [...starting.map(startingText), ...(unmade > 0 ? [`${kind} ${namespace}/${name} has not made ${counted(unmade, 'pod')} yet`] : [])],
  };
}

/** Why a pod does not serve yet, in the words of who keeps it. */
export function startingText(pod: Pod): string {
  if (pod.unplaced !== undefined) return `${podName(pod)} finds no node: ${pod.unplaced}`;
  const waiting = pod.containers.find((one) => one.waiting !== undefined)?.waiting?.reason;
  return `${podName(pod)} is not Ready${waiting === undefined || waiting === '' ? '' : ` (${waiting})`}`;
}
