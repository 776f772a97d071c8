import { type More, type RemediationAction, remediation, z } from '../src/action/contract.ts';
import { isDnsSubdomain } from '../src/domain/kube-name.ts';
import { drainHold, kubeletSilent } from '../src/domain/node/drain-gate.ts';
import { BUDGETS, NODES, nodeRef, podsOn } from '../src/domain/node/kinds.ts';
import { readingWhatIsThere } from '../src/domain/node/machinery.ts';
import { isReady, type Node, readNode } from '../src/domain/node/node.ts';
import { type Budget, budgetsOf, readBudget } from '../src/domain/pod/budget.ts';
import { BEGIN_OPTIONAL, seeBegin } from '../src/domain/pod/drain-begin.ts';
import { budgetNotes, evictionOf, isGuarded, judge, names, refusals, roomFor, takenAnyway, toEvict, twoBudgets } from '../src/domain/pod/drain-plan.ts';
import { keptBy, lookAgainMs, onlyBudget, progressText, type Round, sortOut } from '../src/domain/pod/drain-round.ts';
import { readDrainSight, SIGHT_NEEDS } from '../src/domain/pod/drain-sight.ts';
import { Drained, drainedBy } from '../src/domain/pod/drained.ts';
import { type Pod, podName, readPod } from '../src/domain/pod/pod.ts';
import { counted } from '../src/model/counted.ts';
import { Duration } from '../src/model/duration.ts';
import { SalvorError } from '../src/model/error.ts';

type Prober = Parameters<RemediationAction['plan']>[0]['kube'];
type Reader = Parameters<RemediationAction['verify']>[0]['kube'];
type Writer = Parameters<RemediationAction['execute']>[0]['kube'];

const Params = z.strictObject({
  node: z.string().refine(isDnsSubdomain, 'expected the name of a node'),
  /** For every pod; default: its own. */
  gracePeriod: Duration.refine((ms) => ms >= 1000, 'expected at least 1s: a pod without any time to stop is killed').optional(),
  /** `delete`: pods with an emptyDir go, too, and what is in it is lost. */
  emptyDir: z.enum(['keep', 'delete']).default('keep'),
  /** Evict also what nothing makes again. */
  force: z.boolean().default(false),
  controlPlane: z.boolean().default(false),
  /** How many nodes may be out at once, with this one. */
  atOnce: z.int().min(1).default(1),
  /** `accept`: what fits on no other node may stay Pending. */
  pending: z.enum(['hold', 'accept']).default('hold'),
  /** How young the last good backup of what moves has to be; absent: its age is only told. */
  backupWithin: Duration.optional(),
  /** Stop, and be done, when the node is Ready again: what is left need not move. */
  untilReady: z.boolean().default(false),
});
type Params = z.output<typeof Params>;
const Result = z.strictObject({ uid: z.string(), gone: z.number(), returned: z.boolean(), workloads: z.array(Drained) });

const HELD_MS = 15_000;
const BUDGET_MS = 5000;
/** The most dry-run evictions of one plan; budgets say the rest by their counts. */
const MOST_ASKED = 20;

/**
 * Drain: evict what runs on a cordoned node, budgets asked, until nothing is left that can move.
 *
 * Writes  one eviction for each planned pod, bound to its uid. What came to the node since is not touched: it makes the approval void.
 * Waits   for budgets (429) as long as the step may take; while other nodes are out; while nothing else has room. A silent kubelet is not drained.
 * Voids   an approval when the Node is another one.
 * Errors  a pod that two budgets choose (500) is never asked twice: the others go, and then the drain fails with their names.
 * Source  kubectl drain; Kubernetes documentation, "API-initiated Eviction".
 */
export const nodeDrain = remediation({
  id: 'node.drain',
  summary: 'Move what runs on a node elsewhere',
  risk: 'reversible',
  // A pod is read again where the server says that it is another one, and by the gates.
  needs: [...SIGHT_NEEDS, 'get pods', 'create pods/eviction'],
  optional: [...BEGIN_OPTIONAL],
  timeoutMs: 120_000,
  params: Params,
  result: Result,

  async plan({ params, kube, nowMs }) {
    const sight = await readDrainSight(kube, params.node);
    if (sight === undefined) throw new SalvorError('kube.not-found', `there is no node ${params.node}`);
    const { found, node, nodes, budgets } = sight;
    const judged = judge(sight, params);
    const refused = [...refusalOf(node, params, nowMs), ...refusals(judged)];
    if (refused.length > 0) throw new SalvorError('request.invalid', `${node.name} cannot be drained: ${names(refused)}`);
    const pods = toEvict(judged);
    const room = roomFor(sight, judged);
    const begin = await seeBegin(readingWhatIsThere(kube), sight, { asked: params, nowMs });
    const isTold = params.pending === 'hold' && room.missing.length > 0;
    const held = drainHold({ found, nodes, atOnce: params.atOnce, nowMs }) ?? (isTold ? undefined : begin.hold);
    const stay = judged.filter(({ answer }) => answer.do === 'skip').length;
    return {
      summary: `Evict ${counted(pods.length, 'pod')} from ${node.name}`,
      changes: pods.map((pod) => evictionOf(pod, sight)),
      undo: [],
      facts: { node: node.uid },
      notes: [
        ...(held === undefined ? [] : [`It waits: ${held}`]),
        ...room.missing.map((text) => `${params.pending === 'hold' ? 'It waits for room' : 'Stays Pending'}: ${text}`),
        ...begin.told.map((text) => `${text[0]?.toUpperCase()}${text.slice(1)}`),
        ...budgetNotes(pods, budgets),
        ...(await askedNotes(kube, pods, budgets)),
        ...room.doubts,
        ...takenAnyway(sight, pods),
        ...(stay === 0 ? [] : [`${counted(stay, 'pod')} of DaemonSets and of the kubelet itself ${stay === 1 ? 'stays' : 'stay'}`]),
      ],
    };
  },

  async facts({ params, kube }) {
    return { node: (await kube.find(nodeRef(params.node)))?.metadata.uid };
  },

  async execute({ params, kube, nowMs, approved }) {
    const [found, nodes, objects] = await Promise.all([kube.get(nodeRef(params.node)), kube.list(NODES), kube.list(podsOn(params.node))]);
    const node = readNode(found);
    const here = objects.map(readPod);
    const round = sortOut(here, { approved, consent: params });
    const total = approved?.length ?? round.todo.length + round.going.length;
    const isOver = params.untilReady && isReady(node);
    if (isOver || round.todo.length + round.going.length + round.strangers.length === 0) {
      const { gone, workloads } = drainedBy(approved ?? [], here);
      return { uid: node.uid, gone, returned: isOver, workloads: [...workloads] };
    }
    if (round.todo.length === 0) return settled(round, { total, nowMs, node });
    assertCordoned(node);
    const held = drainHold({ found, nodes: nodes.map(readNode), atOnce: params.atOnce, nowMs }) ?? (await holdToBegin(kube, params, { round, total, nowMs }));
    if (held !== undefined) {
      const soFar = progressText({ total, going: round.going, resting: round.todo, nowMs });
      return { more: HELD_MS, progress: `${held} (${soFar})` };
    }
    return evictWave({ kube, params, round, total, nowMs });
  },

  async verify({ params, kube, result }) {
    const found = await kube.find(nodeRef(params.node));
    if (found?.metadata.uid !== result.uid) return { ok: true, evidence: [`the node ${params.node} itself is gone`] };
    const here = (await kube.list(podsOn(params.node))).map(readPod);
    const { todo, going, strangers } = sortOut(here, { approved: undefined, consent: { emptyDir: 'delete', force: true } });
    if (result.returned)
      return { ok: true, evidence: [`${params.node} is Ready again: ${counted(todo.length, 'pod')} need not move, ${result.gone} had moved`] };
    const left = [...todo, ...going, ...strangers];
    if (left.length > 0) return { ok: false, reason: `on ${params.node} there is again ${names(left.map(podName))}`, again: left.length === going.length };
    return {
      ok: true,
      evidence: [`${counted(result.gone, 'pod')} left ${params.node}${here.length === 0 ? '' : `; ${here.length} of DaemonSets and of the kubelet stay`}`],
    };
  },

  rollback: {
    impossible:
      'What was evicted cannot be put back: its controllers have made other pods elsewhere. The node itself is given back by uncordoning it; pods come to it again as new ones are placed.',
  },
});

/** What forbids to drain this node at all. */
function refusalOf(node: Node, { controlPlane }: Params, nowMs: number): readonly string[] {
  const silent = kubeletSilent(node, nowMs);
  return [
    ...(silent === undefined ? [] : [`${silent}. Where the machine is proven to be off, run: node out-of-service`]),
    ...(node.isControlPlane && !controlPlane ? ['it is a node of the control plane (controlPlane: true allows it)'] : []),
  ];
}

/** Dry-run evictions one by one: together they use up budgets, so fewer may go. */
async function askedNotes(kube: Prober, pods: readonly Pod[], budgets: readonly Budget[]): Promise<readonly string[]> {
  const asked = pods.filter((pod) => onlyBudget(pod, budgets) !== undefined).slice(0, MOST_ASKED);
  if (asked.length === 0) return [];
  const answers = await Promise.all(asked.map((pod) => kube.mayEvict(pod).catch(goneMayGo)));
  const free = answers.filter(({ allowed }) => allowed).length;
  return [`Of ${counted(asked.length, 'pod')} with a budget, asked one by one in a dry run, ${free} may go now; together it may be fewer at once`];
}

function goneMayGo(error: unknown): { readonly allowed: true } {
  if (error instanceof SalvorError && error.code === 'kube.not-found') return { allowed: true };
  throw error;
}

/** Nothing is left to ask: what goes is waited for; what came meanwhile was not approved. */
function settled({ going, strangers }: Round, { total, nowMs, node }: { readonly total: number; readonly nowMs: number; readonly node: Node }): More {
  if (going.length > 0) {
    const silent = kubeletSilent(node, nowMs);
    const progress = progressText({ total, going, nowMs });
    return { more: lookAgainMs(going, nowMs), progress: silent === undefined ? progress : `${silent} (${progress})` };
  }
  throw new SalvorError(
    'run.not-planned',
    `${names(strangers.map(podName))} came to ${node.name} or changed since the approval, and nobody has approved to evict it`,
  );
}

/** A person who uncordons in the middle wants the node back: then nothing more is taken from it. */
function assertCordoned({ name, unschedulable }: Node): void {
  if (!unschedulable) throw new SalvorError('action.failed', `${name} takes new pods: somebody uncordoned it, so nothing more is evicted`);
}

/** Only before the first eviction: later its own pods would be in the count. */
async function holdToBegin(
  kube: Reader,
  params: Params,
  { round, total, nowMs }: { readonly round: Round; readonly total: number; readonly nowMs: number },
): Promise<string | undefined> {
  if (round.todo.length < total) return undefined;
  const sight = await readDrainSight(kube, params.node);
  return sight === undefined ? undefined : (await seeBegin(readingWhatIsThere(kube), sight, { asked: params, nowMs })).hold;
}

type Wave = { readonly kube: Writer; readonly params: Params; readonly round: Round; readonly total: number; readonly nowMs: number };

/** Asks for each pod once. A budget that refused one is not asked again in this wave: the others of it would be refused, too. */
async function evictWave({ kube, params, round, total, nowMs }: Wave): Promise<More> {
  const budgets = (await kube.list(BUDGETS)).map(readBudget);
  const kept = new Map<string, Pod[]>();
  const closed = new Map<string, string>();
  const stuck: string[] = [];
  const asked: Pod[] = [];
  let waitMs = 0;
  for (const pod of round.todo) {
    const mine = isGuarded(pod) ? budgetsOf(pod, budgets) : [];
    const [budget] = mine;
    const shut = budget && closed.get(podName(budget));
    if (mine.length > 1) stuck.push(twoBudgets(pod, mine));
    else if (shut !== undefined) kept.get(shut)?.push(pod);
    else {
      const answer = await evict(kube, pod, params);
      if (answer.is === 'asked') asked.push(pod);
      else if (answer.is === 'never') stuck.push(answer.why);
      else {
        const why = budget === undefined ? answer.why : keptBy(budget);
        kept.set(why, [...(kept.get(why) ?? []), pod]);
        waitMs = Math.max(waitMs, answer.waitMs);
        if (budget !== undefined) closed.set(podName(budget), why);
      }
    }
  }
  const progress = progressText({ total, going: [...round.going, ...asked], kept, stuck, nowMs });
  if (waitMs > 0) return { more: waitMs, progress };
  const isLast = asked.length + round.going.length === 0;
  if (isLast && stuck.length > 0) throw new SalvorError('action.failed', progress);
  return { more: lookAgainMs(asked.length > 0 ? [] : round.going, nowMs), progress };
}

type Answer =
  | { readonly is: 'asked' }
  | { readonly is: 'kept'; readonly why: string; readonly waitMs: number }
  | { readonly is: 'never'; readonly why: string };

/** One eviction. Refusals that are about this pod alone are answers; anything else is for the engine, and the next round asks anew. */
async function evict(kube: Writer, pod: Pod, { gracePeriod }: Params): Promise<Answer> {
  const { namespace, name, uid } = pod;
  const grace = gracePeriod === undefined ? {} : { gracePeriodSeconds: Math.ceil(gracePeriod / 1000) };
  try {
    await kube.evict({ namespace, name, uid, ...grace });
    return { is: 'asked' };
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    const why = `${podName(pod)}: ${error.message}`;
    if (error.details['budget'] === true && error.retry === 'never') return { is: 'never', why };
    if (error.details['budget'] === true) return { is: 'kept', why: error.message, waitMs: error.retryAfterMs ?? BUDGET_MS };
    // Its namespace is being deleted, and takes the pod with it.
    if (error.code === 'kube.conflict' && error.retry === 'later') return { is: 'kept', why: error.message, waitMs: BUDGET_MS };
    throw error;
  }
}
