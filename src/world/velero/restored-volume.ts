import { CLAIM, VOLUME } from '../node/kinds.ts';
import { at, type Draft, objectAt } from '../object.ts';
import type { Objects } from '../objects.ts';

/** A claim that a restore brings is bound to a volume of its own at once, as a driver provisions it; one whose old volume waits for it keeps that. */
export function withVolume(objects: Objects, claim: Draft): Draft {
  const { name, namespace = '' } = claim.metadata;
  const spec = objectAt(claim, 'spec');
  const volumeName = `pvc-${namespace}-${name}`;
  if (objects.find(VOLUME, undefined, volumeName) === undefined) {
    const { accessModes, storageClassName, resources } = spec;
    objects.insert(VOLUME, {
      metadata: { name: volumeName },
      spec: {
        accessModes,
        storageClassName,
        capacity: { storage: at(resources, 'requests', 'storage') },
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { kind: CLAIM.kind, namespace, name },
        csi: { driver: 'csi.example', volumeHandle: volumeName },
      },
      status: { phase: 'Bound' },
    });
  }
  return { ...claim, spec: { ...spec, volumeName }, status: { phase: 'Bound' } };
}
