import { counted } from '../../model/counted.ts';
import { names } from '../pod/drain-plan.ts';
import { type Pod, podName, toleratesMs } from '../pod/pod.ts';
import { timeText } from '../velero/time-text.ts';
import type { Node, Taint } from './node.ts';

/** Of those that the node lifecycle controller puts on a node that is lost, the one that evicts. */
const LOST: ReadonlySet<string> = new Set(['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']);

/** Pods that a person thinks of: none of a DaemonSet, no static ones, none that are over. */
export const isWork = (pod: Pod): boolean => !pod.isMirror && !pod.isFinished && pod.owner?.kind !== 'DaemonSet';

/**
 * What the control plane does about the pods of a lost node without anybody's help, one line each. Budgets are not asked for it.
 * Source  Kubernetes documentation, "Taints and Tolerations", taint based evictions.
 */
export function byItself(node: Node, pods: readonly Pod[]): readonly string[] {
  const work = pods.filter(isWork);
  const taint = node.taints.find(({ key, effect }) => LOST.has(key) && effect === 'NoExecute');
  if (work.length === 0) return [];
  if (taint === undefined) return ['the control plane moves nothing from it by itself: it carries no NoExecute taint'];
  const stopping = work.filter(({ deletionMs }) => deletionMs !== undefined);
  const staying = work.filter(({ deletionMs }) => deletionMs === undefined);
  const until = staying.map((pod) => ({ pod, ms: toleratesMs(pod, taint) ?? 0 }));
  const forEver = until.filter(({ ms }) => ms === Number.POSITIVE_INFINITY);
  const finite = until.filter(({ ms }) => ms !== Number.POSITIVE_INFINITY);
  return [
    ...(finite.length === 0 ? [] : [`the control plane evicts ${counted(finite.length, 'pod')} by itself ${whenText(taint, finite)}, without asking budgets`]),
    ...(forEver.length === 0 ? [] : [`by itself it never evicts ${names(forEver.map(({ pod }) => podName(pod)))}: the taint is tolerated for ever`]),
    ...(stopping.length === 0
      ? []
      : [
          node.ready.status === 'Unknown'
            ? `${names(stopping.map(podName))} ${stopping.length === 1 ? 'is' : 'are'} Terminating, and ${stopping.length === 1 ? 'stays' : 'stay'} so until the kubelet answers, the Node is deleted or is marked out of service`
            : `${names(stopping.map(podName))} ${stopping.length === 1 ? 'is' : 'are'} stopping`,
        ]),
  ];
}

function whenText({ addedMs }: Taint, staying: readonly { readonly ms: number }[]): string {
  if (addedMs === undefined) return 'when they no longer tolerate it';
  const first = Math.min(...staying.map(({ ms }) => ms));
  const last = Math.max(...staying.map(({ ms }) => ms));
  return first === last ? `at ${timeText(addedMs + first)}` : `from ${timeText(addedMs + first)} to ${timeText(addedMs + last)}`;
}
