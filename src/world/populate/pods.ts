import { sha256 } from '../../model/digest.ts';
import type { JsonObject } from '../../model/json.ts';
import { withDefaults } from '../api/defaults.ts';
import { theKind } from '../kinds.ts';
import { POD } from '../node/nodes.ts';
import { runningStatus } from '../node/pods.ts';
import { objectAt, patchStatus, timestamp, type WorldObject } from '../object.ts';
import type { ReadScenario } from '../scenario.ts';
import { makeNamespace } from '../velero/restore-objects.ts';
import type { Place } from './place.ts';

type Wanted = NonNullable<ReadScenario['pods']>[number];

const DAY_MS = 86_400_000;

/** Makes a pod with its owner, or changes it. */
export function putPod(place: Place, wanted: Wanted): void {
  const { objects, clock, manners } = place;
  const [namespace = '', name = ''] = wanted.name.split('/');
  const before = objects.find(POD, namespace, name);
  if (wanted.gone === true) {
    objects.remove(POD, namespace, name);
    return;
  }
  const old = manners.get(wanted.name);
  manners.set(wanted.name, {
    ...old,
    ...(wanted.stops === undefined ? {} : { stopMs: wanted.stops }),
    ...(wanted.log === undefined ? {} : { log: wanted.log }),
    ...(wanted.previousLog === undefined ? {} : { previousLog: wanted.previousLog }),
  });
  makeNamespace(objects, namespace);
  const made = before ?? makePod(place, wanted, { namespace, name });
  const now = timestamp(before === undefined ? clock.nowMs() - DAY_MS : clock.nowMs());
  const changed = wanted.node === undefined || before === undefined ? made : { ...made, spec: { ...specOf(made), nodeName: wanted.node } };
  objects.replace(POD, before === undefined || statusIsMeant(wanted) ? patchStatus(changed, podStatus(changed, wanted, now)) : changed);
}

function statusIsMeant({ ready, phase, waiting, restarts }: Wanted): boolean {
  return ready !== undefined || phase !== undefined || waiting !== undefined || restarts !== undefined;
}

function specOf(object: WorldObject): JsonObject {
  return objectAt(object, 'spec');
}

type Named = { readonly namespace: string; readonly name: string };

function makePod(place: Place, wanted: Wanted, { namespace, name }: Named): WorldObject {
  const { objects } = place;
  const owner =
    wanted.owner ?? (/-\d+$/.test(name) ? `StatefulSet/${name.replace(/-\d+$/, '')}` : `Deployment/${name.split('-').slice(0, -1).join('-') || name}`);
  const [ownerKind = '', ownerName = ''] = owner.split('/');
  const labels = { app: owner === 'none' ? name : ownerName, ...wanted.labels };
  const keys = typeof wanted.tolerates === 'string' ? [wanted.tolerates] : (wanted.tolerates ?? []);
  const spec: JsonObject = {
    containers: [{ name: 'main', image: 'registry.example/app:1' }],
    tolerations: keys.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' })),
    ...(wanted.grace === undefined ? {} : { terminationGracePeriodSeconds: Math.round(wanted.grace / 1000) }),
    ...volumesOf(wanted),
  };
  const owners = owner === 'none' ? {} : { ownerReferences: [ownerOf(place, { kind: ownerKind, name: ownerName, namespace, labels, spec })] };
  const draft = withDefaults(POD, {
    metadata: { name, namespace, labels, creationTimestamp: timestamp(place.clock.nowMs() - DAY_MS), ...owners },
    spec: { ...spec, ...(wanted.node === undefined ? {} : { nodeName: wanted.node }) },
  });
  // A pod that a scenario wants pending without a node stays so: nothing places it.
  const status = wanted.phase === 'Pending' ? { phase: 'Pending', reason: 'Scenario' } : { phase: wanted.node === undefined ? 'Pending' : 'Running' };
  return objects.insert(POD, { ...draft, status });
}

function volumesOf({ volumes = [], emptyDir }: Wanted): JsonObject {
  const claims = volumes.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  const scratch = emptyDir === true ? [{ name: 'scratch', emptyDir: {} }] : [];
  return claims.length + scratch.length === 0 ? {} : { volumes: [...claims, ...scratch] };
}

type OwnerWanted = Named & { readonly kind: string; readonly labels: { readonly [name: string]: string }; readonly spec: JsonObject };

/** The workload that a pod belongs to, made with its first pod and grown with every further one. */
function ownerOf(place: Place, wanted: OwnerWanted): JsonObject {
  if (wanted.kind !== 'Deployment') return reference(grow(place, wanted, []));
  const deployment = grow(place, wanted, []);
  const name = `${wanted.name}-${sha256(wanted.name).slice(0, 9)}`;
  return reference(grow(place, { ...wanted, kind: 'ReplicaSet', name }, [reference(deployment)]));
}

function reference(owner: WorldObject): JsonObject {
  return { apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
}

function grow({ objects, clock }: Place, { kind: kindName, name, namespace, labels, spec }: OwnerWanted, ownerReferences: readonly JsonObject[]): WorldObject {
  const kind = theKind(kindName === 'Job' ? 'batch/v1' : 'apps/v1', kindName);
  const before = objects.find(kind, namespace, name);
  const replicas = (before === undefined ? 0 : Number(specOf(before)['replicas'] ?? 0)) + 1;
  if (before) return objects.replace(kind, { ...before, spec: { ...specOf(before), replicas } });
  const { app = name } = labels;
  return objects.insert(kind, {
    metadata: {
      name,
      namespace,
      labels: { app },
      creationTimestamp: timestamp(clock.nowMs() - 30 * DAY_MS),
      ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
    },
    spec: { replicas, selector: { matchLabels: { app } }, template: { metadata: { labels: { ...labels } }, spec } },
    status: { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 },
  });
}

function podStatus(pod: WorldObject, wanted: Wanted, now: string): JsonObject {
  const phase = wanted.phase ?? (specOf(pod)['nodeName'] === undefined ? 'Pending' : 'Running');
  if (phase === 'Pending') return { phase };
  const running = runningStatus(pod, now);
  const serves = phase === 'Running' && wanted.ready !== false && wanted.waiting === undefined;
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => {
    const isTrue = serves || type === 'Initialized' || type === 'PodScheduled';
    return { type, status: isTrue ? 'True' : 'False', lastProbeTime: null, lastTransitionTime: now };
  });
  const state =
    wanted.waiting === undefined
      ? { running: { startedAt: now } }
      : { waiting: { reason: wanted.waiting, message: 'back-off 5m0s restarting failed container=main' } };
  const containerStatuses = [{ name: 'main', image: 'registry.example/app:1', ready: serves, started: serves, restartCount: wanted.restarts ?? 0, state }];
  return { ...running, phase, conditions, containerStatuses };
}
