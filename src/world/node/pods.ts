import { isObject, type JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import { beginDeletion } from '../api/remove.ts';
import { at, listAt, numberAt, objectAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { isReady, type Kubelets, NODE, POD } from './nodes.ts';

/** How long the steps of a pod's life take. */
const SCHEDULE_MS = 200;
const START_MS = 1500;
const STOP_MS = 2000;
const NODE_BACK_MS = 2500;
const OUT_OF_SERVICE_MS = 11_000;
const NODE_DELETED_MS = 60_000;

/** What a scenario says about how single pods behave, by `namespace/name`. */
export type PodManners = { readonly stopMs?: number | 'never'; readonly log?: readonly string[]; readonly previousLog?: readonly string[] };

export type Place = { readonly objects: Objects; readonly clock: Clock; readonly kubelets: Kubelets; readonly manners: ReadonlyMap<string, PodManners> };

/** Scheduler, kubelets and taint manager for pods: they are placed, start, stop, and are moved off lost nodes. */
export function podController(place: Place): (change: Change) => void {
  const { objects, clock, kubelets, manners } = place;

  const placeOn = (pod: WorldObject): void => {
    const now = objects.find(POD, pod.metadata.namespace, pod.metadata.name);
    if (now === undefined || now.metadata.uid !== pod.metadata.uid || now.metadata.deletionTimestamp !== undefined) return;
    if (textAt(now, 'spec', 'nodeName') === '') {
      const node = freeNode(objects, now);
      if (node === undefined) return;
      objects.replace(POD, { ...now, spec: { ...objectAt(now, 'spec'), nodeName: node } });
    }
    clock.after(START_MS, () => {
      const bound = objects.find(POD, pod.metadata.namespace, pod.metadata.name);
      const node = textAt(bound, 'spec', 'nodeName');
      if (bound && bound.metadata.uid === pod.metadata.uid && textAt(bound, 'status', 'phase') === 'Pending' && kubelets.get(node) !== 'silent') {
        objects.replace(POD, patchStatus(bound, runningStatus(bound, timestamp(clock.nowMs()))));
      }
    });
  };

  const stop = ({ metadata: { uid, namespace, name } }: WorldObject): void => {
    const pod = objects.find(POD, namespace, name);
    if (pod === undefined || pod.metadata.uid !== uid || kubelets.get(textAt(pod, 'spec', 'nodeName')) === 'silent') return;
    if ((pod.metadata.finalizers ?? []).length === 0) objects.remove(POD, namespace, name);
  };

  const stopSoon = (pod: WorldObject): void => {
    const { namespace, name } = pod.metadata;
    const stopMs = manners.get(`${namespace}/${name}`)?.stopMs ?? STOP_MS;
    if (stopMs === 'never' && (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 30) > 0) {
      // It does not listen, so the kubelet kills it when its grace is over.
      clock.after(Math.max(0, Date.parse(pod.metadata.deletionTimestamp ?? '') - clock.nowMs()), () => stop(pod));
      return;
    }
    const graceMs = (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 30) * 1000;
    clock.after(Math.min(stopMs === 'never' ? 0 : stopMs, graceMs), () => stop(pod));
  };

  const ofNode = (node: string): readonly WorldObject[] => objects.all(POD).filter((pod) => textAt(pod, 'spec', 'nodeName') === node);

  const nodeChanged = ({ object: node, before }: Change): void => {
    const name = node.metadata.name;
    const was = before === undefined ? undefined : isReady(before);
    if (was === true && !isReady(node)) for (const pod of ofNode(name)) objects.replace(POD, withReady(pod, 'False', timestamp(clock.nowMs())));
    if (was === false && isReady(node)) {
      clock.after(NODE_BACK_MS, () => {
        const pods = kubelets.get(name) === 'silent' ? [] : ofNode(name);
        for (const pod of pods) {
          if (pod.metadata.deletionTimestamp !== undefined) stop(pod);
          else if (textAt(pod, 'status', 'phase') === 'Running' && hasCondition(pod, 'ContainersReady'))
            objects.replace(POD, withReady(pod, 'True', timestamp(clock.nowMs())));
          else if (textAt(pod, 'status', 'phase') === 'Pending') placeOn(pod);
        }
      });
    }
    for (const pod of objects.all(POD))
      if (textAt(pod, 'status', 'phase') === 'Pending' && textAt(pod, 'spec', 'nodeName') === '') clock.after(SCHEDULE_MS, () => placeOn(pod));
    const keys = noExecuteKeys(node);
    if (before === undefined || keys.join() !== noExecuteKeys(before).join()) for (const pod of ofNode(name)) evictLater(place, pod, keys);
    if (keys.includes('node.kubernetes.io/out-of-service')) clock.after(OUT_OF_SERVICE_MS, () => forceGone(name));
  };

  const forceGone = (node: string): void => {
    for (const pod of ofNode(node)) if (pod.metadata.deletionTimestamp !== undefined) objects.remove(POD, pod.metadata.namespace, pod.metadata.name);
  };

  return (seen) => {
    const { type, kind, object, before } = seen;
    if (kind === NODE) {
      if (type === 'DELETED') clock.after(NODE_DELETED_MS, () => removeAll(object.metadata.name));
      else nodeChanged(seen);
    }
    if (kind !== POD || type === 'DELETED') return;
    if (type === 'ADDED' && textAt(object, 'status', 'phase') === 'Pending' && textAt(object, 'status', 'reason') !== 'Scenario')
      clock.after(SCHEDULE_MS, () => placeOn(object));
    const graceChanged = at(before, 'metadata', 'deletionGracePeriodSeconds') !== object.metadata['deletionGracePeriodSeconds'];
    if (object.metadata.deletionTimestamp !== undefined && graceChanged) stopSoon(object);
  };

  function removeAll(node: string): void {
    if (objects.find(NODE, undefined, node)) return;
    for (const pod of ofNode(node)) objects.remove(POD, pod.metadata.namespace, pod.metadata.name);
  }
}

/** The taint manager: pods that do not tolerate go, each after its time; not when no node at all is well. */
function evictLater({ objects, clock }: Place, pod: WorldObject, keys: readonly string[]): void {
  if (keys.length === 0 || pod.metadata.deletionTimestamp !== undefined) return;
  const waits = keys.map((key) => toleratedMs(pod, key));
  const waitMs = Math.min(...waits);
  if (!Number.isFinite(waitMs)) return;
  clock.after(waitMs, () => {
    const now = objects.find(POD, pod.metadata.namespace, pod.metadata.name);
    const node = objects.find(NODE, undefined, textAt(now, 'spec', 'nodeName'));
    if (now === undefined || node === undefined || now.metadata.uid !== pod.metadata.uid || now.metadata.deletionTimestamp !== undefined) return;
    const still = noExecuteKeys(node).some((key) => keys.includes(key));
    if (!still || !objects.all(NODE).some(isReady)) return;
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timestamp(clock.nowMs()),
    };
    const marked = change(objects, now, (one) => patchStatus(one, { conditions: [...listAt(one, 'status', 'conditions'), condition] }));
    if (marked) beginDeletion({ objects, clock }, marked, { kind: POD });
  });
}

function noExecuteKeys(node: WorldObject): readonly string[] {
  return listAt(node, 'spec', 'taints')
    .filter((taint) => textAt(taint, 'effect') === 'NoExecute')
    .map((taint) => textAt(taint, 'key'));
}

function toleratedMs(pod: WorldObject, key: string): number {
  const tolerations = listAt(pod, 'spec', 'tolerations').filter(
    (one) => ['', key].includes(textAt(one, 'key')) && ['', 'NoExecute'].includes(textAt(one, 'effect')),
  );
  if (tolerations.length === 0) return 0;
  return Math.max(...tolerations.map((one) => (numberAt(one, 'tolerationSeconds') ?? Number.POSITIVE_INFINITY) * 1000));
}

/** A node that takes a new pod: ready, not cordoned, without a taint that the pod does not tolerate; the emptiest first. */
function freeNode(objects: Objects, pod: WorldObject): string | undefined {
  const pods = objects.all(POD);
  const load = (name: string): number => pods.filter((one) => textAt(one, 'spec', 'nodeName') === name).length;
  const tolerated = (taint: Parameters<typeof textAt>[0]): boolean =>
    listAt(pod, 'spec', 'tolerations').some(
      (one) =>
        ['', textAt(taint, 'key')].includes(textAt(one, 'key')) && numberAt(one, 'tolerationSeconds') === undefined && textAt(one, 'effect') !== 'NoExecute',
    );
  const free = objects
    .all(NODE)
    .filter((node) => isReady(node) && at(node, 'spec', 'unschedulable') !== true)
    .filter((node) => listAt(node, 'spec', 'taints').every((taint) => textAt(taint, 'effect') === 'PreferNoSchedule' || tolerated(taint)));
  return free.map((node) => node.metadata.name).sort((a, b) => load(a) - load(b) || (a < b ? -1 : 1))[0];
}

/** The status of a pod that runs and serves. */
export function runningStatus(pod: WorldObject | { readonly spec: JsonObject }, now: string): JsonObject {
  const condition = (type: string): JsonObject => ({ lastProbeTime: null, lastTransitionTime: now, status: 'True', type });
  const containers = listAt(pod, 'spec', 'containers').map((one) => ({
    name: textAt(one, 'name'),
    image: textAt(one, 'image'),
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: now } },
  }));
  return {
    phase: 'Running',
    podIP: '10.244.1.7',
    startTime: now,
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    containerStatuses: containers,
  };
}

function withReady(pod: WorldObject, status: 'True' | 'False', now: string): WorldObject {
  const conditions = listAt(pod, 'status', 'conditions').map((one) =>
    textAt(one, 'type') === 'Ready' && isObject(one) ? { ...one, status, lastTransitionTime: now } : one,
  );
  return patchStatus(pod, { conditions });
}

export function isPodReady(pod: WorldObject): boolean {
  return hasCondition(pod, 'Ready');
}

function hasCondition(pod: WorldObject, type: string): boolean {
  return listAt(pod, 'status', 'conditions').some((one) => textAt(one, 'type') === type && textAt(one, 'status') === 'True');
}
