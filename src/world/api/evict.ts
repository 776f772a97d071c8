import { theKind } from '../kinds.ts';
import { at, listAt, numberAt, objectAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import type { ApiRequest } from '../request.ts';
import { objectSelector } from '../select.ts';
import { type Answer, badRequest, failure, notFound } from '../status.ts';
import type { Server } from './context.ts';
import { beginDeletion, precondition } from './remove.ts';

const POD = theKind('v1', 'Pod');
const BUDGET = theKind('policy/v1', 'PodDisruptionBudget');

/** How long a budget expects a pod to go that it has let go. */
const DISRUPTION_MS = 120_000;

/** `pods/eviction`: a deletion that asks the disruption budgets first. */
export function evictPod(server: Server, request: ApiRequest): Answer {
  const { objects } = server;
  const { namespace, name = '', body, options } = request;
  const named = textAt(body, 'metadata', 'name');
  if (named !== '' && named !== name) return badRequest('name in URL does not match name in Eviction object');
  const pod = objects.find(POD, namespace, name);
  if (pod === undefined) return notFound(POD, name);
  const dryRun = options.dryRun === true || listAt(body, 'deleteOptions', 'dryRun').includes('All');

  const isEnded = ['Succeeded', 'Failed', 'Pending'].includes(textAt(pod, 'status', 'phase')) || pod.metadata.deletionTimestamp !== undefined;
  const refused = isEnded ? undefined : budgetRefusal(server, pod);
  if (refused) return refused;
  const uid = options.onlyUid ?? textAt(body, 'deleteOptions', 'preconditions', 'uid');
  const conflict = precondition(POD, pod, uid === '' ? {} : { onlyUid: uid });
  if (conflict) {
    if (!isEnded && !dryRun) takeDisruption(server, pod);
    return conflict;
  }

  if (!dryRun) {
    const graceSeconds = options.gracePeriodSeconds ?? numberAt(body, 'deleteOptions', 'gracePeriodSeconds');
    beginDeletion(server, pod, { kind: POD, ...(graceSeconds === undefined ? {} : { graceSeconds }) });
  }
  server.record.note({ ...request, options: { ...options, dryRun } }, name, !dryRun);
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

/** The budget has been charged before the deletion was refused, and expects the pod to go for two minutes. */
function takeDisruption({ objects, clock }: Server, pod: WorldObject): void {
  const [budget] = budgetsOf(objects, pod);
  if (budget === undefined) return;
  const { name } = pod.metadata;
  change(objects, budget, (now) => patchStatus(now, { disruptedPods: { ...objectAt(now, 'status', 'disruptedPods'), [name]: timestamp(clock.nowMs()) } }));
  clock.after(DISRUPTION_MS, () => {
    change(objects, budget, (now) => {
      const left = Object.entries(objectAt(now, 'status', 'disruptedPods')).filter(([one]) => one !== name);
      return patchStatus(now, { disruptedPods: left.length === 0 ? undefined : Object.fromEntries(left) });
    });
  });
}

function budgetsOf(objects: Objects, pod: WorldObject): readonly WorldObject[] {
  return objects.all(BUDGET, pod.metadata.namespace).filter((budget) => objectSelector(at(budget, 'spec', 'selector'))(pod));
}

function budgetRefusal({ objects }: Server, pod: WorldObject): Answer | undefined {
  const [budget, second] = budgetsOf(objects, pod);
  if (budget === undefined) return undefined;
  if (second !== undefined) {
    return failure({ code: 500, message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' });
  }
  if ((numberAt(budget, 'status', 'observedGeneration') ?? 0) < (budget.metadata.generation ?? 0)) {
    return refuse(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, 10);
  }
  const healthy = numberAt(budget, 'status', 'currentHealthy') ?? 0;
  const desired = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
  const isReady = listAt(pod, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
  if (!isReady) {
    // A pod that does not serve may go while the budget is met without it, or always where the budget says so.
    const always = textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow';
    if (always || (healthy >= desired && desired > 0)) return undefined;
  }
  if ((numberAt(budget, 'status', 'disruptionsAllowed') ?? 0) > 0) return undefined;
  return refuse(`The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`);
}

function refuse(message: string, retryAfterSeconds?: number): Answer {
  return failure({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  });
}
