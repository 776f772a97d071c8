import { sha256 } from '../../model/digest.ts';
import type { JsonObject } from '../../model/json.ts';
import { withDefaults } from '../api/defaults.ts';
import { theKind } from '../kinds.ts';
import { attachAll } from '../node/attachments.ts';
import { TOLERATIONS } from '../node/daemons.ts';
import { CLAIM, POD } from '../node/kinds.ts';
import { STARTS } from '../node/kubelet.ts';
import { runningStatus } from '../node/pod-status.ts';
import { objectAt, patchStatus, timestamp, type WorldObject } from '../object.ts';
import type { ReadScenario } from '../scenario.ts';
import { makeNamespace } from '../velero/restore-objects.ts';
import { putClaim } from './claims.ts';
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
  if (before === undefined) {
    makePod(place, wanted, { namespace, name });
    return;
  }
  const changed = wanted.node === undefined ? before : { ...before, spec: { ...specOf(before), nodeName: wanted.node } };
  objects.replace(POD, statusIsMeant(wanted) ? patchStatus(changed, podStatus(changed, wanted, timestamp(clock.nowMs()))) : changed);
}

function statusIsMeant({ ready, phase, waiting, restarts }: Wanted): boolean {
  return ready !== undefined || phase !== undefined || waiting !== undefined || restarts !== undefined;
}

function specOf(object: WorldObject): JsonObject {
  return objectAt(object, 'spec');
}

type Named = { readonly namespace: string; readonly name: string };

function makePod(place: Place, wanted: Wanted, { namespace, name }: Named): void {
  const { objects } = place;
  const owner =
    wanted.owner ?? (/-\d+$/.test(name) ? `StatefulSet/${name.replace(/-\d+$/, '')}` : `Deployment/${name.split('-').slice(0, -1).join('-') || name}`);
  const [ownerKind = '', ownerName = ''] = owner.split('/');
  const labels = { app: owner === 'none' ? name : ownerName, ...wanted.labels };
  const keys = typeof wanted.tolerates === 'string' ? [wanted.tolerates] : (wanted.tolerates ?? []);
  const spec: JsonObject = {
    containers: [
      { name: 'main', image: 'registry.example/app:1', ...(wanted.requests === undefined ? {} : { resources: { requests: { ...wanted.requests } } }) },
    ],
    tolerations: [...keys.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute' })), ...(ownerKind === 'DaemonSet' ? TOLERATIONS : [])],
    ...(wanted.grace === undefined ? {} : { terminationGracePeriodSeconds: Math.round(wanted.grace / 1000) }),
    ...volumesOf(wanted),
    ...wanted.spec,
  };
  const annotations = wanted.starts === undefined ? {} : { annotations: { [STARTS]: String(wanted.starts) } };
  for (const claim of wanted.volumes ?? []) if (!objects.find(CLAIM, namespace, claim)) putClaim(place, { name: `${namespace}/${claim}` });
  const owners = owner === 'none' ? {} : { ownerReferences: [ownerOf(place, { kind: ownerKind, name: ownerName, namespace, labels, spec, annotations })] };
  const madeAt = timestamp(place.clock.nowMs() - DAY_MS);
  const draft = withDefaults(POD, {
    metadata: { name, namespace, labels, ...annotations, creationTimestamp: madeAt, ...owners },
    spec: { ...spec, ...(wanted.node === undefined ? {} : { nodeName: wanted.node }) },
  });
  const pod = {
    ...draft,
    apiVersion: POD.apiVersion,
    kind: POD.kind,
    metadata: { ...draft.metadata, uid: '', resourceVersion: '', creationTimestamp: madeAt },
  };
  const status = podStatus(pod, wanted, madeAt);
  if (status['phase'] === 'Running') attachAll(objects, pod);
  // A pod that a scenario wants pending without a node stays so: nothing places it.
  objects.insert(POD, { ...draft, status: wanted.phase === 'Pending' ? { ...status, reason: 'Scenario' } : status });
}

function volumesOf({ volumes = [], emptyDir }: Wanted): JsonObject {
  const claims = volumes.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  const scratch = emptyDir === true ? [{ name: 'scratch', emptyDir: {} }] : [];
  return claims.length + scratch.length === 0 ? {} : { volumes: [...claims, ...scratch] };
}

type OwnerWanted = Named & {
  readonly kind: string;
  readonly labels: { readonly [name: string]: string };
  readonly spec: JsonObject;
  readonly annotations: JsonObject;
};

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

function grow(
  { objects, clock }: Place,
  { kind: kindName, name, namespace, labels, spec, annotations }: OwnerWanted,
  ownerReferences: readonly JsonObject[],
): WorldObject {
  const kind = theKind(kindName === 'Job' ? 'batch/v1' : 'apps/v1', kindName);
  const before = objects.find(kind, namespace, name);
  const isCounted = kindName !== 'DaemonSet' && kindName !== 'Job';
  const replicas = (before === undefined ? 0 : Number(specOf(before)['replicas'] ?? 0)) + 1;
  if (before && !isCounted) return before;
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
    spec: { ...(isCounted ? { replicas } : {}), selector: { matchLabels: { app } }, template: { metadata: { labels: { ...labels }, ...annotations }, spec } },
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
