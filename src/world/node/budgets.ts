import type { Clock } from '../../port/clock.ts';
import { at, numberAt, type Owner, objectAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { objectSelector } from '../select.ts';
import { agenda } from './agenda.ts';
import { isTrue } from './conditions.ts';
import { BUDGET, POD } from './kinds.ts';
import { controllerOf, isLeaving } from './owned.ts';
import type { Timing } from './timing.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly timing: Timing };

/** How long after a change of pods a budget is counted again. */
const REACT_MS = 50;
/** How long a budget expects a pod to go that it has let go. */
const DISRUPTION_MS = 120_000;

/** What an eviction takes from a budget until its controller has counted again: one disruption, and the promise that this pod goes. */
export function charge(objects: Objects, budget: WorldObject, { pod, nowMs }: { readonly pod: WorldObject; readonly nowMs: number }): void {
  change(objects, budget, (one) =>
    patchStatus(one, {
      disruptionsAllowed: Math.max(0, (numberAt(one, 'status', 'disruptionsAllowed') ?? 0) - 1),
      disruptedPods: { ...objectAt(one, 'status', 'disruptedPods'), [pod.metadata.name]: timestamp(nowMs) },
    }),
  );
}

/** The disruption controller: budgets are counted when they are made or changed (or some time after, where the scenario says so), and when their pods change. */
export function budgetController({ objects, clock, timing }: Place): (change: Change) => void {
  const due = agenda(clock);
  const unseen = new Set<string>();

  const count = ({ metadata }: WorldObject): void => {
    const budget = objects.find(BUDGET, metadata.namespace, metadata.name);
    if (budget === undefined || textAt(budget, 'metadata', 'annotations', 'world.salvor.io/observed') === 'false') return;
    unseen.delete(metadata.uid);
    const counted = countBudget(objects, budget, clock.nowMs());
    // A pod that was to go and does not is counted again after two minutes.
    if (Object.keys(objectAt(counted, 'status', 'disruptedPods')).length > 0) due.once(`again ${metadata.uid}`, DISRUPTION_MS, () => count(budget));
  };

  return ({ type, kind, object, before }) => {
    if (kind === BUDGET && type !== 'DELETED' && at(object, 'spec') !== at(before, 'spec')) {
      if (timing.budgetSeenMs === 0) return count(object);
      unseen.add(object.metadata.uid);
      due.put(`see ${object.metadata.uid}`, timing.budgetSeenMs, () => count(object));
    }
    if (kind !== POD) return;
    for (const budget of objects.all(BUDGET, object.metadata.namespace)) {
      const { uid } = budget.metadata;
      if (!unseen.has(uid) && !due.has(uid) && objectSelector(at(budget, 'spec', 'selector'))(object)) due.once(uid, REACT_MS, () => count(budget));
    }
  };
}

/** What a budget's controller writes into its status. Source  Kubernetes' pkg/controller/disruption. */
export function countBudget(objects: Objects, budget: WorldObject, nowMs: number): WorldObject | undefined {
  const pods = objects.all(POD, budget.metadata.namespace).filter(objectSelector(at(budget, 'spec', 'selector')));
  const owners = new Map(pods.map((pod) => [controllerOf(pod)?.uid ?? pod.metadata.uid, controllerOf(pod)]));
  const expected = [...owners.values()].reduce((sum, owner) => sum + expectedOf(objects, owner, pods), 0);
  const disrupted = Object.entries(objectAt(budget, 'status', 'disruptedPods')).filter(([name, since]) => {
    const pod = objects.find(POD, budget.metadata.namespace, name);
    return pod !== undefined && !isLeaving(pod) && typeof since === 'string' && Date.parse(since) + DISRUPTION_MS > nowMs;
  });
  const goes = new Set(disrupted.map(([name]) => name));
  const healthy = pods.filter((pod) => isTrue(pod, 'Ready') && !isLeaving(pod) && !goes.has(pod.metadata.name)).length;
  const least = at(budget, 'spec', 'minAvailable');
  const most = at(budget, 'spec', 'maxUnavailable');
  const part = (value: typeof least): number =>
    typeof value === 'string' && value.endsWith('%') ? Math.ceil((Number.parseFloat(value) / 100) * expected) : Number(value ?? 0);
  const desired = least === undefined ? Math.max(0, expected - part(most ?? 0)) : part(least);
  const status = {
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: expected === 0 ? 0 : Math.max(0, healthy - desired),
    expectedPods: expected,
    observedGeneration: budget.metadata.generation ?? 1,
    disruptedPods: disrupted.length === 0 ? undefined : Object.fromEntries(disrupted),
  };
  return change(objects, budget, (one) => patchStatus(one, status));
}

/** How many pods there should be: their owner says so, and they themselves where it does not. */
function expectedOf(objects: Objects, owner: Owner | undefined, pods: readonly WorldObject[]): number {
  const kind = owner && objects.kinds.of(owner.apiVersion, owner.kind);
  const found = kind && objects.find(kind, pods[0]?.metadata.namespace, owner.name);
  return numberAt(found, 'spec', 'replicas') ?? pods.filter((pod) => controllerOf(pod)?.uid === owner?.uid).length;
}
