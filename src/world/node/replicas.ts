import { sha256 } from '../../model/digest.ts';
import { canonical } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import { beginDeletion } from '../api/remove.ts';
import { suffix } from '../ids.ts';
import { BY_OWNER } from '../index-of.ts';
import { at, numberAt, objectAt, textAt, texts, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import { isTrue } from './conditions.ts';
import { takesRoom } from './demand.ts';
import { DEPLOYMENT, POD, REPLICA_SET } from './kinds.ts';
import { controllerOf, isLeaving, podDraft, podsOf, tellReplicas } from './owned.ts';

export type Place = { readonly objects: Objects; readonly clock: Clock; readonly ids: Ids };

/** A Deployment keeps its number through its newest ReplicaSet, and makes one where it has none. */
export function keepDeployment({ objects }: Place, deployment: WorldObject): void {
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const sets = objects.pick(BY_OWNER, deployment.metadata.uid).filter((one) => one.kind === 'ReplicaSet');
  const [newest = makeSet(objects, deployment)] = sets;
  if (newest !== undefined && numberAt(newest, 'spec', 'replicas') !== wanted)
    change(objects, newest, (one) => ({ ...one, spec: { ...objectAt(one, 'spec'), replicas: wanted } }));
  const pods = sets.flatMap((set) => podsOf(objects, set));
  tellReplicas(objects, deployment, pods);
}

/** A ReplicaSet counts what lives and is not being deleted: what hangs on a lost node is replaced at once. */
export function keepReplicaSet(place: Place, set: WorldObject): void {
  const { objects, clock, ids } = place;
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const living = podsOf(objects, set).filter((pod) => !isLeaving(pod) && takesRoom(pod));
  for (let count = living.length; !isLeaving(set) && count < wanted; count += 1) objects.insert(POD, podDraft(set, `${set.metadata.name}-${suffix(ids)}`));
  // What does not serve goes first, then what came last.
  const spare = living.toReversed().sort((a, b) => Number(isTrue(a, 'Ready')) - Number(isTrue(b, 'Ready')));
  for (const pod of spare.slice(0, Math.max(0, living.length - wanted))) beginDeletion({ objects, clock }, pod, { kind: POD });
  tellReplicas(objects, set, podsOf(objects, set));
  const owner = controllerOf(set);
  const parent = owner && objects.find(DEPLOYMENT, set.metadata.namespace, owner.name);
  if (parent) keepDeployment(place, parent);
}

/**
 * A StatefulSet makes its pods by name, one after the other as each serves (unless it may make them in parallel). A name is not used again while a pod has
 * it, also one that is being deleted for ever on a lost node.
 */
export function keepStatefulSet({ objects, clock }: Place, set: WorldObject): void {
  const wanted = numberAt(set, 'spec', 'replicas') ?? 1;
  const isParallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  const pods = podsOf(objects, set);
  for (let index = 0; !isLeaving(set) && index < wanted; index += 1) {
    const name = `${set.metadata.name}-${index}`;
    const pod =
      objects.find(POD, set.metadata.namespace, name) ?? objects.insert(POD, podDraft(set, name, { labels: { 'statefulset.kubernetes.io/pod-name': name } }));
    // One that ended is made anew.
    if (!takesRoom(pod) && !isLeaving(pod)) beginDeletion({ objects, clock }, pod, { kind: POD });
    if (!isParallel && (!isTrue(pod, 'Ready') || isLeaving(pod))) break;
  }
  for (const pod of pods) if (Number(pod.metadata.name.split('-').at(-1)) >= wanted) beginDeletion({ objects, clock }, pod, { kind: POD });
  tellReplicas(objects, set, podsOf(objects, set));
}

/** The ReplicaSet of a Deployment that has none yet. */
function makeSet(objects: Objects, deployment: WorldObject): WorldObject | undefined {
  if (isLeaving(deployment)) return undefined;
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
