import { counted } from '../../model/counted.ts';
import { objectName } from '../../model/object.ts';
import type { Change } from '../../model/plan.ts';
import { type Room, roomElsewhere } from '../node/capacity.ts';
import { timeText } from '../velero/time-text.ts';
import { type Budget, budgetsOf } from './budget.ts';
import { type Consent, type DrainAnswer, drainAnswer } from './drain-filter.ts';
import { drainRisk } from './drain-risk.ts';
import type { DrainSight } from './drain-sight.ts';
import { type Pod, podName, toleratesMs } from './pod.ts';

export type Judged = { readonly pod: Pod; readonly answer: DrainAnswer };

/** Every pod of the node with what the drain does about it, by name. */
export function judge({ here, daemonSets }: Pick<DrainSight, 'here' | 'daemonSets'>, consent: Consent): readonly Judged[] {
  const judged = here.map((pod) => ({ pod, answer: drainAnswer(pod, { consent, daemonSets }) }));
  return judged.toSorted((a, b) => (podName(a.pod) < podName(b.pod) ? -1 : 1));
}

export const toEvict = (judged: readonly Judged[]): readonly Pod[] => judged.filter(({ answer }) => answer.do === 'evict').map(({ pod }) => pod);

/** Pods that forbid the drain, one sentence each, with the parameter that allows it. */
export function refusals(judged: readonly Judged[]): readonly string[] {
  return judged.flatMap(({ pod, answer }) => (answer.do === 'refuse' ? [`${podName(pod)}: ${answer.why} (${answer.allow} allows it)`] : []));
}

/** One eviction, of this very pod: who has taken its name since is another. */
export function evictionOf(pod: Pod, { replicasOf, volumesOf }: Pick<DrainSight, 'replicasOf' | 'volumesOf'>): Change {
  const { risk, words } = drainRisk(pod, { replicas: replicasOf(pod), volumes: volumesOf(pod) });
  const { namespace, name, uid, owner } = pod;
  return {
    verb: 'evict',
    object: objectName({ kind: 'Pod', namespace, name }),
    from: { uid, ...(owner === undefined ? {} : { owner: `${owner.kind}/${owner.name}`, ownerUid: owner.uid }) },
    risk,
    ...(words.length === 0 ? {} : { note: words.join('; ') }),
  };
}

/** Room for what will be made again elsewhere. */
export function roomFor(sight: DrainSight, judged: readonly Judged[]): Room {
  const moving = toEvict(judged).filter(({ owner, isFinished }) => !isFinished && owner !== undefined && owner.kind !== 'DaemonSet');
  return roomElsewhere({ ...sight, moving });
}

/** `shop/web (needs 2 healthy, has 2)`: a budget and why it lets nobody go. */
export function budgetText({ namespace, name, healthy, desired, isCounted }: Budget): string {
  if (!isCounted) return `${namespace}/${name} (not counted yet)`;
  // More than it needs, and still a no: the last eviction is spent, and its controller has not counted since.
  const recount = healthy > desired ? ' as counted before the last eviction' : '';
  return `${namespace}/${name} (needs ${desired} healthy, has ${healthy}${recount})`;
}

/** Budgets that are asked about these pods and would hold them up now, for the card. */
export function budgetNotes(pods: readonly Pod[], budgets: readonly Budget[]): readonly string[] {
  const asked = pods.filter(isGuarded).map((pod) => ({ pod, mine: budgetsOf(pod, budgets) }));
  const notes = budgets.flatMap((budget) => {
    const held = asked.filter(({ mine }) => mine.length === 1 && mine[0] === budget).map(({ pod }) => podName(pod));
    if (held.length === 0 || budget.allowed > 0) return [];
    // As many as there are: it waits for ever, and is meant to.
    const never = budget.isCounted && budget.desired >= budget.expected ? 'lets nobody go until somebody changes it or more pods run' : 'lets nobody go now';
    return [`Budget ${budgetText(budget)} ${never}: ${names(held)}`];
  });
  return [...notes, ...asked.flatMap(({ pod, mine }) => (mine.length > 1 ? [twoBudgets(pod, mine)] : []))];
}

/** The API server evicts nobody whom two budgets choose. */
export function twoBudgets(pod: Pod, budgets: readonly Budget[]): string {
  return `${podName(pod)} cannot be evicted: the budgets ${budgets.map(podName).join(' and ')} both choose it, and the API server allows one; change one of them`;
}

/** Whether budgets are asked about it at all. */
export const isGuarded = ({ phase, isFinished, deletionMs }: Pod): boolean => phase !== 'Pending' && !isFinished && deletionMs === undefined;

/** What the control plane does by itself, and when: budgets are not asked about it. */
export function takenAnyway({ node }: Pick<DrainSight, 'node'>, pods: readonly Pod[]): readonly string[] {
  return node.taints
    .filter(({ effect, addedMs }) => effect === 'NoExecute' && addedMs !== undefined)
    .flatMap((taint) => {
      const times = pods.map((pod) => (taint.addedMs ?? 0) + (toleratesMs(pod, taint) ?? 0)).filter((at) => Number.isFinite(at));
      if (times.length === 0) return [];
      const by = timeText(Math.max(...times));
      return [`The control plane itself deletes ${counted(times.length, 'pod')} by ${by} (taint ${taint.key}), and asks no budget`];
    });
}

const MOST_NAMES = 5;

export function names(all: readonly string[]): string {
  const rest = all.length - MOST_NAMES;
  return rest > 0 ? `${all.slice(0, MOST_NAMES).join(', ')} and ${rest} more` : all.join(', ');
}
