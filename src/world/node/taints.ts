import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { at, listAt, numberAt, objectAt, textAt, type WorldObject } from '../object.ts';
import { isTrue, stateOf } from './conditions.ts';

const OWN = 'node.kubernetes.io/';
export const UNREACHABLE = `${OWN}unreachable`;
export const NOT_READY = `${OWN}not-ready`;
export const OUT_OF_SERVICE = `${OWN}out-of-service`;
const UNSCHEDULABLE = `${OWN}unschedulable`;

/** Taints by which the node controller keeps new pods off, and what it concludes them from. Source  nodelifecycle's table of conditions. */
const KEEPING_OFF: ReadonlyMap<string, (node: WorldObject) => boolean> = new Map([
  [NOT_READY, (node) => stateOf(node) === 'not-ready'],
  [UNREACHABLE, (node) => stateOf(node) === 'unreachable'],
  [`${OWN}memory-pressure`, (node) => isTrue(node, 'MemoryPressure')],
  [`${OWN}disk-pressure`, (node) => isTrue(node, 'DiskPressure')],
  [`${OWN}pid-pressure`, (node) => isTrue(node, 'PIDPressure')],
  [`${OWN}network-unavailable`, (node) => isTrue(node, 'NetworkUnavailable')],
  [UNSCHEDULABLE, (node) => at(node, 'spec', 'unschedulable') === true],
]);

/** The node with the taints that keep new pods off, as its conditions and its cordon ask for. */
export function withKeepingOff(node: WorldObject, timeAdded: string): WorldObject {
  const taints = listAt(node, 'spec', 'taints');
  const isOurs = (taint: Json): boolean => textAt(taint, 'effect') === 'NoSchedule' && KEEPING_OFF.has(textAt(taint, 'key'));
  const wanted = [...KEEPING_OFF].filter(([, asks]) => asks(node)).map(([key]) => key);
  const kept = taints.filter((taint) => !isOurs(taint) || wanted.includes(textAt(taint, 'key')));
  const missing = wanted.filter((key) => !taints.some((taint) => isOurs(taint) && textAt(taint, 'key') === key));
  if (kept.length === taints.length && missing.length === 0) return node;
  return withTaints(node, [...kept, ...missing.map((key) => ({ effect: 'NoSchedule', key, timeAdded }))]);
}

/** The key of the taint by which the pods of a node in this state are evicted. */
export function evictingKey(node: WorldObject): string | undefined {
  const state = stateOf(node);
  return state === 'ready' ? undefined : state === 'unreachable' ? UNREACHABLE : NOT_READY;
}

/** The node with this taint of the node controller that evicts, and with no other of it. */
export function withEvicting(node: WorldObject, key: string | undefined, timeAdded: string): WorldObject {
  const taints = listAt(node, 'spec', 'taints');
  const isOurs = (taint: Json): boolean => textAt(taint, 'effect') === 'NoExecute' && [UNREACHABLE, NOT_READY].includes(textAt(taint, 'key'));
  const others = taints.filter((taint) => !isOurs(taint) || textAt(taint, 'key') === key);
  const isThere = others.some(isOurs);
  if (others.length === taints.length && (key === undefined || isThere)) return node;
  return withTaints(node, key === undefined || isThere ? others : [...others, { effect: 'NoExecute', key, timeAdded }]);
}

/** Both taints of the node controller on a node that is lost. */
export function lostTaints(state: 'not-ready' | 'unreachable', timeAdded: string): readonly JsonObject[] {
  const key = state === 'unreachable' ? UNREACHABLE : NOT_READY;
  return [
    { effect: 'NoSchedule', key, timeAdded },
    { effect: 'NoExecute', key, timeAdded },
  ];
}

export function isOfLoss(key: string): boolean {
  return key === UNREACHABLE || key === NOT_READY;
}

/** The node with these taints; none is a field that is not there. */
export function withTaints<T extends JsonObject>(node: T, taints: readonly Json[]): T {
  const { taints: _taints, ...spec } = objectAt(node, 'spec');
  return { ...node, spec: { ...spec, ...(taints.length === 0 ? {} : { taints }) } };
}

/** Taints that evict, by whomever. */
export function evicting(node: WorldObject): readonly JsonObject[] {
  return listAt(node, 'spec', 'taints')
    .filter(isObject)
    .filter((taint) => textAt(taint, 'effect') === 'NoExecute');
}

export function isOutOfService(node: WorldObject | undefined): boolean {
  return listAt(node, 'spec', 'taints').some((taint) => textAt(taint, 'key') === OUT_OF_SERVICE);
}

/** Whether a toleration is about a taint. */
export function tolerates(toleration: Json, taint: Json): boolean {
  if (!['', textAt(taint, 'effect')].includes(textAt(toleration, 'effect'))) return false;
  if (textAt(toleration, 'operator') === 'Exists') return ['', textAt(taint, 'key')].includes(textAt(toleration, 'key'));
  return textAt(toleration, 'key') === textAt(taint, 'key') && textAt(toleration, 'value') === textAt(taint, 'value');
}

/** For how long a pod puts up with all these taints, in ms: 0 where it does not tolerate one of them. The shortest counts. */
export function toleratedMs(pod: WorldObject, taints: readonly JsonObject[]): number {
  const all = listAt(pod, 'spec', 'tolerations');
  const each = taints.flatMap((taint) => {
    const own = all.filter((toleration) => tolerates(toleration, taint));
    if (own.length === 0) return [0];
    return own.map((one) => Math.max(0, numberAt(one, 'tolerationSeconds') ?? Number.POSITIVE_INFINITY) * 1000);
  });
  return Math.min(Number.POSITIVE_INFINITY, ...each);
}
