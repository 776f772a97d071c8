import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { BUDGETS, NODES, nodeRef } from '../node/kinds.ts';
import { type Node, readNode } from '../node/node.ts';
import { readVolume, type Volume, volumeOf } from '../volume/volume.ts';
import { type Budget, readBudget } from './budget.ts';
import { type Pod, podName, readPod } from './pod.ts';
import { readReplicas } from './replicas.ts';

/** What it is read with: any reader of a cluster. */
type Sees = {
  readonly list: (query: { readonly apiVersion: string; readonly kind: string }) => Promise<readonly KubeObject[]>;
  readonly find: (ref: ObjectRef) => Promise<KubeObject | undefined>;
};

/** Everything that a drain is planned from. */
export type DrainSight = {
  readonly found: KubeObject;
  readonly node: Node;
  readonly nodes: readonly Node[];
  /** All pods of the cluster. */
  readonly pods: readonly Pod[];
  readonly here: readonly Pod[];
  readonly budgets: readonly Budget[];
  /** `namespace/name` of the DaemonSets that exist, of those with a pod here. */
  readonly daemonSets: ReadonlySet<string>;
  readonly replicasOf: (pod: Pod) => number | undefined;
  readonly volumesOf: (pod: Pod) => readonly Volume[];
};

/** The rights that the reading takes. */
export const SIGHT_NEEDS = [
  'get nodes',
  'list nodes',
  'list pods',
  'list poddisruptionbudgets.policy',
  'get daemonsets.apps',
  'get replicasets.apps',
  'get statefulsets.apps',
  'get persistentvolumeclaims',
  'get persistentvolumes',
] as const;

const PODS = { apiVersion: 'v1', kind: 'Pod' } as const;
const OWNERS: ReadonlySet<string> = new Set(['DaemonSet', 'ReplicaSet', 'StatefulSet']);

/** Undefined: there is no such node. Owners and volumes are read of the pods of this node only. */
export async function readDrainSight(kube: Sees, name: string): Promise<DrainSight | undefined> {
  const found = await kube.find(nodeRef(name));
  if (found === undefined) return undefined;
  const [nodes, pods, budgets] = await Promise.all([kube.list(NODES), kube.list(PODS), kube.list(BUDGETS)]);
  const all = pods.map(readPod);
  const here = all.filter(({ node }) => node === name);
  const owners = new Map(here.flatMap((pod) => (pod.owner !== undefined && OWNERS.has(pod.owner.kind) ? [[ownerKey(pod), pod] as const] : [])));
  const claims = here.flatMap(({ namespace, claims: names }) => names.map((claim) => ({ namespace, claim })));
  const [ownersFound, volumes] = await Promise.all([
    Promise.all([...owners].map(async ([key, pod]) => [key, await kube.find(ownerRef(pod))] as const)),
    Promise.all(claims.map(async (one) => [`${one.namespace}/${one.claim}`, await readClaim(kube, one)] as const)),
  ]);
  const wanted = new Map(ownersFound);
  const held = new Map(volumes);
  return {
    found,
    node: readNode(found),
    nodes: nodes.map(readNode),
    pods: all,
    here,
    budgets: budgets.map(readBudget),
    daemonSets: new Set(
      ownersFound.flatMap(([, one]) => (one?.kind === 'DaemonSet' ? [podName({ namespace: one.metadata.namespace ?? '', name: one.metadata.name })] : [])),
    ),
    replicasOf: (pod) => {
      const owner = wanted.get(ownerKey(pod));
      return owner && readReplicas(owner);
    },
    volumesOf: ({ namespace, claims: names }) => names.flatMap((claim) => held.get(`${namespace}/${claim}`) ?? []),
  };
}

const ownerKey = ({ namespace, owner }: Pod): string => `${owner?.kind}/${namespace}/${owner?.name}`;

function ownerRef({ namespace, owner }: Pod): ObjectRef {
  return { apiVersion: 'apps/v1', kind: owner?.kind ?? '', namespace, name: owner?.name ?? '' };
}

async function readClaim(kube: Sees, { namespace, claim }: { readonly namespace: string; readonly claim: string }): Promise<Volume | undefined> {
  const found = await kube.find({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claim });
  if (found === undefined) return undefined;
  const volume = volumeOf(found);
  const disk = volume === undefined ? undefined : await kube.find({ apiVersion: 'v1', kind: 'PersistentVolume', name: volume });
  return readVolume(found, disk);
}
