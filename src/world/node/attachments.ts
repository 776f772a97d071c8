import { sha256 } from '../../model/digest.ts';
import type { Clock } from '../../port/clock.ts';
import { beginDeletion } from '../api/remove.ts';
import type { Index } from '../index-of.ts';
import { at, patchStatus, textAt, textsAt, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';
import { agenda } from './agenda.ts';
import { takesRoom } from './demand.ts';
import type { Tell } from './events.ts';
import { ATTACHMENT, CLAIM, NODE, POD, VOLUME } from './kinds.ts';
import type { Kubelets } from './kubelets.ts';
import { isOutOfService } from './taints.ts';
import type { Timing } from './timing.ts';
import { claimNames, volumesOf } from './volume-fit.ts';

type Place = { readonly objects: Objects; readonly clock: Clock; readonly kubelets: Kubelets; readonly timing: Timing; readonly tell: Tell };

/** From the order to attach or detach to the end of it. */
const ATTACH_MS = 1_000;
const DETACH_MS = 1_500;

/** Pods by the claims that they mount. */
const BY_CLAIM: Index = { kind: POD, keysOf: (pod) => claimNames(pod).map((name) => `${pod.metadata.namespace}/${name}`) };
const ATTACHED: Index = { kind: ATTACHMENT, keysOf: (one) => [textAt(one, 'spec', 'source', 'persistentVolumeName')] };

/** Whether all volumes of a pod that have to be attached are, where it is. */
export function isAttached(objects: Objects, pod: WorldObject): boolean {
  const node = textAt(pod, 'spec', 'nodeName');
  return volumesOf(objects, pod)
    .filter(attaches)
    .every(({ metadata: { name } }) =>
      objects.pick(ATTACHED, name).some((one) => textAt(one, 'spec', 'nodeName') === node && at(one, 'status', 'attached') === true),
    );
}

/** A volume that some machine has to attach; one of a network file system or of a machine's own disk is just there. */
function attaches(volume: WorldObject): boolean {
  return at(volume, 'spec', 'csi') !== undefined;
}

/** Keeps an attachment until the volume's driver has detached it. */
export const OF_DRIVER = 'external-attacher/csi-example';

type Attaching = { readonly volume: string; readonly node: string; readonly attached: boolean };

/** Puts a volume onto a node. The first attachment of a volume has the name of the volume, so that people can name it; the real one is a hash. */
export function putAttachment(objects: Objects, { volume, node, attached }: Attaching): WorldObject {
  const there = objects.pick(ATTACHED, volume).find((one) => textAt(one, 'spec', 'nodeName') === node);
  if (there !== undefined) return attached ? objects.replace(ATTACHMENT, patchStatus(there, { attached })) : there;
  const first = `csi-${volume}`;
  return objects.insert(ATTACHMENT, {
    metadata: { name: objects.find(ATTACHMENT, undefined, first) === undefined ? first : `${first}-${sha256(node).slice(0, 8)}` },
    spec: { attacher: 'csi.example', nodeName: node, source: { persistentVolumeName: volume } },
    status: { attached },
  });
}

/** The volumes of a pod that runs on a node already are attached there, unless another node has them. */
export function attachAll(objects: Objects, pod: WorldObject): void {
  for (const { metadata } of volumesOf(objects, pod).filter(attaches)) {
    if (objects.pick(ATTACHED, metadata.name).length === 0)
      putAttachment(objects, { volume: metadata.name, node: textAt(pod, 'spec', 'nodeName'), attached: true });
  }
}

/**
 * The attach and detach controller: a volume is attached where a pod with its claim is, and detached when that pod is gone there. A machine that does not
 * answer may still write, so its volumes stay for six minutes after the pod; somebody who says that it is off (out-of-service) frees them at once.
 */
export function attachmentController({ objects, clock, kubelets, timing, tell }: Place): (change: Change) => void {
  const due = agenda(clock);
  /** Since when a volume is not needed on a node: `volume node`. */
  const looseSinceMs = new Map<string, number>();

  const users = (volume: WorldObject): readonly WorldObject[] => {
    const claim = `${textAt(volume, 'spec', 'claimRef', 'namespace')}/${textAt(volume, 'spec', 'claimRef', 'name')}`;
    return objects.pick(BY_CLAIM, claim).filter((pod) => textAt(pod, 'spec', 'nodeName') !== '' && takesRoom(pod));
  };

  const settle = (name: string): void => {
    const volume = objects.find(VOLUME, undefined, name);
    if (volume === undefined || !attaches(volume)) return;
    const pods = users(volume);
    const wanted = new Set(pods.map((pod) => textAt(pod, 'spec', 'nodeName')));
    for (const one of objects.pick(ATTACHED, name)) {
      const node = textAt(one, 'spec', 'nodeName');
      if (wanted.has(node)) looseSinceMs.delete(`${name} ${node}`);
      else loosen(one, { name, node });
    }
    const there = new Set(objects.pick(ATTACHED, name).map((one) => textAt(one, 'spec', 'nodeName')));
    for (const node of wanted) if (!there.has(node)) attach(volume, node, pods);
  };

  const loosen = (attachment: WorldObject, { name, node }: { readonly name: string; readonly node: string }): void => {
    const key = `${name} ${node}`;
    const sinceMs = looseSinceMs.get(key) ?? clock.nowMs();
    looseSinceMs.set(key, sinceMs);
    const machine = objects.find(NODE, undefined, node);
    const isSafe = (machine !== undefined && kubelets.answers(node)) || isOutOfService(machine);
    const waitMs = isSafe ? DETACH_MS : Math.max(DETACH_MS, sinceMs + timing.forceDetachMs - clock.nowMs());
    due.put(`detach ${key}`, waitMs, () => {
      if (looseSinceMs.get(key) !== sinceMs) return;
      looseSinceMs.delete(key);
      beginDeletion({ objects, clock }, attachment, { kind: ATTACHMENT });
    });
  };

  const attach = (volume: WorldObject, node: string, pods: readonly WorldObject[]): void => {
    const { name } = volume.metadata;
    const others = objects.pick(ATTACHED, name);
    if (others.length > 0 && !textsAt(volume, 'spec', 'accessModes').some((mode) => mode.endsWith('Many'))) {
      // Tried again when the other one is detached.
      refuse(name, node, pods);
      return;
    }
    const made = putAttachment(objects, { volume: name, node, attached: false });
    due.put(`attach ${name} ${node}`, ATTACH_MS, () => change(objects, made, (one) => patchStatus(one, { attached: true })));
  };

  const refuse = (volume: string, node: string, pods: readonly WorldObject[]): void => {
    const elsewhere = pods.filter((pod) => textAt(pod, 'spec', 'nodeName') !== node).map((pod) => pod.metadata.name);
    const why =
      elsewhere.length > 0 ? `already used by pod(s) ${elsewhere.join(', ')}` : "already exclusively attached to one node and can't be attached to another";
    const message = `Multi-Attach error for volume "${volume}" Volume is ${why}`;
    for (const pod of pods) {
      // Told once: the real controller, too, is silent about a repetition.
      if (textAt(pod, 'spec', 'nodeName') !== node || due.has(`told ${pod.metadata.uid}`)) continue;
      due.put(`told ${pod.metadata.uid}`, timing.forceDetachMs, () => {});
      tell(pod, { type: 'Warning', reason: 'FailedAttachVolume', message, component: 'attachdetach-controller' });
    }
  };

  return ({ type, kind, object, before }) => {
    if (kind === ATTACHMENT && type === 'DELETED') settle(textAt(object, 'spec', 'source', 'persistentVolumeName'));
    if (kind === NODE) {
      const isFreed = isOutOfService(object) && !isOutOfService(before);
      if (isFreed || type === 'DELETED')
        for (const one of objects.all(ATTACHMENT))
          if (textAt(one, 'spec', 'nodeName') === object.metadata.name) settle(textAt(one, 'spec', 'source', 'persistentVolumeName'));
      return;
    }
    if (kind === CLAIM && type === 'MODIFIED' && textAt(object, 'spec', 'volumeName') !== '') settle(textAt(object, 'spec', 'volumeName'));
    if (kind !== POD || claimNames(object).length === 0) return;
    const isOver = type === 'DELETED' || (before !== undefined && takesRoom(before) !== takesRoom(object));
    const isPlaced = type !== 'DELETED' && textAt(object, 'spec', 'nodeName') !== textAt(before, 'spec', 'nodeName');
    if (isOver || isPlaced) for (const { metadata } of volumesOf(objects, object)) settle(metadata.name);
  };
}
