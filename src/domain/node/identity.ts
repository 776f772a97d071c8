import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import type { Node } from './node.ts';
import { writtenTaints } from './taints.ts';

/** A taint as people set it: when it was added is the cluster's own note. */
export const PlainTaint = z.strictObject({ key: z.string(), value: z.string().optional(), effect: z.string() });
export type PlainTaint = z.output<typeof PlainTaint>;

/** What people have said of a node, and a new machine cannot know of itself. */
export type Identity = {
  readonly labels: { readonly [name: string]: string };
  readonly taints: readonly PlainTaint[];
  /** For people to look at: most belong to the programs that wrote them. */
  readonly annotations: { readonly [name: string]: string };
};

/**
 * Prefixes of what kubelet, clouds and discovery say of the machine itself: the new one says its own.
 * Source  Kubernetes documentation, "Well-Known Labels, Annotations and Taints"; Node Feature Discovery.
 */
const OF_THE_MACHINE = [
  'kubernetes.io/',
  'beta.kubernetes.io/',
  'node.kubernetes.io/',
  'topology.kubernetes.io/',
  'failure-domain.beta.kubernetes.io/',
  'feature.node.kubernetes.io/',
  'node.cloudprovider.kubernetes.io/',
  'node.alpha.kubernetes.io/',
  'volumes.kubernetes.io/',
  'csi.volume.kubernetes.io/',
  'topology.ebs.csi.aws.com/',
  'salvor.io/',
];
/** Taints by which others say that they take the node away. */
const PASSING: ReadonlySet<string> = new Set(['ToBeDeletedByClusterAutoscaler', 'DeletionCandidateOfClusterAutoscaler']);

/** A name of Kubernetes says whose it is by what stands before its slash. `node-role.kubernetes.io/x` is people's. */
const isOurs = (name: string): boolean => !OF_THE_MACHINE.some((prefix) => name.startsWith(prefix));

const chosen = (texts: { readonly [name: string]: string }): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => isOurs(name)));

export function identityOf({ labels, annotations, taints }: Node): Identity {
  return {
    labels: chosen(labels),
    taints: taints.filter(({ key }) => isOurs(key) && !PASSING.has(key)).map(({ key, value, effect }) => ({ key, ...(value === '' ? {} : { value }), effect })),
    annotations: chosen(annotations),
  };
}

/** What a node has to be given to be like another: nothing that it has is taken away. */
export type Difference = { readonly labels: { readonly [name: string]: string }; readonly taints: readonly PlainTaint[] };

export function missingOn(found: KubeObject, { labels, taints }: Pick<Identity, 'labels' | 'taints'>): Difference {
  const has = found.metadata.labels ?? {};
  const there = writtenTaints(found);
  return {
    labels: Object.fromEntries(Object.entries(labels).filter(([name, value]) => has[name] !== value)),
    taints: taints.filter(
      (taint) => !there.some(({ key, value = '', effect }) => key === taint.key && effect === taint.effect && value === (taint.value ?? '')),
    ),
  };
}
