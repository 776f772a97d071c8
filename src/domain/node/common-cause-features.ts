import type { Node } from './node.ts';

/** What a feature of a node is about; in this order they explain an outage where several fit equally well. */
export const FEATURE_KINDS = ['zone', 'place', 'group', 'version', 'new', 'type', 'region', 'label'] as const;
export type FeatureKind = (typeof FEATURE_KINDS)[number];

/** Something that several nodes can have in common. */
export type Feature = {
  readonly kind: FeatureKind;
  readonly key: string;
  readonly value: string;
  /** The value is several: `b and c`. */
  readonly several?: true;
};

/** A node this young came with a rollout, a repair or the autoscaler. */
const NEW_MS = 2 * 3_600_000;

/** Owners that stand in annotations: Cluster API names the machine set of a node there. */
const OWNERS = ['cluster.x-k8s.io/owner-name', 'cluster.x-k8s.io/deployment-name'];

/**
 * Names of labels by what they are about, first match first: providers write the same thing under names of their own
 * (`cloud.google.com/gke-nodepool`, `eks.amazonaws.com/nodegroup`, `karpenter.sh/nodepool`, `kops.k8s.io/instancegroup`, `agentpool`).
 */
const NAMES: readonly (readonly [RegExp, FeatureKind])[] = [
  // The node's own and those that storage drivers copy: `topology.ebs.csi.aws.com/zone`.
  [/\/zone$/, 'zone'],
  [/\/region$/, 'region'],
  [/(^|[./_-])(rack|switch|chassis|hypervisor|datacenter|row|room|pdu|tor|leaf|spine|host-?group|failure-?domain|fault-?domain)([._-]?(id|name))?$/, 'place'],
  [/version|image|os-?distribution|osrelease|nodepool-hash/, 'version'],
  [/node-?pool|node-?group|instance-?group|agent-?pool|machine-?(set|deployment|pool)|provisioner-name|(^|[./-])pool$/, 'group'],
  [
    /instance-(type|family|size|category|generation|cpu)|machine-(type|family)|capacity-?type|kubernetes\.io\/arch$|gke-(spot|preemptible)|scalesetpriority/,
    'type',
  ],
];

/** Of each node another, or of every node the same: they explain nothing. */
const MEANINGLESS = /hostname$|kubernetes\.io\/os$|(^|[./-])(node|machine|instance|provider)-?(id|name|uid)$/;

/** Everything that a node may have in common with others: where it is, who made it, what runs on it, of what type it is, and its other labels. */
export function featuresOf(node: Node, nowMs: number): readonly Feature[] {
  const labels = Object.entries(node.labels).flatMap(([key, value]): readonly Feature[] => (MEANINGLESS.test(key) ? [] : [{ kind: kindOf(key), key, value }]));
  const owners = OWNERS.flatMap((key): readonly Feature[] => {
    const value = Object.hasOwn(node.annotations, key) ? node.annotations[key] : undefined;
    return value === undefined ? [] : [{ kind: 'group', key, value }];
  });
  const software = Object.entries(node.software).map(([key, value]): Feature => ({ kind: 'version', key, value }));
  const isNew = nowMs - node.madeMs < NEW_MS;
  return [...labels, ...owners, ...software, ...(isNew ? [{ kind: 'new', key: 'age', value: 'under 2h' } as const] : [])];
}

function kindOf(key: string): FeatureKind {
  const name = key.toLowerCase();
  return NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'label';
}

/** `zone b`, `rack r7`, `instance group ng-b`, `kubelet v1.37.1`, `label team=shop`. */
export function featureText({ kind, key, value, several }: Feature): string {
  const s = several ? 's' : '';
  switch (kind) {
    case 'zone':
    case 'region':
      return `${kind}${s} ${value}`;
    case 'place':
      return `${key.split('/').at(-1) ?? key}${s} ${value}`;
    case 'group':
      return `instance group${s} ${value}`;
    case 'version':
      return `${key.includes('/') ? (key.split('/').at(-1) ?? key) : key} ${value}`;
    case 'type':
      return key.includes('capacity') || key.includes('spot') || key.includes('priority') ? `capacity type ${value}` : `machine type ${value}`;
    case 'new':
      return 'nodes made in the last 2 hours';
    case 'label':
      return value === '' ? `label ${key}` : `label ${key}=${value}`;
  }
}
