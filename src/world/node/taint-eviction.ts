import type { Clock } from '../../port/clock.ts';
import { beginDeletion } from '../api/remove.ts';
import { BY_NODE } from '../index-of.ts';
import { at, listAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { sameJson } from '../same.ts';
import { agenda } from './agenda.ts';
import type { Tell } from './events.ts';
import { NODE, POD } from './kinds.ts';
import { evicting, isOfLoss, toleratedMs } from './taints.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly tell: Tell };

/** A taint's time is written in whole seconds: younger than this it was put on now. */
const JUST_NOW_MS = 2_000;
/** Longer than the node controller takes to see that all nodes are lost. */
const REACT_MS = 200;

/**
 * The taint eviction controller: a pod that does not tolerate a NoExecute taint of its node is deleted, each when its toleration is over; nobody
 * asks a budget. Where the taint goes before that, the pod stays.
 */
export function taintEviction({ objects, clock, tell }: Place): (change: Change) => void {
  const due = agenda(clock);
  /** Since when each pod is to go, so that a further taint does not begin its time anew. */
  const sinceMs = new Map<string, number>();

  const spare = (pod: WorldObject, isTold: boolean): void => {
    sinceMs.delete(pod.metadata.uid);
    if (due.drop(pod.metadata.uid) && isTold) tell(pod, told(`Cancelling deletion of Pod ${nameOf(pod)}`));
  };

  const evict = ({ metadata: { uid, namespace, name } }: WorldObject): void => {
    const pod = objects.find(POD, namespace, name);
    if (pod === undefined || pod.metadata.uid !== uid || pod.metadata.deletionTimestamp !== undefined) return;
    tell(pod, told(`Marking for deletion Pod ${nameOf(pod)}`));
    const mark = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timestamp(clock.nowMs()),
    };
    const others = listAt(pod, 'status', 'conditions').filter((one) => textAt(one, 'type') !== mark.type);
    const marked = change(objects, pod, (one) => patchStatus(one, { conditions: [...others, mark] }));
    if (marked) beginDeletion({ objects, clock }, marked, { kind: POD });
  };

  const look = (pod: WorldObject, node: WorldObject): void => {
    const taints = evicting(node);
    const tolerated = toleratedMs(pod, taints);
    const { uid } = pod.metadata;
    if (taints.length === 0) return spare(pod, true);
    if (!Number.isFinite(tolerated)) return spare(pod, true);
    const addedMs = Math.min(...taints.map((taint) => Date.parse(textAt(taint, 'timeAdded')) || clock.nowMs()));
    const startMs = sinceMs.get(uid) ?? (clock.nowMs() - addedMs < JUST_NOW_MS ? clock.nowMs() : addedMs);
    sinceMs.set(uid, startMs);
    const leastMs = taints.every((taint) => isOfLoss(textAt(taint, 'key')) || toleratedMs(pod, [taint]) > tolerated) ? REACT_MS : 0;
    due.put(uid, Math.max(leastMs, startMs + tolerated - clock.nowMs()), () => evict(pod));
  };

  return ({ type, kind, object, before }) => {
    if (kind === NODE && type !== 'DELETED') {
      if (before !== undefined && sameJson(at(before, 'spec', 'taints'), at(object, 'spec', 'taints'))) return;
      if (evicting(object).length === 0 && (before === undefined || evicting(before).length === 0)) return;
      for (const pod of objects.pick(BY_NODE, object.metadata.name)) if (pod.metadata.deletionTimestamp === undefined) look(pod, object);
    }
    if (kind !== POD) return;
    if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) return spare(object, false);
    const isMoved = textAt(before, 'spec', 'nodeName') !== textAt(object, 'spec', 'nodeName') || before === undefined;
    if (!isMoved && sameJson(at(before, 'spec', 'tolerations'), at(object, 'spec', 'tolerations'))) return;
    const node = objects.find(NODE, undefined, textAt(object, 'spec', 'nodeName'));
    if (node !== undefined && evicting(node).length > 0) look(object, node);
  };
}

function nameOf({ metadata: { namespace, name } }: WorldObject): string {
  return `${namespace}/${name}`;
}

function told(message: string): Parameters<Tell>[1] {
  return { reason: 'TaintManagerEviction', message, component: 'taint-eviction-controller' };
}
