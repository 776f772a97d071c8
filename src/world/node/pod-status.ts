import { isObject, type JsonObject } from '../../model/json.ts';
import { listAt, patchStatus, textAt, type WorldObject } from '../object.ts';

/** The status of a pod that runs, and serves unless said otherwise. */
export function runningStatus(pod: WorldObject | { readonly spec: JsonObject }, now: string, serves = true): JsonObject {
  const condition = (type: string): JsonObject => {
    const isTrue = serves || type === 'Initialized' || type === 'PodScheduled';
    return { lastProbeTime: null, lastTransitionTime: now, status: isTrue ? 'True' : 'False', type };
  };
  const containers = listAt(pod, 'spec', 'containers').map((one) => ({
    name: textAt(one, 'name'),
    image: textAt(one, 'image'),
    ready: serves,
    started: serves,
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

/** A pod whose containers the kubelet has not made yet. */
export function creatingStatus(pod: WorldObject): JsonObject {
  const state = { waiting: { reason: 'ContainerCreating' } };
  return {
    containerStatuses: listAt(pod, 'spec', 'containers').map((one) => ({
      name: textAt(one, 'name'),
      image: textAt(one, 'image'),
      ready: false,
      started: false,
      restartCount: 0,
      state,
    })),
  };
}

/** The pod with another Ready condition and nothing else changed. */
export function withReady(pod: WorldObject, status: 'True' | 'False', now: string): WorldObject {
  const conditions = listAt(pod, 'status', 'conditions').map((one) =>
    textAt(one, 'type') === 'Ready' && isObject(one) ? { ...one, status, lastTransitionTime: now } : one,
  );
  return patchStatus(pod, { conditions });
}
