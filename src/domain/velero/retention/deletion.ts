import { z } from 'zod';
import type { KubeObject, Manifest, ObjectRef } from '../../../model/object.ts';
import { text, texts } from '../../lenient.ts';
import { DELETION_REQUEST, LABEL, labelValue } from '../kinds.ts';

/** A DeleteBackupRequest. Where it works it goes with the backup; where not, it stays for a day and says why. */
export type Deletion = {
  readonly name: string;
  readonly backup: string;
  /** Empty until the server has seen it, then `InProgress` and `Processed`. */
  readonly phase: string;
  readonly errors: readonly string[];
};

const Parts = z.looseObject({
  spec: z.looseObject({ backupName: text }).optional().catch(undefined),
  status: z.looseObject({ phase: text, errors: texts }).nullish().catch(undefined),
});

export function readDeletion(found: KubeObject): Deletion {
  const { spec, status } = Parts.parse(found);
  return {
    name: found.metadata.name,
    backup: spec?.backupName ?? '',
    phase: status?.phase ?? '',
    errors: status?.errors ?? [],
  };
}

/** It was not seen yet, or is being worked on. */
export const isOpen = ({ phase }: Deletion): boolean => phase !== 'Processed';

const LONGEST = 253;
const KEY_LENGTH = 8;

/** `daily-20261121020000-3f9a01c2`: the same stepKey asks for a deletion once. */
export function deletionRef(namespace: string, backup: string, stepKey: string): ObjectRef & { readonly namespace: string } {
  const suffix = `-${stepKey.slice(0, KEY_LENGTH)}`;
  return { ...DELETION_REQUEST, namespace, name: backup.slice(0, LONGEST - suffix.length).replace(/[-.]{1,253}$/, '') + suffix };
}

type Ask = { readonly ref: ObjectRef & { readonly namespace: string }; readonly backup: string; readonly uid: string };

/** As the command line of Velero writes it. */
export function deletionManifest({ ref, backup, uid }: Ask): Manifest {
  const labels = { [LABEL.backup]: labelValue(backup), [LABEL.backupUid]: uid };
  return { ...DELETION_REQUEST, metadata: { name: ref.name, namespace: ref.namespace, labels }, spec: { backupName: backup } };
}
