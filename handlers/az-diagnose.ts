import { type DiagnosisAction, diagnosis, type Finding, z } from '../src/action/contract.ts';
import { type Cause, commonCause, zonesOf } from '../src/domain/node/common-cause.ts';
import { featureText } from '../src/domain/node/common-cause-features.ts';
import { causeLine, hintsFor, otherText, sinceMs } from '../src/domain/node/common-cause-words.ts';
import { controlPlaneLines } from '../src/domain/node/control-plane.ts';
import { modeText } from '../src/domain/node/disruption-mode.ts';
import { BUDGETS, NODES } from '../src/domain/node/kinds.ts';
import { readLease } from '../src/domain/node/lease.ts';
import { type Loss, lossLines, lossOf, named } from '../src/domain/node/loss.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { eventReasons } from '../src/domain/node/node-events.ts';
import { pinnedPods } from '../src/domain/node/pinned.ts';
import { readBudget } from '../src/domain/pod/budget.ts';
import { DOWN_HINTS, downLines } from '../src/domain/pod/down.ts';
import { type Pod, podName, readPod } from '../src/domain/pod/pod.ts';
import { endpointsOf } from '../src/domain/service/endpoints.ts';
import { counted } from '../src/model/counted.ts';
import { cut } from '../src/model/cut.ts';
import { errorText, SalvorError } from '../src/model/error.ts';

type Prober = Parameters<DiagnosisAction['run']>[0]['kube'];
type Objects = Awaited<ReturnType<Prober['list']>>;

/** An API server that does not answer is looked at so often, and then a person has to look at it. */
const SILENT = { lookAgainMs: 15_000, giveUpMs: 120_000 };
const LINE_LENGTH = 500;
/** Names of sick nodes that are kept as facts. */
const MOST_NAMES = 200;

const Facts = z.strictObject({
  cause: z.enum(['none', 'control-plane', 'shared', 'unknown']).optional(),
  /** `zone b`, `instance group ng-b`: what the sick nodes have in common. */
  common: z.string().optional(),
  key: z.string().optional(),
  value: z.string().optional(),
  nodes: z.number().optional(),
  sick: z.number().optional(),
  sickNames: z.array(z.string()).optional(),
  insideSick: z.number().optional(),
  insideAll: z.number().optional(),
  outsideSick: z.number().optional(),
  outsideAll: z.number().optional(),
  sinceMs: z.number().optional(),
  pods: z.number().optional(),
  workloads: z.number().optional(),
  pending: z.number().optional(),
});

/**
 * What several sick nodes have in common: a zone, a rack, a switch, an instance group, a rollout, a machine type, or the control plane itself.
 * Tells what is affected, what the control plane does about it by itself, and what to look at; a person decides. Nothing is proposed.
 *
 * Reads   Nodes, Leases, Pods, PodDisruptionBudgets, EndpointSlices, Events of nodes; PersistentVolumes and their claims where pods wait for one.
 * Errors  An API server that does not answer is an answer: it is waited for two minutes, then handed over. What else cannot be read is said, and left out.
 * Source  Kubernetes documentation, "Nodes" (heartbeats, rate limits on eviction).
 */
export const azDiagnose = diagnosis({
  id: 'az.diagnose',
  summary: 'Find out what several nodes that are not ready have in common, and what is affected',
  needs: ['list nodes', 'list pods'],
  optional: [
    'list leases.coordination.k8s.io',
    'list poddisruptionbudgets.policy',
    'list endpointslices.discovery.k8s.io',
    'list events',
    'list persistentvolumeclaims',
    'list persistentvolumes',
  ],
  timeoutMs: 60_000,
  params: z.strictObject({
    /** True: pods were reported, so where every node is well it is they that are handed over. */
    pods: z.boolean().default(false),
    /** Who asked: an outage is handed over to people; a person who asks is told, and nobody is called. */
    answer: z.enum(['decide', 'report']).default('decide'),
  }),
  facts: Facts,

  async run({ params, kube, nowMs }) {
    const found = await nodesOf(kube);
    if ('silent' in found) {
      const reason = `the API server does not answer, so nothing is known of any node: ${found.silent}`;
      return { finding: { kind: 'wait', reason, ...SILENT }, facts: {}, evidence: [reason] };
    }
    const nodes = found.objects.map(readNode);
    const sick = nodes.filter((node) => !isReady(node));
    const cause = commonCause(nodes, nowMs);
    const line = causeLine(cause, nodes);
    const facts = { cause: cause.kind, nodes: nodes.length, sick: sick.length };
    if (cause.kind === 'none' && params.pods) return { ...podsDown(await podsOf(kube)), facts };
    if (cause.kind === 'none') return { finding: { kind: 'recovered', reason: line }, facts, evidence: [line, ...(await heard(kube, nodes, nowMs))] };

    const pods = await podsOf(kube);
    const budgets = await readable(kube, BUDGETS);
    const loss = lossOf({ nodes, pods, budgets: budgets.objects.map(readBudget) });
    const evidence = [
      line,
      ...aside(cause),
      ...lossLines(loss),
      ...(await waiting(kube, loss, nodes)),
      ...(await traffic(kube, nodes)),
      modeText(zonesOf(nodes)),
      ...(await heard(kube, nodes, nowMs)),
      ...(await happened(kube, sick, nowMs)),
      ...budgets.missing,
    ];
    const finding: Finding = params.answer === 'report' ? { kind: 'act', reason: line } : { kind: 'hand-over', reason: line, hints: hintsFor(cause, nodes) };
    return {
      finding,
      facts: { ...facts, ...factsOf(cause, sick, loss) },
      evidence: evidence.map((text) => cut(text, LINE_LENGTH)),
      measured: measuredOf(sick),
    };
  },
});

/** Every node; or that, and why, the API server does not answer. A refusal is no silence. */
async function nodesOf(kube: Prober): Promise<{ readonly objects: Objects } | { readonly silent: string }> {
  try {
    return { objects: await kube.list(NODES) };
  } catch (error) {
    if (error instanceof SalvorError && (error.code === 'kube.unavailable' || error.code === 'kube.timeout')) return { silent: cut(errorText(error), 200) };
    throw error;
  }
}

const podsOf = async (kube: Prober): Promise<readonly Pod[]> => (await kube.list({ apiVersion: 'v1', kind: 'Pod' })).map(readPod);

/** Many pods were reported, and no node is to blame. */
function podsDown(pods: readonly Pod[]): { readonly finding: Finding; readonly evidence: readonly string[] } {
  const evidence = downLines(pods);
  return { finding: { kind: 'hand-over', reason: evidence[0] ?? '', hints: DOWN_HINTS }, evidence };
}

type Read = { readonly objects: Objects; readonly missing: readonly string[] };

/** What only adds to the picture does not spoil it: a right that is missing or a kind that is not there is a line. */
async function readable(kube: Prober, query: Parameters<Prober['list']>[0]): Promise<Read> {
  try {
    return { objects: await kube.list(query), missing: [] };
  } catch (error) {
    if (!(error instanceof SalvorError) || error.retry !== 'never') throw error;
    return { objects: [], missing: [`${query.kind} objects cannot be read: ${cut(errorText(error), 150)}`] };
  }
}

/** What fits as well as the cause, or what comes nearest to one. */
function aside(cause: Cause): readonly string[] {
  if (cause.kind === 'shared' && cause.also.length > 0) return [`the same nodes have in common: ${cause.also.map(otherText).join('; ')}`];
  if (cause.kind === 'unknown' && cause.nearest.length > 0) return [`nearest to a cause: ${cause.nearest.map(otherText).join('; ')}`];
  return [];
}

/** Pods that wait, and those among them whose volume can be mounted only where nothing runs. */
async function waiting(kube: Prober, { pending }: Loss, nodes: readonly Node[]): Promise<readonly string[]> {
  if (pending.length === 0) return [];
  const withVolumes = pending.filter(({ claims }) => claims.length > 0);
  const names = (pods: readonly Pod[]): string => named(pods.map(podName));
  const first = `${counted(pending.length, 'pod')} ${pending.length === 1 ? 'is' : 'are'} Pending: ${names(pending)}`;
  if (withVolumes.length === 0) return [first];
  const [claims, volumes] = [
    await readable(kube, { apiVersion: 'v1', kind: 'PersistentVolumeClaim' }),
    await readable(kube, { apiVersion: 'v1', kind: 'PersistentVolume' }),
  ];
  const pinned = pinnedPods(withVolumes, { claims: claims.objects, volumes: volumes.objects }, nodes);
  const bound = pinned.length === 0 ? [] : [`their volumes can be mounted on lost nodes only, so these start nowhere else: ${names(pinned)}`];
  return [first, ...bound, ...claims.missing, ...volumes.missing];
}

/** Which services get no traffic any more, and where the ready endpoints are. */
async function traffic(kube: Prober, nodes: readonly Node[]): Promise<readonly string[]> {
  const { objects, missing } = await readable(kube, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' });
  const { without, readyByZone } = endpointsOf(objects, new Set(nodes.filter((node) => !isReady(node)).map(({ name }) => name)));
  const zones = [...readyByZone].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, ready]) => `${ready} in ${zone}`);
  return [
    ...(without.length === 0 ? [] : [`services without a ready endpoint: ${named(without)}`]),
    ...(zones.length === 0 ? [] : [`ready endpoints by zone: ${zones.join(', ')}`]),
    ...missing,
  ];
}

async function heard(kube: Prober, nodes: readonly Node[], nowMs: number): Promise<readonly string[]> {
  const { objects, missing } = await readable(kube, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' });
  return [...controlPlaneLines({ nodes, leases: objects.map(readLease), nowMs }), ...missing];
}

const LATELY_MS = 3_600_000;

/** `events of these nodes in the last hour: Rebooted on 2, NodeNotReady on 6`. */
async function happened(kube: Prober, sick: readonly Node[], nowMs: number): Promise<readonly string[]> {
  const { objects, missing } = await readable(kube, { apiVersion: 'v1', kind: 'Event', fieldSelector: 'involvedObject.kind=Node' });
  const reasons = eventReasons(objects, new Set(sick.map(({ name }) => name)), nowMs - LATELY_MS);
  return [...(reasons.length === 0 ? [] : [`events of these nodes in the last hour: ${reasons.join(', ')}`]), ...missing];
}

function factsOf(cause: Cause, sick: readonly Node[], loss: Loss): Partial<z.input<typeof Facts>> {
  const since = sinceMs(sick);
  const best = cause.kind === 'shared' ? cause.best : undefined;
  return {
    sickNames: sick.map(({ name }) => name).slice(0, MOST_NAMES),
    pods: loss.pods,
    workloads: loss.workloads.length,
    pending: loss.pending.length,
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(best && {
      common: featureText(best.feature),
      key: best.feature.key,
      value: best.feature.value,
      insideSick: best.inside.sick,
      insideAll: best.inside.all,
      outsideSick: best.outside.sick,
      outsideAll: best.outside.all,
    }),
  };
}

function measuredOf(sick: readonly Node[]): { readonly factTimeMs?: number } {
  const factTimeMs = sinceMs(sick);
  return factTimeMs === undefined ? {} : { factTimeMs };
}
