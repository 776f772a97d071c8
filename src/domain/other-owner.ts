import { z } from 'zod';
import { FIELD_MANAGER, type KubeObject, MARK } from '../model/object.ts';
import { cordonerOf, isByHand } from './node/cordon.ts';

/** Taints that say: this node is being taken away, fenced or replaced. */
const TAINTS: ReadonlyMap<string, string> = new Map([
  ['ToBeDeletedByClusterAutoscaler', 'cluster-autoscaler is removing it'],
  ['karpenter.sh/disrupted', 'Karpenter is replacing it'],
  ['karpenter.sh/disruption', 'Karpenter is replacing it'],
  ['medik8s.io/remediation', 'a node health check is remediating it'],
  ['medik8s.io/drain', 'node maintenance is draining it'],
  ['eks.amazonaws.com/nodegroup', 'a node group upgrade is draining it'],
  ['aws-node-termination-handler/scheduled-maintenance', 'the cloud maintains its machine (aws-node-termination-handler)'],
  ['aws-node-termination-handler/spot-itn', 'the cloud takes its machine back (aws-node-termination-handler)'],
  ['aws-node-termination-handler/asg-lifecycle-termination', 'its scaling group is removing it (aws-node-termination-handler)'],
  ['aws-node-termination-handler/rebalance-recommendation', 'the cloud is about to take its machine back (aws-node-termination-handler)'],
  ['cloud.google.com/impending-node-termination', 'the cloud is about to stop its machine'],
  ['remediator.kubernetes.azure.com/unschedulable', 'the cloud is draining it for a scheduled event'],
]);

/** Labels by which a cloud says that it works on the machine. */
const LABELS: ReadonlyMap<string, { readonly value: string; readonly words: string }> = new Map([
  ['cloud.google.com/active-node-maintenance', { value: 'ONGOING', words: 'the cloud maintains its machine' }],
  ['kubernetes.azure.com/upgrade-status', { value: 'Quarantined', words: 'a node pool upgrade put it aside' }],
]);

/** Annotations whose presence says that somebody acts. */
const ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ['weave.works/kured-reboot-in-progress', 'kured is rebooting it'],
  ['kured.dev/kured-reboot-in-progress', 'kured is rebooting it'],
  ['cluster.x-k8s.io/remediate-machine', 'a machine health check is remediating it'],
]);

/** Switches that stop a reconciler; set by somebody else they mean that somebody works by hand. */
const SWITCHES: readonly { readonly annotation: string; readonly value: string; readonly words: string }[] = [
  { annotation: 'argocd.argoproj.io/skip-reconcile', value: 'true', words: 'somebody else suspended its Argo CD reconciliation' },
  { annotation: 'kustomize.toolkit.fluxcd.io/reconcile', value: 'disabled', words: 'somebody else took it out of its Kustomization' },
  { annotation: 'autoscaling.keda.sh/paused', value: 'true', words: 'somebody else paused its KEDA scaling' },
];

const Machinery = z.object({
  spec: z
    .object({
      unschedulable: z.boolean().optional(),
      suspend: z.boolean().optional(),
      taints: z.array(z.object({ key: z.string(), value: z.string().optional(), effect: z.string().optional() })).optional(),
    })
    .optional(),
  status: z
    .object({
      phase: z.string().optional(),
      inFlightRemediations: z.record(z.string(), z.unknown()).optional(),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
    })
    .optional(),
});
type Machinery = z.infer<typeof Machinery>;

/**
 * Who else is at work on this object, in a few words: kured, an autoscaler, a health check, an upgrade, the cloud, a cordon tool that nobody knows,
 * somebody's GitOps suspension. What carries our own mark is ours. A person's cordon is not in here: the person sees the plan, and says yes or no.
 * Sources: the annotations, labels, taints and conditions that each of these projects documents as its own.
 */
export function ownerOf(object: KubeObject): string | undefined {
  const annotations = new Map(Object.entries(object.metadata.annotations ?? {}));
  const ours = annotations.has(MARK.run);
  const read = Machinery.safeParse(object);
  if (!read.success) return 'its spec or status has a shape that cannot be judged';
  const { spec, status } = read.data;

  for (const taint of spec?.taints ?? []) {
    const words = TAINTS.get(taint.key);
    // Karpenter's older taint names what goes on in its value; the node group's is on every node that it drains, with this value.
    if (words !== undefined && !(taint.key === 'eks.amazonaws.com/nodegroup' && taint.value !== 'unschedulable')) return words;
  }
  for (const [name, words] of ANNOTATIONS) if (annotations.has(name)) return words;
  for (const [name, { value, words }] of LABELS) if (object.metadata.labels?.[name] === value) return words;
  const kured = kuredLock(object, annotations);
  if (kured !== undefined) return kured;
  const upgrade = machineConfig(annotations);
  if (upgrade !== undefined) return upgrade;
  const machinery = byKind(object, status);
  if (machinery !== undefined) return machinery;

  // Our mark stays on a node that somebody uncordoned: whose cordon it is now, its field manager says.
  if (object.kind === 'Node') return spec?.unschedulable === true ? cordonOwner(object) : undefined;
  if (ours) return undefined;
  for (const { annotation, value, words } of SWITCHES) if (annotations.get(annotation) === value) return words;
  return spec?.suspend === true && isGitOps(object) ? 'somebody else suspended it' : undefined;
}

function kuredLock(object: KubeObject, annotations: ReadonlyMap<string, string>): string | undefined {
  if (object.kind !== 'DaemonSet') return undefined;
  const text = annotations.get('weave.works/kured-node-lock') ?? annotations.get('kured.dev/kured-node-lock');
  if (text === undefined || text === '') return undefined;
  const node = kuredNode(object);
  return node === undefined ? 'kured holds its lock' : `kured holds its lock for node ${node}`;
}

/** The node that kured reboots: its one lock lies on its DaemonSet, as `{ nodeID, metadata, created, TTL }`. */
export function kuredNode({ metadata: { annotations = {} } }: KubeObject): string | undefined {
  const text = annotations['weave.works/kured-node-lock'] ?? annotations['kured.dev/kured-node-lock'] ?? '';
  return /"nodeID"\s*:\s*"([^"]{1,253})"/.exec(text)?.[1];
}

/** OpenShift's machine-config daemon. */
function machineConfig(annotations: ReadonlyMap<string, string>): string | undefined {
  const state = annotations.get('machineconfiguration.openshift.io/state');
  const current = annotations.get('machineconfiguration.openshift.io/currentConfig');
  const desired = annotations.get('machineconfiguration.openshift.io/desiredConfig');
  const isMoving = state === 'Working' || (current !== undefined && desired !== undefined && current !== desired);
  return isMoving ? 'an upgrade of its machine configuration is under way' : undefined;
}

function byKind(object: KubeObject, status: Machinery['status']): string | undefined {
  switch (object.kind) {
    case 'NodeHealthCheck': {
      const nodes = Object.keys(status?.inFlightRemediations ?? {});
      if (nodes.length > 0) return `a node health check is remediating ${nodes.join(', ')}`;
      return status?.phase === 'Remediating' ? 'a node health check is remediating' : undefined;
    }
    case 'SelfNodeRemediation':
    case 'FenceAgentsRemediation':
    case 'MachineDeletionRemediation':
      return 'a node health check is remediating this node';
    case 'NodeClaim':
      return object.metadata.deletionTimestamp === undefined ? undefined : 'Karpenter is replacing it';
    case 'ClusterVersion':
      return status?.conditions?.some(({ type, status: is }) => type === 'Progressing' && is === 'True') === true
        ? 'an upgrade of the cluster is under way'
        : undefined;
    case 'Machine':
      if (object.metadata.deletionTimestamp !== undefined) return 'the machine is being deleted';
      return status?.conditions?.some(({ type, status: is }) => type === 'OwnerRemediated' && is === 'False') === true
        ? 'a machine health check is remediating it'
        : undefined;
    default:
      return undefined;
  }
}

/** CronJobs have `spec.suspend` as well, and there it is an ordinary setting. */
function isGitOps(object: KubeObject): boolean {
  return object.apiVersion.split('/')[0]?.endsWith('.toolkit.fluxcd.io') === true;
}

/**
 * Without a field manager nothing says that another owner acts; one that we do not know holds. A person's cordon does not: the person sees the plan,
 * and says yes or no.
 */
function cordonOwner(node: KubeObject): string | undefined {
  const who = cordonerOf(node);
  if (who === 'unreadable') return 'who cordoned it cannot be read';
  return who === undefined || who.manager === FIELD_MANAGER || isByHand(who.manager) ? undefined : `${who.manager} cordoned it`;
}
