import { formatDuration } from '../../model/duration.ts';
import type { KubeObject } from '../../model/object.ts';
import { ownerOf } from '../other-owner.ts';
import { isReady, type Node, readNode } from './node.ts';

type Asked = {
  /** The Node that is drained. */
  readonly found: KubeObject;
  /** All of the cluster, this one among them. */
  readonly nodes: readonly Node[];
  /** How many nodes may be out at once, with this one. */
  readonly atOnce: number;
  readonly nowMs: number;
};

/**
 * What lets a drain wait, as one sentence; undefined: nothing. Asked before it begins and before every wave.
 * More than half of the nodes have to report: where they do not, it is the network or the control plane, and moving pods makes it worse.
 */
export function drainHold({ found, nodes, atOnce, nowMs }: Asked): string | undefined {
  const node = readNode(found);
  const silent = nodes.filter((one) => one.ready.status === 'Unknown');
  if (silent.length * 2 >= nodes.length && nodes.length > 1)
    return `${silent.length} of ${nodes.length} nodes do not report: that is the network or the control plane, and nothing is moved meanwhile`;
  const out = nodes.filter((one) => one.name !== node.name && (!isReady(one) || one.unschedulable));
  if (out.length >= atOnce) {
    const names = out.slice(0, 3).map((one) => `${one.name} (${isReady(one) ? 'cordoned' : 'not ready'})`);
    const rest = out.length > names.length ? ` and ${out.length - names.length} more` : '';
    return `${names.join(', ')}${rest}: at most ${atOnce} may be out at once, with this one`;
  }
  const owner = ownerOf(found);
  return owner === undefined ? kubeletSilent(node, nowMs) : `somebody else is at work on ${node.name}: ${owner}`;
}

/** A silent kubelet stops nothing: what is evicted stays Terminating. */
export function kubeletSilent({ name, ready }: Node, nowMs: number): string | undefined {
  if (ready.status !== 'Unknown') return undefined;
  const since = ready.sinceMs === undefined ? '' : ` for ${formatDuration(nowMs - ready.sinceMs)}`;
  return `the kubelet of ${name} has not answered${since}: what is evicted there would stay Terminating`;
}
