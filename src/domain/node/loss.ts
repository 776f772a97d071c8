import { counted } from '../../model/counted.ts';
import { type Budget, budgetsOf } from '../pod/budget.ts';
import type { Pod } from '../pod/pod.ts';
import { isReady, type Node } from './node.ts';

/** One workload and where its pods are: on the nodes in question, and on ready ones. */
export type Workload = { readonly namespace: string; readonly kind: string; readonly name: string; readonly lost: number; readonly elsewhere: number };

/** What is affected by nodes that are not ready. */
export type Loss = {
  /** Of pods on sick nodes that should run: no DaemonSet's, no static ones, none that finished. */
  readonly pods: number;
  /** Those of them that were told to stop and cannot. */
  readonly terminating: number;
  /** Hit hardest first. */
  readonly workloads: readonly Workload[];
  readonly pending: readonly Pod[];
  /** Budgets that let nothing more go. */
  readonly spent: readonly Budget[];
  /** What lost pods that have no replacement yet and pending ones ask for, and what is free on healthy nodes. */
  readonly asked: Room;
  readonly free: Room;
};
type Room = { readonly cpu: number; readonly memory: number };

/** What stands where: every node, pod and budget of the cluster. */
export type Standing = { readonly nodes: readonly Node[]; readonly pods: readonly Pod[]; readonly budgets: readonly Budget[] };

export function lossOf({ nodes, pods, budgets }: Standing): Loss {
  const sick = new Set(nodes.filter((node) => !isReady(node)).map(({ name }) => name));
  const wanted = pods.filter((pod) => !pod.isFinished && !pod.isMirror && pod.owner?.kind !== 'DaemonSet');
  const lost = wanted.filter(({ node }) => sick.has(node));
  const hosts = nodes.filter((node) => isReady(node) && !node.unschedulable);
  const hostNames = new Set(hosts.map(({ name }) => name));
  const used = sum(pods.filter((pod) => !pod.isFinished && hostNames.has(pod.node)).map(({ requests }) => requests));
  const room = sum(hosts.map(({ allocatable }) => allocatable));
  const pending = pods.filter(({ node, phase }) => node === '' && phase === 'Pending');
  const hit = new Set(lost.flatMap((pod) => budgetsOf(pod, budgets)));
  return {
    pods: lost.length,
    terminating: lost.filter(({ deletionMs }) => deletionMs !== undefined).length,
    workloads: workloadsOf(wanted, sick),
    pending,
    spent: [...hit].filter(({ allowed, expected }) => allowed === 0 && expected > 0),
    asked: sum([...lost.filter((pod) => !isReplaced(pod)), ...pending].map(({ requests }) => requests)),
    free: { cpu: Math.max(0, room.cpu - used.cpu), memory: Math.max(0, room.memory - used.memory) },
  };
}

/** A ReplicaSet makes the next pod when one is told to stop; a StatefulSet waits until it is gone. */
const isReplaced = ({ deletionMs, owner }: Pod): boolean => deletionMs !== undefined && owner?.kind === 'ReplicaSet';

const sum = (rooms: readonly Room[]): Room => rooms.reduce((all, one) => ({ cpu: all.cpu + one.cpu, memory: all.memory + one.memory }), { cpu: 0, memory: 0 });

/** Workloads with a pod on a sick node. */
function workloadsOf(pods: readonly Pod[], sick: ReadonlySet<string>): readonly Workload[] {
  const byOwner = Map.groupBy(pods, workloadName);
  return [...byOwner.values()]
    .flatMap((members): readonly Workload[] => {
      const [first] = members;
      const lost = members.filter(({ node }) => sick.has(node)).length;
      if (first === undefined || lost === 0) return [];
      const elsewhere = members.filter(({ node, deletionMs }) => node !== '' && !sick.has(node) && deletionMs === undefined).length;
      return [{ namespace: first.namespace, ...ownerOf(first), lost, elsewhere }];
    })
    .sort((a, b) => Number(a.elsewhere > 0) - Number(b.elsewhere > 0) || b.lost - a.lost || (workloadText(a) < workloadText(b) ? -1 : 1));
}

/** A ReplicaSet is a Deployment's as a rule: its name without the hash of its template. */
function ownerOf({ owner, labels, name }: Pod): { readonly kind: string; readonly name: string } {
  if (owner === undefined) return { kind: 'Pod', name };
  const hash = labels['pod-template-hash'];
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  return { kind: owner.kind, name: owner.name };
}

/** `Deployment shop/api`: what a pod belongs to. */
export const workloadName = (pod: Pod): string => workloadText({ namespace: pod.namespace, ...ownerOf(pod) });

const workloadText = ({ namespace, kind, name }: Pick<Workload, 'namespace' | 'kind' | 'name'>): string => `${kind} ${namespace}/${name}`;

const MOST_NAMED = 8;

/** Names, at most a handful, and how many more there are. */
export function named(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : names.join(', ');
}

/** What is affected, in lines for people: what is gone whole stands first. */
export function lossLines(loss: Loss): readonly string[] {
  const whole = loss.workloads.filter(({ elsewhere }) => elsewhere === 0);
  const partly = loss.workloads.filter(({ elsewhere }) => elsewhere > 0);
  const stuck = loss.terminating === 0 ? '' : `; ${loss.terminating} of them are Terminating and stay so until their node returns or is deleted`;
  return [
    `${counted(loss.pods, 'pod')} of ${counted(loss.workloads.length, 'workload')} ${loss.pods === 1 ? 'is' : 'are'} on these nodes${stuck}`,
    ...(whole.length === 0 ? [] : [`nothing of these runs elsewhere: ${named(whole.map((one) => `${workloadText(one)} (${one.lost})`))}`]),
    ...(partly.length === 0
      ? []
      : [`these run elsewhere, too: ${named(partly.map((one) => `${workloadText(one)} (${one.lost} there, ${one.elsewhere} elsewhere)`))}`]),
    ...(loss.spent.length === 0 ? [] : [`budgets that let nothing more go: ${named(loss.spent.map(budgetText))}`]),
    `the other nodes have ${roomText(loss.free)} free for ${roomText(loss.asked)} that ran there${fits(loss) ? '' : ': not enough'}`,
  ];
}

const budgetText = ({ namespace, name, healthy, desired }: Budget): string => `${namespace}/${name} (${healthy} healthy, ${desired} needed)`;

export const fits = ({ asked, free }: Loss): boolean => asked.cpu <= free.cpu && asked.memory <= free.memory;

const GIB = 1024 ** 3;
const roomText = ({ cpu, memory }: Room): string => `${Number(cpu.toFixed(1))} CPU and ${Number((memory / GIB).toFixed(1))} GiB`;
