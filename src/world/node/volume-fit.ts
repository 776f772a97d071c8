import { at, listAt, textAt, textsAt, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import { CLAIM, POD, VOLUME } from './kinds.ts';
import { termsChoose } from './node-fit.ts';

/** The names of the claims that a pod mounts. */
export function claimNames(pod: WorldObject): readonly string[] {
  return listAt(pod, 'spec', 'volumes').flatMap((one) => {
    const name = textAt(one, 'persistentVolumeClaim', 'claimName');
    return name === '' ? [] : [name];
  });
}

/** The volumes behind a pod's claims, as far as they are there. */
export function volumesOf(objects: Objects, pod: WorldObject): readonly WorldObject[] {
  return claimNames(pod).flatMap(
    (name) => objects.find(VOLUME, undefined, textAt(objects.find(CLAIM, pod.metadata.namespace, name), 'spec', 'volumeName')) ?? [],
  );
}

/** Why no node at all can take a pod: a claim that is not there, or has no volume yet. In the scheduler's words. */
export function claimMisfit(objects: Objects, pod: WorldObject): string | undefined {
  for (const name of claimNames(pod)) {
    const claim = objects.find(CLAIM, pod.metadata.namespace, name);
    if (claim === undefined) return `persistentvolumeclaim "${name}" not found. not found`;
    if (textAt(claim, 'status', 'phase') === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${textAt(claim, 'spec', 'volumeName')}". not found`;
    if (textAt(claim, 'spec', 'volumeName') === '') return 'pod has unbound immediate PersistentVolumeClaims. not found';
  }
  return undefined;
}

/** Why a node cannot take a pod because of its volumes: they are elsewhere, or for one pod alone. */
export function volumeMisfit(objects: Objects, pod: WorldObject, node: WorldObject): string | undefined {
  for (const volume of volumesOf(objects, pod)) {
    if (!termsChoose(at(volume, 'spec', 'nodeAffinity', 'required'), node)) return "node(s) didn't match PersistentVolume's node affinity";
    if (textsAt(volume, 'spec', 'accessModes').includes('ReadWriteOncePod') && isUsed(objects, pod)) {
      return 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
    }
  }
  return undefined;
}

function isUsed(objects: Objects, pod: WorldObject): boolean {
  const names = claimNames(pod);
  return objects
    .all(POD, pod.metadata.namespace)
    .some(
      (other) => other.metadata.uid !== pod.metadata.uid && textAt(other, 'spec', 'nodeName') !== '' && claimNames(other).some((name) => names.includes(name)),
    );
}
