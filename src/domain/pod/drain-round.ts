import { counted } from '../../model/counted.ts';
import { formatDuration } from '../../model/duration.ts';
import { isObject } from '../../model/json.ts';
import { objectName } from '../../model/object.ts';
import type { Change } from '../../model/plan.ts';
import { type Budget, budgetsOf } from './budget.ts';
import { type Consent, drainAnswer } from './drain-filter.ts';
import { budgetText, isGuarded, names } from './drain-plan.ts';
import { type Pod, podName } from './pod.ts';

/** What is still on the node in one round of a drain. */
export type Round = {
  /** To be evicted, those first that a budget lets go most easily. */
  readonly todo: readonly Pod[];
  /** Asked to go, by whomever. */
  readonly going: readonly Pod[];
  /** Not in the approved plan: they came later, or are other pods of the same name, or would now cost more. */
  readonly strangers: readonly Pod[];
};

/** `approved`: the plan's changes; undefined: everything that may go. */
export function sortOut(here: readonly Pod[], { approved, consent }: { readonly approved: readonly Change[] | undefined; readonly consent: Consent }): Round {
  const planned = approved && new Map(approved.map(({ object, from }) => [object, isObject(from) ? from['uid'] : undefined]));
  // Which DaemonSets exist was asked for the plan; one that went since lets its pods be.
  const daemonSets = new Set(here.map(({ namespace, owner }) => `${namespace}/${owner?.name}`));
  const [todo, going, strangers]: [Pod[], Pod[], Pod[]] = [[], [], []];
  for (const pod of here) {
    const answer = drainAnswer(pod, { consent, daemonSets });
    const isPlanned = planned === undefined ? answer.do === 'evict' : planned.get(objectName({ kind: 'Pod', ...pod })) === pod.uid;
    if (answer.do === 'wait') going.push(pod);
    else if (pod.deletionMs !== undefined) continue;
    else if (isPlanned && answer.do !== 'refuse') todo.push(pod);
    else if (answer.do !== 'skip') strangers.push(pod);
  }
  // Budgets let what does not serve go while they let nobody else.
  return { todo: todo.toSorted((a, b) => Number(isGuarded(a) && a.isReady) - Number(isGuarded(b) && b.isReady)), going, strangers };
}

/** Pods that budgets keep, by the words of what keeps them. */
export type Kept = ReadonlyMap<string, readonly Pod[]>;

/** The budget that is asked about the pod, by name; none, or two, have none. */
export function onlyBudget(pod: Pod, budgets: readonly Budget[]): Budget | undefined {
  const mine = isGuarded(pod) ? budgetsOf(pod, budgets) : [];
  return mine.length === 1 ? mine[0] : undefined;
}

/** So long over its time a pod is said not to stop. */
const LATE_MS = 30_000;

export type Standing = Pick<Round, 'going'> & {
  readonly total: number;
  readonly kept?: Kept;
  /** What nobody was asked for in this round. */
  readonly resting?: readonly Pod[];
  readonly stuck?: readonly string[];
  readonly nowMs: number;
};

/** `12 of 30 gone, 3 wait for budget shop/web (needs 2 healthy, has 2), 2 stopping`: the answer first, what is left and why behind it. */
export function progressText({ total, kept = new Map(), resting = [], stuck = [], going, nowMs }: Standing): string {
  const waiting = [...kept.values()].reduce((sum, pods) => sum + pods.length, 0);
  const left = waiting + resting.length + stuck.length + going.length;
  const late = going.filter(({ deletionMs }) => deletionMs !== undefined && nowMs - deletionMs > LATE_MS);
  return [
    `${Math.max(0, total - left)} of ${Math.max(total, left)} gone`,
    ...[...kept].map(([why, pods]) => `${pods.length} ${pods.length === 1 ? 'waits' : 'wait'} for ${why}: ${names(pods.map(podName))}`),
    ...(resting.length === 0 ? [] : [`${resting.length} stay for now: ${names(resting.map(podName))}`]),
    ...(going.length > late.length ? [counted(going.length - late.length, 'pod') + ' stopping'] : []),
    ...late.slice(0, 3).map((pod) => `${podName(pod)} does not stop (${lateText(pod, nowMs)})`),
    ...(late.length > 3 ? [`${late.length - 3} more do not stop`] : []),
    ...stuck,
  ].join(', ');
}

function lateText({ deletionMs = 0, finalizers }: Pod, nowMs: number): string {
  const over = `${formatDuration(nowMs - deletionMs)} over its time`;
  return finalizers.length === 0 ? over : `${over}, kept by ${finalizers.join(', ')}`;
}

export const keptBy = (budget: Budget): string => `budget ${budgetText(budget)}`;

const SOONEST_MS = 500;
const LATEST_MS = 15_000;

/** When to look whether pods have stopped: soon after the last of them was asked to, then ever more rarely. */
export function lookAgainMs(going: readonly Pod[], nowMs: number): number {
  if (going.length === 0) return SOONEST_MS;
  const askedMs = Math.max(...going.map(({ deletionMs = nowMs, graceSeconds }) => deletionMs - graceSeconds * 1000));
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, (nowMs - askedMs) / 8));
}
