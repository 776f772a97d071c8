import type { Clock } from '../../port/clock.ts';
import { BY_NODE } from '../index-of.ts';
import { numberAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { isReady, isTrue, reported, stateOf, withConditions } from './conditions.ts';
import { ATTACHMENT, NODE, POD } from './kinds.ts';
import type { Kubelets } from './kubelets.ts';
import { creatingStatus, runningStatus, withReady } from './pod-status.ts';
import type { Timing } from './timing.ts';
import { claimNames } from './volume-fit.ts';

/** From the order to start or stop to the end of it. */
const RUN_MS = 1_500;
const STOP_MS = 2_000;
/** From a wrong word about a pod to the kubelet's own. */
const SAY_MS = 1_000;
/** From the return of a kubelet to its first report: 2 to 3 s. */
const BACK_MS = 2_500;
/** From the attachment of a pod's last volume to its start. */
const MOUNT_MS = 1_000;

/** How long a pod's containers take until they serve, as ms in an annotation of its template. */
export const STARTS = 'world.salvor.io/starts-ms';

/** What a scenario says about how single pods behave, by `namespace/name`. */
export type PodManners = { readonly stopMs?: number | 'never'; readonly log?: readonly string[]; readonly previousLog?: readonly string[] };

export type Place = {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly kubelets: Kubelets;
  readonly timing: Timing;
  readonly manners: ReadonlyMap<string, PodManners>;
  /** Whether all volumes of a pod are attached to its node. */
  readonly isAttached: (pod: WorldObject) => boolean;
};

/** The kubelets: pods that are placed start, deleted ones stop, and a kubelet that answers again reports what is so. A silent one does nothing. */
export function kubeletController({ objects, clock, kubelets, timing, manners, isAttached }: Place): (change: Change) => void {
  const due = agenda(clock);

  const current = ({ metadata: { uid, namespace, name } }: WorldObject): WorldObject | undefined => {
    const pod = objects.find(POD, namespace, name);
    return pod?.metadata.uid === uid && kubelets.answers(textAt(pod, 'spec', 'nodeName')) ? pod : undefined;
  };

  const run = (pod: WorldObject): void => {
    const now = current(pod);
    if (now === undefined || textAt(now, 'status', 'phase') !== 'Pending' || now.metadata.deletionTimestamp !== undefined) return;
    if (!isAttached(now)) {
      change(objects, now, (one) => patchStatus(one, creatingStatus(one)));
      return;
    }
    const restMs = Number(pod.metadata.annotations?.[STARTS] ?? timing.podStartMs) - RUN_MS;
    const serves = restMs <= 0;
    const ran = objects.replace(POD, patchStatus(now, runningStatus(now, timestamp(clock.nowMs()), serves)));
    if (!serves) due.put(pod.metadata.uid, restMs, () => serve(ran));
  };

  const serve = (pod: WorldObject): void => {
    const now = current(pod);
    if (now === undefined || textAt(now, 'status', 'phase') !== 'Running' || now.metadata.deletionTimestamp !== undefined) return;
    objects.replace(POD, patchStatus(now, runningStatus(now, timestamp(clock.nowMs()))));
  };

  const sayReady = (pod: WorldObject): void => {
    const now = current(pod);
    if (now === undefined || now.metadata.deletionTimestamp !== undefined || !isTrue(now, 'ContainersReady')) return;
    objects.replace(POD, withReady(now, 'True', timestamp(clock.nowMs())));
  };

  const stop = (pod: WorldObject): void => {
    const now = current(pod);
    if (now !== undefined && (now.metadata.finalizers ?? []).length === 0) objects.remove(POD, now.metadata.namespace, now.metadata.name);
  };

  /** What does not listen is killed when its grace is over. */
  const stopSoon = (pod: WorldObject): void => {
    const { namespace, name, uid, deletionTimestamp = '' } = pod.metadata;
    const graceMs = (numberAt(pod, 'metadata', 'deletionGracePeriodSeconds') ?? 30) * 1000;
    const stopMs = manners.get(`${namespace}/${name}`)?.stopMs ?? STOP_MS;
    const killMs = Math.max(0, Math.min(graceMs, Date.parse(deletionTimestamp) - clock.nowMs()));
    due.put(uid, stopMs === 'never' ? killMs : Math.min(stopMs, graceMs), () => stop(pod));
  };

  const back = (name: string): void => {
    const node = objects.find(NODE, undefined, name);
    if (node === undefined || !kubelets.answers(name)) return;
    if (stateOf(node) === 'unreachable') objects.replace(NODE, withConditions(node, reported(true), { changedMs: clock.nowMs(), heartbeatMs: clock.nowMs() }));
    const pods = objects.pick(BY_NODE, name);
    for (const pod of pods) if (pod.metadata.deletionTimestamp !== undefined) stop(pod);
    for (const pod of pods) if (textAt(pod, 'status', 'phase') === 'Pending') due.once(pod.metadata.uid, RUN_MS, () => run(pod));
    due.once(`serve ${name}`, 0, () => serveAgain(name));
  };

  /** The pods of a node that is well again serve as their containers do. */
  const serveAgain = (name: string): void => {
    const node = objects.find(NODE, undefined, name);
    if (node === undefined || !isReady(node) || !kubelets.answers(name)) return;
    for (const pod of objects.pick(BY_NODE, name)) {
      if (pod.metadata.deletionTimestamp !== undefined || textAt(pod, 'status', 'phase') !== 'Running' || !isTrue(pod, 'ContainersReady')) continue;
      change(objects, pod, (one) => withReady(one, 'True', timestamp(clock.nowMs())));
    }
  };

  kubelets.onTurn((name) => {
    if (kubelets.answers(name)) due.put(`back ${name}`, BACK_MS, () => back(name));
  });

  return ({ type, kind, object, before }) => {
    if (kind === NODE && type === 'MODIFIED' && before !== undefined && !isReady(before) && isReady(object)) {
      due.once(`serve ${object.metadata.name}`, BACK_MS, () => serveAgain(object.metadata.name));
    }
    if (kind === ATTACHMENT && type === 'MODIFIED') {
      const waits = objects
        .pick(BY_NODE, textAt(object, 'spec', 'nodeName'))
        .filter((pod) => textAt(pod, 'status', 'phase') === 'Pending' && claimNames(pod).length > 0);
      for (const pod of waits) due.once(pod.metadata.uid, MOUNT_MS, () => run(pod));
    }
    if (kind !== POD) return;
    if (type === 'DELETED') {
      due.drop(object.metadata.uid);
      return;
    }
    const { deletionTimestamp, deletionGracePeriodSeconds, uid } = object.metadata;
    if (deletionTimestamp !== undefined) {
      if (before?.metadata['deletionGracePeriodSeconds'] !== deletionGracePeriodSeconds) stopSoon(object);
      return;
    }
    // The node controller's word of a pod does not count where the kubelet is there to say better.
    if (before !== undefined && isTrue(before, 'Ready') && !isTrue(object, 'Ready') && isTrue(object, 'ContainersReady'))
      due.once(`ready ${uid}`, SAY_MS, () => sayReady(object));
    const isPlaced = textAt(object, 'spec', 'nodeName') !== '' && textAt(before, 'spec', 'nodeName') === '';
    if (isPlaced && textAt(object, 'status', 'phase') === 'Pending' && textAt(object, 'status', 'reason') !== 'Scenario')
      due.once(uid, RUN_MS, () => run(object));
  };
}
