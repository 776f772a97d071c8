import { theKind } from '../kinds.ts';
import { charge } from '../node/budgets.ts';
import { at, listAt, numberAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { ApiRequest } from '../request.ts';
import { objectSelector } from '../select.ts';
import { type Answer, badRequest, failure, notFound } from '../status.ts';
import type { Server } from './context.ts';
import { beginDeletion, precondition } from './remove.ts';

const POD = theKind('v1', 'Pod');
const BUDGET = theKind('policy/v1', 'PodDisruptionBudget');

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
  const asked = isEnded ? FREE : askBudgets(server, pod);
  if (asked.kind === 'refused') return asked.answer;
  // The budget is charged before the deletion, also where that is refused then.
  if (!dryRun && asked.budget) charge(objects, asked.budget, { pod, nowMs: server.clock.nowMs() });
  const uid = options.onlyUid ?? textAt(body, 'deleteOptions', 'preconditions', 'uid');
  const conflict = precondition(POD, pod, uid === '' ? {} : { onlyUid: uid });
  if (conflict) return conflict;

  if (!dryRun) {
    const graceSeconds = options.gracePeriodSeconds ?? numberAt(body, 'deleteOptions', 'gracePeriodSeconds');
    const target = isEnded ? pod : marked(server, pod);
    beginDeletion(server, target, { kind: POD, ...(graceSeconds === undefined ? {} : { graceSeconds }) });
  }
  server.record.note({ ...request, options: { ...options, dryRun } }, name, !dryRun);
  return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}

function budgetsOf(objects: Objects, pod: WorldObject): readonly WorldObject[] {
  return objects.all(BUDGET, pod.metadata.namespace).filter((budget) => objectSelector(at(budget, 'spec', 'selector'))(pod));
}

type Asked = { readonly kind: 'free'; readonly budget?: WorldObject } | { readonly kind: 'refused'; readonly answer: Answer };
const FREE: Asked = { kind: 'free' };

/** Whether the budgets let a pod go, and which of them is to be charged for it. */
function askBudgets({ objects }: Server, pod: WorldObject): Asked {
  const [budget, second] = budgetsOf(objects, pod);
  if (budget === undefined) return FREE;
  if (second !== undefined) {
    return {
      kind: 'refused',
      answer: failure({ code: 500, message: 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.' }),
    };
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
    if (always || (healthy >= desired && desired > 0)) return FREE;
  }
  if ((numberAt(budget, 'status', 'disruptionsAllowed') ?? 0) > 0) return { kind: 'free', budget };
  return refuse(`The disruption budget ${budget.metadata.name} needs ${desired} healthy pods and has ${healthy} currently`);
}

function refuse(message: string, retryAfterSeconds?: number): Asked {
  const answer = failure({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
  });
  return { kind: 'refused', answer };
}

/** The pod says itself why it goes. */
function marked({ objects, clock }: Server, pod: WorldObject): WorldObject {
  const mark = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };
  const others = listAt(pod, 'status', 'conditions').filter((one) => textAt(one, 'type') !== mark.type);
  return objects.replace(POD, patchStatus(pod, { conditions: [...others, { ...mark, lastTransitionTime: timestamp(clock.nowMs()) }] }));
}
