import { sha256 } from '../../model/digest.ts';
import { canonical, type JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { withDefaults } from '../api/defaults.ts';
import { beginDeletion } from '../api/remove.ts';
import { suffix } from '../ids.ts';
import { groupResource, type Kind, theKind } from '../kinds.ts';
import { at, type Draft, numberAt, type Owner, objectAt, patchStatus, textAt, texts, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { objectSelector } from '../select.ts';
import { POD } from './nodes.ts';
import { isPodReady } from './pods.ts';

const BUDGET = theKind('policy/v1', 'PodDisruptionBudget');
const NAMESPACE = theKind('v1', 'Namespace');
const DEPLOYMENT = theKind('apps/v1', 'Deployment');
const REPLICA_SET = theKind('apps/v1', 'ReplicaSet');
const STATEFUL_SET = theKind('apps/v1', 'StatefulSet');
const JOB = theKind('batch/v1', 'Job');

const REACT_MS = 100;
const NAMESPACE_MS = 1000;

type JobManner = { readonly name: string; readonly outcome: 'completed' | 'failed' | 'stuck'; readonly takes?: number | undefined };
type Place = { readonly objects: Objects; readonly clock: Clock; readonly ids: Ids; readonly jobs: () => readonly JobManner[] };

/** The controllers behind pods: workloads keep their number, budgets count, Jobs end, what has no owner left goes, namespaces empty out. */
export function workloadController(place: Place): (change: Change) => void {
  const { objects, clock } = place;
  const due = new Set<string>();

  const soon = (kind: Kind, object: WorldObject): void => {
    const key = `${kind.kind}/${object.metadata.namespace}/${object.metadata.name}`;
    if (due.has(key)) return;
    due.add(key);
    clock.after(REACT_MS, () => {
      due.delete(key);
      const now = objects.find(kind, object.metadata.namespace, object.metadata.name);
      if (now !== undefined) keepNumber(place, kind, now);
    });
  };

  return ({ type, kind, object, before }) => {
    if (kind === POD || kind === BUDGET) for (const budget of objects.all(BUDGET, object.metadata.namespace)) countBudget(objects, budget);
    if (kind === POD) {
      const owner = controllerOf(object);
      const workload = owner && objects.kinds.of(owner.apiVersion, owner.kind);
      const found = workload && objects.find(workload, object.metadata.namespace, owner.name);
      if (found && found.metadata.uid === owner.uid) soon(workload, found);
    }
    if ([DEPLOYMENT, REPLICA_SET, STATEFUL_SET].includes(kind) && type !== 'DELETED' && before?.['spec'] !== object['spec']) soon(kind, object);
    if (kind === JOB && type === 'ADDED') runJob(place, object);
    if (kind === NAMESPACE && type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined)
      clock.after(NAMESPACE_MS, () => emptyNamespace(place, object));
  };
}

function controllerOf(object: WorldObject): Owner | undefined {
  return object.metadata.ownerReferences?.find((one) => one.controller === true) ?? object.metadata.ownerReferences?.[0];
}

function podsOf(objects: Objects, workload: WorldObject): readonly WorldObject[] {
  return objects.all(POD, workload.metadata.namespace).filter((pod) => controllerOf(pod)?.uid === workload.metadata.uid);
}

/** Makes the pods that are missing, takes away those that are too many, and says in the status how many serve. */
function keepNumber({ objects, clock, ids }: Place, kind: Kind, workload: WorldObject): void {
  if (textAt(workload, 'metadata', 'annotations', 'world.salvor.io/no-pods') === 'true') return;
  const wanted = numberAt(workload, 'spec', 'replicas') ?? 1;
  if (kind === DEPLOYMENT) {
    const sets = objects.all(REPLICA_SET, workload.metadata.namespace).filter((one) => controllerOf(one)?.uid === workload.metadata.uid);
    const [newest = makeSet(objects, workload)] = sets;
    if (newest !== undefined && numberAt(newest, 'spec', 'replicas') !== wanted)
      change(objects, newest, (one) => ({ ...one, spec: { ...objectAt(one, 'spec'), replicas: wanted } }));
    const pods = sets.flatMap((set) => podsOf(objects, set));
    tellStatus(objects, workload, pods);
    return;
  }
  if (kind !== REPLICA_SET && kind !== STATEFUL_SET) return;
  const pods = podsOf(objects, workload);
  const living =
    kind === STATEFUL_SET ? pods : pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && textAt(pod, 'status', 'phase') !== 'Failed');
  for (let index = 0; workload.metadata.deletionTimestamp === undefined && index < wanted; index += 1) {
    if (kind === STATEFUL_SET) {
      const name = `${workload.metadata.name}-${index}`;
      if (!objects.find(POD, workload.metadata.namespace, name)) objects.insert(POD, podDraft(workload, name));
    } else if (living.length + index < wanted) objects.insert(POD, podDraft(workload, `${workload.metadata.name}-${suffix(ids)}`));
  }
  const tooMany = kind === STATEFUL_SET ? living.filter((pod) => Number(pod.metadata.name.split('-').at(-1)) >= wanted) : living.slice(wanted);
  for (const pod of tooMany) beginDeletion({ objects, clock }, pod, { kind: POD });
  tellStatus(objects, workload, podsOf(objects, workload));
  const owner = controllerOf(workload);
  const parent = owner && objects.find(DEPLOYMENT, workload.metadata.namespace, owner.name);
  if (parent) keepNumber({ objects, clock, ids, jobs: () => [] }, DEPLOYMENT, parent);
}

/** The ReplicaSet of a Deployment that has none yet. */
function makeSet(objects: Objects, deployment: WorldObject): WorldObject | undefined {
  if (deployment.metadata.deletionTimestamp !== undefined) return undefined;
  const { name, namespace = 'default', uid } = deployment.metadata;
  const hash = sha256(canonical(at(deployment, 'spec', 'template'))).slice(0, 9);
  const hashed = { 'pod-template-hash': hash };
  const template = objectAt(deployment, 'spec', 'template');
  const labels = { ...texts(at(template, 'metadata', 'labels')), ...hashed };
  const matchLabels = { ...texts(at(deployment, 'spec', 'selector', 'matchLabels')), ...hashed };
  const owner = { apiVersion: deployment.apiVersion, kind: deployment.kind, name, uid, controller: true, blockOwnerDeletion: true };
  return objects.insert(REPLICA_SET, {
    metadata: { name: `${name}-${hash}`, namespace, labels, ownerReferences: [owner] },
    spec: {
      replicas: numberAt(deployment, 'spec', 'replicas') ?? 1,
      selector: { matchLabels },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  });
}

function tellStatus(objects: Objects, workload: WorldObject, pods: readonly WorldObject[]): void {
  const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const ready = living.filter(isPodReady).length;
  const counts = { replicas: living.length, readyReplicas: ready, availableReplicas: ready, updatedReplicas: living.length };
  change(objects, workload, (one) => patchStatus(one, { ...counts, observedGeneration: one.metadata.generation ?? 1 }));
}

function podDraft(workload: WorldObject, name: string): Draft {
  const template = objectAt(workload, 'spec', 'template');
  const owner: JsonObject = {
    apiVersion: workload.apiVersion,
    kind: workload.kind,
    name: workload.metadata.name,
    uid: workload.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const { nodeName: _node, ...spec } = objectAt(template, 'spec');
  const labels = texts(at(template, 'metadata', 'labels'));
  return withDefaults(POD, { metadata: { name, namespace: workload.metadata.namespace ?? 'default', labels, ownerReferences: [owner] }, spec });
}

/** What a budget's controller writes into its status. */
function countBudget(objects: Objects, budget: WorldObject): void {
  if (textAt(budget, 'metadata', 'annotations', 'world.salvor.io/observed') === 'false') return;
  const pods = objects.all(POD, budget.metadata.namespace).filter(objectSelector(at(budget, 'spec', 'selector')));
  const owners = new Map(pods.map((pod) => [controllerOf(pod)?.uid ?? pod.metadata.uid, controllerOf(pod)]));
  const expected = [...owners.values()].reduce((sum, owner) => sum + expectedOf(objects, owner, pods), 0);
  const disrupted = objectAt(budget, 'status', 'disruptedPods');
  const isHealthy = (pod: WorldObject): boolean =>
    isPodReady(pod) && pod.metadata.deletionTimestamp === undefined && disrupted[pod.metadata.name] === undefined;
  const healthy = pods.filter(isHealthy).length;
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
  };
  change(objects, budget, (one) => patchStatus(one, status));
}

/** How many pods there should be: their owner says so, and they themselves where it does not. */
function expectedOf(objects: Objects, owner: Owner | undefined, pods: readonly WorldObject[]): number {
  const kind = owner && objects.kinds.of(owner.apiVersion, owner.kind);
  const found = kind && objects.find(kind, pods[0]?.metadata.namespace, owner.name);
  return numberAt(found, 'spec', 'replicas') ?? pods.filter((pod) => controllerOf(pod)?.uid === owner?.uid).length;
}

/** Jobs end as the scenario says; by default they complete after two seconds. */
function runJob({ objects, clock, jobs }: Place, job: WorldObject): void {
  const manner = jobs().find((one) => job.metadata.name.startsWith(one.name));
  const labels = { 'job-name': job.metadata.name, 'batch.kubernetes.io/job-name': job.metadata.name };
  const pod = podDraft(job, `${job.metadata.name}-0`);
  objects.insert(POD, { ...pod, metadata: { ...pod.metadata, labels: { ...objectAt(pod, 'metadata', 'labels'), ...labels } } });
  if (manner?.outcome === 'stuck') return;
  clock.after(manner?.takes ?? 2000, () => {
    const works = manner?.outcome !== 'failed';
    const now = timestamp(clock.nowMs());
    const condition = {
      type: works ? 'Complete' : 'Failed',
      status: 'True',
      lastTransitionTime: now,
      ...(works ? {} : { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }),
    };
    change(objects, job, (one) =>
      patchStatus(one, {
        ...(works ? { succeeded: 1, completionTime: now } : { failed: 1 }),
        startTime: one.metadata.creationTimestamp,
        conditions: [condition],
      }),
    );
    const ran = objects.find(POD, job.metadata.namespace, `${job.metadata.name}-0`);
    if (ran) change(objects, ran, (one) => patchStatus(one, { phase: works ? 'Succeeded' : 'Failed' }));
  });
}

/** A namespace in deletion: its content goes; with the last of it, so does the namespace. */
function emptyNamespace(place: Place, namespace: WorldObject): void {
  const { objects, clock } = place;
  const name = namespace.metadata.name;
  const now = objects.find(NAMESPACE, undefined, name);
  if (now === undefined || now.metadata.uid !== namespace.metadata.uid) return;
  const kinds = objects.kinds.all().filter((kind) => kind.namespaced && !kind.createOnly);
  for (const kind of kinds) for (const object of objects.all(kind, name)) beginDeletion({ objects, clock }, object, { kind });
  const left = kinds.flatMap((kind) => objects.all(kind, name));
  if (left.length === 0 && (now.metadata.finalizers ?? []).length === 0) {
    objects.remove(NAMESPACE, undefined, name);
    return;
  }
  change(objects, now, (one) => patchStatus(one, { conditions: whatRemains(objects, left, timestamp(clock.nowMs())) }));
  clock.after(NAMESPACE_MS, () => emptyNamespace(place, namespace));
}

/** Why a namespace does not go, as its status says it. */
function whatRemains(objects: Objects, left: readonly WorldObject[], lastTransitionTime: string): readonly JsonObject[] {
  const count = (names: readonly string[], end: string): string =>
    [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name}${end}${all.length} resource instances`).join(', ');
  const resources = left.flatMap((one) => objects.kinds.of(one.apiVersion, one.kind) ?? []).map(groupResource);
  const finalizers = left.flatMap((one) => one.metadata.finalizers ?? []);
  const condition = (type: string, reason: string, message: string): JsonObject => ({ lastTransitionTime, message, reason, status: 'True', type });
  return [
    condition('NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${count(resources, '. has ')}`),
    finalizers.length === 0
      ? { ...condition('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'), status: 'False' }
      : condition(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${count(finalizers, ' in ')}`,
        ),
  ];
}
