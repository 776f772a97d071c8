import { z } from 'zod';
import type { KubeObject } from '../../../model/object.ts';
import { text } from '../../lenient.ts';

/** How the cluster differs from the one that the backup was taken of, as far as that can be known without opening the backup. */

/** Annotations that Velero puts on a Backup. */
const VERSION = 'velero.io/source-cluster-k8s-gitversion';

const NodeVersion = z.looseObject({
  status: z
    .looseObject({ nodeInfo: z.looseObject({ kubeletVersion: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** `v1.37.1` → 1.37; undefined where it is no version. */
function minorOf(version: string | undefined): string | undefined {
  return /^v?(\d{1,4}\.\d{1,4})\b/.exec(version ?? '')?.[1];
}

/** In words, where the backup was taken of another minor version than this node runs. */
export function versionText(backup: KubeObject, node: KubeObject): string | undefined {
  const then = minorOf(backup.metadata.annotations?.[VERSION]);
  const now = minorOf(NodeVersion.parse(node).status?.nodeInfo?.kubeletVersion);
  if (then === undefined || now === undefined || then === now) return undefined;
  return `The backup was taken of Kubernetes ${then}, nodes here run ${now}: objects of APIs that are gone are not brought back`;
}

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

const ClaimClass = z.looseObject({ spec: z.looseObject({ storageClassName: text }).optional().catch(undefined) });

/** What is wrong with the storage classes that the claims to come will ask for. `claims`: the same claims where they still live. */
export function classTexts(claimsHeld: readonly string[], claims: readonly KubeObject[], classes: readonly KubeObject[]): readonly string[] {
  if (claimsHeld.length === 0) return [];
  const known = new Set(classes.map(({ metadata }) => metadata.name));
  const wanted = claims.filter(({ metadata }) => claimsHeld.includes(metadata.name)).flatMap((claim) => ClaimClass.parse(claim).spec?.storageClassName ?? []);
  const gone = [...new Set(wanted)].filter((name) => name !== '' && !known.has(name)).sort();
  const hasDefault = classes.some(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true');
  return [
    ...gone.map((name) => `Storage class ${name} does not exist: claims that ask for it stay Pending`),
    ...(hasDefault || classes.length === 0 ? [] : ['No storage class is the default: a claim that names none stays Pending']),
  ];
}

const Disk = z.looseObject({
  spec: z
    .looseObject({ claimRef: z.looseObject({ namespace: text, name: text }).nullish().catch(undefined) })
    .optional()
    .catch(undefined),
  status: z.looseObject({ phase: text }).nullish().catch(undefined),
});

/**
 * Volumes that outlived the claims that are to come back. Such a claim waits: its volume is reserved for the one that is gone, by its uid.
 * Source  Kubernetes documentation, "Persistent Volumes", Reclaiming: Retain.
 */
export function releasedTexts(claimsHeld: readonly string[], namespace: string, disks: readonly KubeObject[]): readonly string[] {
  return disks.flatMap((disk) => {
    const { spec, status } = Disk.parse(disk);
    const claim = spec?.claimRef?.name ?? '';
    if (status?.phase !== 'Released' || spec?.claimRef?.namespace !== namespace || !claimsHeld.includes(claim)) return [];
    const { name } = disk.metadata;
    const patch = `kubectl patch pv ${name} --type merge -p '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}'`;
    return [
      `Volume ${name} outlived its claim ${claim} and may hold newer data than the backup. The claim that comes back waits until it may have it: ${patch}`,
    ];
  });
}
