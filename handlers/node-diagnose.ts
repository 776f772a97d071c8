import { type DiagnosisAction, diagnosis, type Finding, type KubeObject, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { actorOn } from '../src/domain/node/acting.ts';
import { byItself } from '../src/domain/node/by-itself.ts';
import { cordonOf, cordonText } from '../src/domain/node/cordon.ts';
import { decide, kubeletAnswers, pressuresOf, type Sight } from '../src/domain/node/decision.ts';
import { readHistory } from '../src/domain/node/history.ts';
import { ATTACHMENTS, BUDGETS, eventsOf, leaseRef, NODES, podsOn } from '../src/domain/node/kinds.ts';
import { readLease } from '../src/domain/node/lease.ts';
import { machineryOf, type Optional, readingWhatIsThere } from '../src/domain/node/machinery.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { onItLines } from '../src/domain/node/on-it.ts';
import { readBudget } from '../src/domain/pod/budget.ts';
import { readPod } from '../src/domain/pod/pod.ts';
import { readBackup } from '../src/domain/velero/backup.ts';
import { VELERO_API } from '../src/domain/velero/kinds.ts';
import { timeText } from '../src/domain/velero/time-text.ts';
import { readAttachment } from '../src/domain/volume/attachment.ts';
import { Duration, formatDuration } from '../src/model/duration.ts';
import { suggestion } from '../src/model/problem.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];

const HOUR_MS = 3_600_000;

const Params = z.strictObject({
  node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
  /** How long a kubelet says that it is not ready before that is more than its restart. */
  notReadyFor: Duration.default(60_000),
  /** How long nothing is heard of a node before that is more than a reboot. */
  silentFor: Duration.default(300_000),
  /** How long a node that is ready again stays so before it is believed. */
  steady: Duration.default(60_000),
  /** So many nodes may be sick at once before it is more than one machine's trouble. */
  atOnce: z.number().int().min(1).default(2),
  /** True: nodes of the control plane are handled like others. */
  controlPlane: z.boolean().default(false),
  /** `report`: a person only asks. Whatever it is, it is told at once, and nothing is waited for. */
  answer: z.enum(['decide', 'report']).default('decide'),
});

const Facts = z.strictObject({
  node: z.string(),
  uid: z.string().optional(),
  ready: z.enum(['True', 'False', 'Unknown']).optional(),
  sinceMs: z.number().optional(),
  kubeletAnswers: z.boolean(),
  cordoned: z.boolean(),
  /** The cordon is Salvor's, and nobody has decided otherwise since. */
  ours: z.boolean(),
  otherOwner: z.string().optional(),
  /** Other nodes that are not ready. */
  sick: z.number(),
  nodes: z.number(),
  zone: z.string().optional(),
  rebootedMs: z.number().optional(),
});

/**
 * What a node that was reported needs, and whether it is this machine's trouble alone.
 *
 * Reads   Nodes, the node's Lease, Pods and Events, PodDisruptionBudgets, VolumeAttachments, DaemonSets (kured's lock lies on one). Where they are
 *         served: health checks, remediations, machines, node claims, the version of the cluster, and Velero's backups.
 * Errors  kube.* of the API server. What is not served counts as not there; what may not be read is named in the evidence.
 * Source  Kubernetes documentation, "Nodes"; the decisions are those of `domain/node/decision.ts`.
 */
export const nodeDiagnose = diagnosis({
  id: 'node.diagnose',
  summary: 'Find out what a node that is not ready needs, and who else is at work on it',
  needs: [
    'list nodes',
    'list pods',
    'list events',
    'get leases.coordination.k8s.io',
    'list poddisruptionbudgets.policy',
    'list volumeattachments.storage.k8s.io',
    'list daemonsets.apps',
  ],
  optional: [
    'list nodehealthchecks.remediation.medik8s.io',
    'list selfnoderemediations.self-node-remediation.medik8s.io',
    'list fenceagentsremediations.fence-agents-remediation.medik8s.io',
    'list clusterversions.config.openshift.io',
    'get machines.cluster.x-k8s.io',
    'get machines.machine.openshift.io',
    'get nodeclaims.karpenter.sh',
    'list backups.velero.io',
  ],
  timeoutMs: 60_000,
  params: Params,
  facts: Facts,

  async run({ params, kube, nowMs, begun }) {
    const [all, pods, events, lease] = await Promise.all([
      kube.list(NODES),
      kube.list(podsOn(params.node)),
      kube.list(eventsOf(params.node)),
      kube.find(leaseRef(params.node)),
    ]);
    const nodes = all.map(readNode);
    const found = all.find(({ metadata }) => metadata.name === params.node);
    if (found === undefined) {
      const gone = goneFinding(params.node, nodes, events.length + pods.length > 0);
      return params.answer === 'report' ? { ...gone, finding: { kind: 'act', reason: gone.finding.reason } } : gone;
    }

    const node = readNode(found);
    const seen = await lookAround(kube, found);
    const actor = actorOn({ found, nodes, daemonSets: seen.daemonSets, machinery: seen.machinery, nowMs });
    const patience = { notReadyMs: params.notReadyFor, silentMs: params.silentFor, steadyMs: params.steady };
    const sight: Sight = {
      node,
      nodes,
      lease: lease && readLease(lease),
      history: readHistory(events, { nowMs, withinMs: HOUR_MS }),
      actor,
      patience,
      atOnce: params.atOnce,
      controlPlane: params.controlPlane,
      begun,
      nowMs,
    };
    const decided = decide(sight);
    const finding: Finding = params.answer === 'report' ? { kind: 'act', reason: decided.reason } : decided;
    const cordon = cordonOf(found);
    return {
      finding,
      facts: {
        node: node.name,
        uid: node.uid,
        ready: node.ready.status,
        sinceMs: node.ready.sinceMs,
        kubeletAnswers: kubeletAnswers(sight),
        cordoned: cordon.kind !== 'none',
        ours: cordon.kind === 'ours',
        otherOwner: actor?.words,
        sick: nodes.filter((one) => one.name !== node.name && !isReady(one)).length,
        nodes: nodes.length,
        zone: node.zone,
        rebootedMs: sight.history.rebootedMs,
      },
      evidence: [
        finding.reason,
        ...nextLines(sight, decided),
        ...standingLines(sight),
        ...(cordon.kind === 'none' ? [] : [cordonText(cordon)]),
        ...onItLines({ ...seen, pods: pods.map(readPod), nowMs }),
        ...(isReady(node) ? [] : byItself(node, pods.map(readPod))),
        ...seen.missing,
      ],
      measured: isReady(node) || node.ready.sinceMs === undefined ? {} : { factTimeMs: node.ready.sinceMs },
    };
  },
});

type Seen = {
  readonly daemonSets: readonly KubeObject[];
  readonly machinery: readonly KubeObject[];
  readonly budgets: readonly ReturnType<typeof readBudget>[];
  readonly volumes: number;
  readonly backups?: readonly ReturnType<typeof readBackup>[];
  readonly missing: readonly string[];
};

async function lookAround(kube: Prober, found: KubeObject): Promise<Seen> {
  const optional: Optional = readingWhatIsThere(kube);
  const [daemonSets, budgets, attachments, machinery, backups] = await Promise.all([
    kube.list({ apiVersion: 'apps/v1', kind: 'DaemonSet' }),
    kube.list(BUDGETS),
    kube.list(ATTACHMENTS),
    machineryOf(optional, found),
    optional.list({ apiVersion: VELERO_API, kind: 'Backup' }, 'how old the backups are'),
  ]);
  return {
    daemonSets,
    machinery,
    budgets: budgets.map(readBudget),
    volumes: attachments.map(readAttachment).filter(({ node }) => node === found.metadata.name).length,
    ...(backups === undefined ? {} : { backups: backups.map(readBackup) }),
    missing: optional.missing(),
  };
}

/** What a person does next, where Salvor cannot. */
function nextLines({ node }: Sight, { kind }: Finding): readonly string[] {
  if (kind !== 'act' || node.ready.status !== 'Unknown') return [];
  const isOff = node.taints.some(({ key }) => key === 'node.cloudprovider.kubernetes.io/shutdown');
  return [
    ...(isOff ? ['the cloud says that its machine is shut down'] : []),
    `nothing is drained: a silent kubelet ends no pod. That the machine is off is proved where it stands: the cloud's console, IPMI, a person in front of it${node.providerId === undefined ? '' : ` (${node.providerId})`}`,
    `when it is off and pods or volumes hang on it: salvor run node-out-of-service --param node=${node.name}`,
  ];
}

/** How it stands, beside the first line. */
function standingLines({ node, lease, history, nowMs }: Sight): readonly string[] {
  const { ready, taints } = node;
  const pressures = pressuresOf(node);
  const since = ready.sinceMs === undefined ? '' : ` since ${timeText(ready.sinceMs)}`;
  const renewed =
    lease?.renewedMs === undefined ? 'it has no lease' : `its kubelet renewed its lease ${formatDuration(Math.max(0, nowMs - lease.renewedMs))} ago`;
  return [
    `Ready is ${ready.status}${since}${ready.reason === '' ? '' : ` (${ready.reason})`}; ${renewed}`,
    ...(pressures.length === 0 || isReady(node) ? [] : [`it is short of ${pressures.join(', ')}`]),
    ...(taints.length === 0 ? [] : [`taints: ${[...new Set(taints.map(({ key, effect }) => `${key}:${effect}`))].join(', ')}`]),
    ...(history.rebootedMs === undefined ? [] : [`it was rebooted at ${timeText(history.rebootedMs)}`]),
    ...(history.lost > 1 ? [`it was lost ${history.lost} times within the last hour`] : []),
  ];
}

function goneFinding(name: string, nodes: readonly Node[], wasThere: boolean) {
  const names = nodes.map((node) => node.name);
  const finding: Finding = wasThere
    ? { kind: 'recovered', reason: `${name} was taken out of the cluster: there is nothing to keep away from it` }
    : { kind: 'hand-over', reason: `there is no node ${name}.${suggestion(name, names)}`, hints: ['Look at the names: kubectl get nodes'] };
  return {
    finding,
    facts: { node: name, kubeletAnswers: false, cordoned: false, ours: false, sick: nodes.filter((one) => !isReady(one)).length, nodes: nodes.length },
    evidence: [finding.reason],
  };
}
