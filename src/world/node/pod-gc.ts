import type { Clock } from '../../port/clock.ts';
import { BY_NODE } from '../index-of.ts';
import { listAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { isReady } from './conditions.ts';
import { takesRoom } from './demand.ts';
import { NODE, POD } from './kinds.ts';
import { isOutOfService } from './taints.ts';

type Place = { readonly objects: Objects; readonly clock: Clock };

/** How often the collector goes round, and how long the pods of a Node stay that was deleted: 60 s were seen. */
const ROUND_MS = 20_000;
const NODE_DELETED_MS = 60_000;

/**
 * The pod garbage collector: takes away the pods of a Node that is deleted, and those being deleted on a machine that somebody says is off (out-of-service)
 * while it is not ready; nobody asks the kubelet any more.
 */
export function podGarbage({ objects, clock }: Place): (change: Change) => void {
  const due = agenda(clock);

  const take = (pod: WorldObject, condition?: { readonly reason: string; readonly message: string }): void => {
    const mark = condition && { type: 'DisruptionTarget', status: 'True', lastTransitionTime: timestamp(clock.nowMs()), ...condition };
    const others = listAt(pod, 'status', 'conditions').filter((one) => mark === undefined || textAt(one, 'type') !== mark.type);
    if (takesRoom(pod)) change(objects, pod, (one) => patchStatus(one, { phase: 'Failed', conditions: mark === undefined ? others : [...others, mark] }));
    if ((pod.metadata.finalizers ?? []).length === 0) objects.remove(POD, pod.metadata.namespace, pod.metadata.name);
  };

  const round = (): void => {
    for (const node of objects.all(NODE)) {
      if (!isOutOfService(node) || isReady(node)) continue;
      for (const pod of objects.pick(BY_NODE, node.metadata.name)) if (pod.metadata.deletionTimestamp !== undefined) take(pod);
      // What is evicted later is found later.
      if (objects.pick(BY_NODE, node.metadata.name).length > 0) soon();
    }
  };
  const soon = (): void => due.once('round', ROUND_MS - (clock.monotonicMs() % ROUND_MS), round);

  return ({ type, kind, object: node }) => {
    if (kind !== NODE) return;
    const { name } = node.metadata;
    if (type !== 'DELETED') {
      if (isOutOfService(node)) soon();
      return;
    }
    due.put(`gone ${name}`, NODE_DELETED_MS, () => {
      if (objects.find(NODE, undefined, name)) return;
      for (const pod of objects.pick(BY_NODE, name)) take(pod, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' });
    });
  };
}
