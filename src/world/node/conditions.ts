import type { JsonObject } from '../../model/json.ts';
import { listAt, objectAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { REPORTED } from './kubelets.ts';

/** `not-ready`: its kubelet says so itself. `unreachable`: nobody has heard of it. */
export type NodeState = 'ready' | 'not-ready' | 'unreachable';

export function stateOf(node: WorldObject): NodeState {
  const status = textAt(conditionOf(node, 'Ready'), 'status');
  return status === 'True' ? 'ready' : status === 'False' ? 'not-ready' : 'unreachable';
}

export function isReady(node: WorldObject): boolean {
  return stateOf(node) === 'ready';
}

export function conditionOf(object: WorldObject, type: string): JsonObject | undefined {
  const found = listAt(object, 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  return found === undefined ? undefined : objectAt(found);
}

export function isTrue(object: WorldObject, type: string): boolean {
  return textAt(conditionOf(object, type), 'status') === 'True';
}

export type Pressure = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';
const CALM: ReadonlyMap<Pressure, readonly [reason: string, message: string]> = new Map([
  ['MemoryPressure', ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available']],
  ['DiskPressure', ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure']],
  ['PIDPressure', ['KubeletHasSufficientPID', 'kubelet has sufficient PID available']],
]);
const PRESSED: ReadonlyMap<Pressure, readonly [reason: string, message: string]> = new Map([
  ['MemoryPressure', ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available']],
  ['DiskPressure', ['KubeletHasDiskPressure', 'kubelet has disk pressure']],
  ['PIDPressure', ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available']],
]);
const READY = { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' };
const NOT_READY = { status: 'False', reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false' };
const LOST = { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };

/** What a kubelet reports of itself. */
export function reported(isWell: boolean, pressures: readonly Pressure[] = []): ReadonlyMap<string, JsonObject> {
  const of = (type: Pressure): JsonObject => {
    const [reason = '', message = ''] = (pressures.includes(type) ? PRESSED : CALM).get(type) ?? [];
    return { status: pressures.includes(type) ? 'True' : 'False', reason, message };
  };
  return new Map<string, JsonObject>([...[...CALM.keys()].map((type) => [type, of(type)] as const), ['Ready', isWell ? READY : NOT_READY]]);
}

/** What the node controller writes in the name of a kubelet that says nothing. */
export const UNHEARD: ReadonlyMap<string, JsonObject> = new Map([...CALM.keys(), 'Ready'].map((type) => [type, LOST]));

/** What the cloud says of the network: it does not know how the kubelet is. */
export const NETWORK = { type: 'NetworkUnavailable', status: 'False', reason: 'RouteCreated', message: 'RouteController created a route' };

type Times = { readonly changedMs: number; readonly heartbeatMs?: number };

/** The node with these conditions; one whose status does not change keeps the time of its last change. */
export function withConditions(node: WorldObject, conditions: ReadonlyMap<string, JsonObject>, { changedMs, heartbeatMs }: Times): WorldObject {
  const others = listAt(node, 'status', 'conditions').filter((one) => !REPORTED.has(textAt(one, 'type')));
  const now = [...conditions].map(([type, said]) => {
    const before = conditionOf(node, type);
    const lastTransitionTime = textAt(before, 'status') === said['status'] ? textAt(before, 'lastTransitionTime') : timestamp(changedMs);
    const lastHeartbeatTime = heartbeatMs === undefined ? textAt(before, 'lastHeartbeatTime') || timestamp(changedMs) : timestamp(heartbeatMs);
    return { lastHeartbeatTime, lastTransitionTime, ...said, type };
  });
  return patchStatus(node, { conditions: [...now, ...others] });
}
