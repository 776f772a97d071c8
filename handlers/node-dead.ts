import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { silenceFinding } from '../src/domain/node/death.ts';
import { type Held, namesText, readHeld, stuckText, volumeName, workloadsOf } from '../src/domain/node/held.ts';
import { leaseRef, NODES } from '../src/domain/node/kinds.ts';
import { readLease } from '../src/domain/node/lease.ts';
import { isReady, readNode } from '../src/domain/node/node.ts';
import { Drained } from '../src/domain/pod/drained.ts';
import { podName, readPod } from '../src/domain/pod/pod.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { claimOf } from '../src/domain/volume/attachment.ts';
import { Duration } from '../src/model/duration.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

/** Set by a cloud's controller; it is no proof of its own: it lags behind, and some clouds never set it. */
const CLOUD_SAYS_OFF = 'node.cloudprovider.kubernetes.io/shutdown';
/** Names in facts are for people; thousands would only hide the first. */
const MOST_NAMES = 20;

const Facts = z.strictObject({
  node: z.string(),
  uid: z.string().optional(),
  ready: z.enum(['True', 'False', 'Unknown']).optional(),
  unknownSince: z.string().optional(),
  /** When its kubelet last renewed its lease. */
  lastHeard: z.string().optional(),
  machine: z.string().optional(),
  nodes: z.number(),
  nodesReady: z.number(),
  /** Pods that are Terminating on it, as `namespace/name`. */
  pods: z.array(z.string()),
  /** Pods on it that nobody has deleted: the taint evicts them. */
  staying: z.array(z.string()),
  /** PersistentVolumes that are attached to it. */
  volumes: z.array(z.string()),
  /** Claims of those volumes, as `namespace/name`. */
  claims: z.array(z.string()),
  /** Pods elsewhere that cannot start without those volumes. */
  waiting: z.array(z.string()),
  /** Whose pods hang on it: as many have to serve elsewhere. */
  workloads: z.array(Drained),
});

/**
 * Whether a machine can be meant to be dead, what hangs on it, and what waits for that elsewhere. It cannot know whether the machine is powered off:
 * a partitioned one looks the same, and still writes.
 *
 * Reads   Nodes, the node's Lease, its Pods, VolumeAttachments with their volumes, and the Pods beside the claims of those.
 * Errors  kube.* of the API server.
 */
export const nodeDead = diagnosis({
  id: 'node.dead',
  summary: 'See whether a node is silent, and which pods and volumes hang on it',
  needs: ['list nodes', 'get leases.coordination.k8s.io', 'list pods', 'list volumeattachments.storage.k8s.io', 'list persistentvolumes'],
  params: z.strictObject({
    node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
    /** For how long nothing was heard of it. */
    silentFor: Duration.default(300_000),
  }),
  facts: Facts,

  async run({ params, kube, nowMs }) {
    const nodes = (await kube.list(NODES)).map(readNode);
    const node = nodes.find(({ name }) => name === params.node);
    const held = await readHeld(kube, params.node);
    const waiting = await readWaiting(kube, params.node, held);
    const lease = await kube.find(leaseRef(params.node));
    const heardMs = lease && readLease(lease).renewedMs;
    const finding =
      node === undefined ? goneFinding(params.node, held) : silenceFinding({ node, held, renewedMs: heardMs, nodes, forMs: params.silentFor, nowMs });
    const sinceMs = node?.ready.status === 'Unknown' ? node.ready.sinceMs : undefined;
    return {
      finding,
      facts: {
        node: params.node,
        uid: node?.uid,
        ready: node?.ready.status,
        unknownSince: sinceMs === undefined ? undefined : timeText(sinceMs),
        lastHeard: heardMs === undefined ? undefined : timeText(heardMs),
        machine: node?.providerId,
        nodes: nodes.length,
        nodesReady: nodes.filter(isReady).length,
        pods: held.terminating.map(podName).slice(0, MOST_NAMES),
        staying: held.staying.map(podName).slice(0, MOST_NAMES),
        volumes: held.attachments.map(volumeName).slice(0, MOST_NAMES),
        claims: waiting.claims.slice(0, MOST_NAMES),
        waiting: waiting.pods.slice(0, MOST_NAMES),
        workloads: [...workloadsOf(held)],
      },
      evidence: [
        finding.reason,
        ...(heardMs === undefined ? [`no lease of a kubelet on ${params.node}`] : [`its kubelet last renewed its lease ${timeText(heardMs)}`]),
        ...(stuckText(held) === undefined ? [] : [`on it: ${stuckText(held)}`]),
        ...(held.staying.length === 0 ? [] : [`not deleted yet: ${namesText(held.staying.map(podName), 'pod')}`]),
        ...(waiting.pods.length === 0 ? [] : [`waiting elsewhere for its volumes: ${namesText(waiting.pods, 'pod')}`]),
        ...held.attachments.flatMap((one) => (one.trouble === undefined ? [] : [`${volumeName(one)}: ${one.trouble}`])),
        ...(node?.taints.some(({ key }) => key === CLOUD_SAYS_OFF) === true ? ['the cloud says that its machine is shut down'] : []),
        ...(node?.isControlPlane === true ? [`${node.name} is of the control plane`] : []),
      ],
      measured: sinceMs === undefined ? {} : { factTimeMs: sinceMs },
    };
  },
});

/** Without its Node the control plane removes what was on it, within a minute. */
function goneFinding(name: string, held: Held): Finding {
  const stuck = stuckText(held);
  if (stuck !== undefined || held.staying.length > 0)
    return {
      kind: 'recovered',
      reason: `${name} is no longer in the cluster: the control plane removes what was on it${stuck === undefined ? '' : ` (${stuck})`}`,
    };
  return { kind: 'hand-over', reason: `there is no node ${name}`, hints: ['Look at the names: kubectl get nodes'] };
}

/** The claims behind the attached volumes, and the pods elsewhere that mount them and do not serve. */
async function readWaiting(
  kube: Prober,
  node: string,
  { attachments }: Held,
): Promise<{ readonly claims: readonly string[]; readonly pods: readonly string[] }> {
  if (attachments.length === 0) return { claims: [], pods: [] };
  const attached = new Set(attachments.map(({ volume }) => volume));
  const volumes = await kube.list({ apiVersion: 'v1', kind: 'PersistentVolume' });
  const claims = volumes.filter(({ metadata }) => attached.has(metadata.name)).flatMap((volume) => claimOf(volume) ?? []);
  const names = new Set(claims.map(podName));
  const namespaces = [...new Set(claims.map(({ namespace }) => namespace))];
  const pods = (await Promise.all(namespaces.map((namespace) => kube.list({ apiVersion: 'v1', kind: 'Pod', namespace })))).flat().map(readPod);
  const waiting = pods.filter(
    (pod) => pod.node !== node && !pod.isReady && !pod.isFinished && pod.claims.some((name) => names.has(podName({ namespace: pod.namespace, name }))),
  );
  return { claims: [...names], pods: waiting.map(podName) };
}
