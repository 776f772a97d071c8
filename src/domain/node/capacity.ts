import { counted } from '../../model/counted.ts';
import { type Pod, podName } from '../pod/pod.ts';
import type { Volume } from '../volume/volume.ts';
import type { Node } from './node.ts';
import { neighboursRefuse, nodeRefuses, termsChoose } from './placement.ts';

/** Whether what leaves a node finds room on the others. */
export type Room = {
  /** Sure: as the nodes are now, these pods would stay Pending. */
  readonly missing: readonly string[];
  /** What may leave pods Pending: rules between pods, volumes that cannot follow, room that is tight. */
  readonly doubts: readonly string[];
};

type Asked = {
  /** The node that is emptied. */
  readonly node: Pick<Node, 'name'>;
  readonly nodes: readonly Node[];
  /** All pods of the cluster. */
  readonly pods: readonly Pod[];
  readonly moving: readonly Pod[];
  readonly volumesOf: (pod: Pod) => readonly Volume[];
};

type Amount = { readonly cpu: number; readonly memory: number; readonly pods: number };

/**
 * By requests, taints, selectors and required affinity of what is on the nodes now. What is not known of, such as an autoscaler that makes a node
 * or a pod of lower priority that makes room, is not counted: a person may know better.
 */
export function roomElsewhere({ node, nodes, pods, moving, volumesOf }: Asked): Room {
  const others = nodes.filter(({ name }) => name !== node.name);
  const leaving = new Set(moving.map(podName));
  const staying = pods.filter((pod) => !pod.isFinished && pod.deletionMs === undefined && !leaving.has(podName(pod)));
  const free = new Map(others.map((one) => [one.name, freeOn(one, pods)]));
  const now = new Map(free);
  const missing: string[] = [];
  const doubts: string[] = [];
  for (const pod of moving.toSorted((a, b) => b.requests.cpu - a.requests.cpu || b.requests.memory - a.requests.memory)) {
    const open = others.filter((one) => nodeRefuses(pod, one) === undefined);
    const roomy = open.filter((one) => fits(pod, free.get(one.name)));
    if (open.length === 0) missing.push(`${podName(pod)}: ${whyNowhere(pod, others)}`);
    else if (roomy.length === 0) missing.push(`${podName(pod)} needs ${amountText(pod)}, and no other node that takes it has that free`);
    else {
      const reached = roomy.filter((one) => volumesOf(pod).every(({ reach }) => termsChoose(reach, one)));
      const allowed = reached.filter((one) => neighboursRefuse(pod, one, { nodes, staying }) === undefined);
      const [best] = allowed.filter((one) => fits(pod, now.get(one.name))).toSorted((a, b) => (now.get(b.name)?.cpu ?? 0) - (now.get(a.name)?.cpu ?? 0));
      if (best !== undefined) now.set(best.name, without(now.get(best.name), pod));
      else if (reached.length === 0) doubts.push(`${podName(pod)} may stay Pending: its volume cannot be reached from another node with room`);
      else if (allowed.length === 0)
        doubts.push(
          `${podName(pod)} may stay Pending: ${reached.map((one) => neighboursRefuse(pod, one, { nodes, staying })).find((why) => why !== undefined) ?? ''}`,
        );
      else doubts.push(`${podName(pod)} may stay Pending: what is free is needed by the others that move`);
    }
  }
  return { missing, doubts };
}

function freeOn({ name, allocatable }: Node, pods: readonly Pod[]): Amount {
  const there = pods.filter((pod) => pod.node === name && !pod.isFinished);
  const sum = (of: (pod: Pod) => number): number => there.reduce((total, pod) => total + of(pod), 0);
  return {
    cpu: allocatable.cpu - sum(({ requests }) => requests.cpu),
    memory: allocatable.memory - sum(({ requests }) => requests.memory),
    pods: allocatable.pods - there.length,
  };
}

/** Sums of decimal fractions are a little off. */
const ROUNDING = 1e-6;

function fits({ requests }: Pod, free: Amount | undefined): boolean {
  return free !== undefined && requests.cpu <= free.cpu + ROUNDING && requests.memory <= free.memory + ROUNDING && free.pods >= 1;
}

function without(free: Amount | undefined, { requests }: Pod): Amount {
  const { cpu = 0, memory = 0, pods = 0 } = free ?? {};
  return { cpu: cpu - requests.cpu, memory: memory - requests.memory, pods: pods - 1 };
}

/** `no other node takes it (2 nodes: cordoned, 1 node: taint x)`. */
function whyNowhere(pod: Pod, others: readonly Node[]): string {
  if (others.length === 0) return 'there is no other node';
  const whys = Map.groupBy(others, (node) => nodeRefuses(pod, node) ?? '');
  return `no other node takes it (${[...whys].map(([why, nodes]) => `${counted(nodes.length, 'node')}: ${why}`).join(', ')})`;
}

function amountText({ requests: { cpu, memory } }: Pod): string {
  return `${Math.round(cpu * 1000) / 1000} CPU and ${Math.round(memory / 2 ** 20)} MiB`;
}
