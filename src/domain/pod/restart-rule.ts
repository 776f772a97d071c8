import { formatDuration } from '../../model/duration.ts';
import { type Pod, podName } from './pod.ts';

/** What is known when a pod is to be restarted without asking anybody. */
export type Restarting = {
  readonly pod: Pod;
  /** The other pods of its controller that are to stay. */
  readonly others: readonly Pod[];
  /** Its claims that only one node can mount. */
  readonly ownData: readonly string[];
  /** What the budgets say to a dry run. */
  readonly eviction: { readonly allowed: true } | { readonly allowed: false; readonly reason: string };
  readonly nowMs: number;
};

/** Nothing of a controller is restarted twice within this time by itself. */
const REST_MS = 1_800_000;

/**
 * Why a person has to say yes to this restart; empty where none has to. A restart by itself is safe where another pod serves meanwhile, the budget lets
 * this one go, nothing has to be handed from one machine to another, and no pod beside it was made lately: what was restarted half an hour ago and is
 * sick again is not helped by a restart, whoever made it. How many in an hour is the limit of the operator's rule.
 */
export function reasonsToAsk({ pod, others, ownData, eviction, nowMs }: Restarting): readonly string[] {
  const kind = pod.owner?.kind ?? 'nobody';
  // What has failed serves nobody, holds nothing, and budgets do not count it.
  if (pod.isFinished) return kind === 'ReplicaSet' ? [] : [`it is of ${kind === 'nobody' ? kind : `a ${kind}`}`];
  const youngest = [pod, ...others].reduce((least, one) => Math.min(least, nowMs - one.madeMs), Number.POSITIVE_INFINITY);
  return [
    ...(kind === 'ReplicaSet' ? [] : [`it is of ${kind === 'nobody' ? kind : `a ${kind}`}`]),
    ...(others.some(({ isReady }) => isReady) ? [] : ['no other pod beside it is Ready']),
    ...(ownData.length === 0 ? [] : [`its data can be at one machine only (${ownData.join(', ')})`]),
    ...(eviction.allowed ? [] : [eviction.reason]),
    ...(youngest >= REST_MS ? [] : [`a pod beside it, or it itself, was made ${formatDuration(youngest)} ago: one was restarted just now (${podName(pod)})`]),
  ];
}
