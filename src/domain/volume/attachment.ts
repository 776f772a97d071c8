import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { flag, text } from '../lenient.ts';

/** A VolumeAttachment: which volume the control plane believes to be at which machine. */
export type Attachment = {
  readonly name: string;
  readonly node: string;
  /** The name of its PersistentVolume; empty for a volume without one. */
  readonly volume: string;
  readonly isAttached: boolean;
  /** Why it could not be attached, or not be detached. */
  readonly trouble?: string;
};

const Trouble = z.looseObject({ message: text }).optional().catch(undefined);
const Parts = z.looseObject({
  spec: z
    .looseObject({
      nodeName: text,
      source: z.looseObject({ persistentVolumeName: text }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  status: z.looseObject({ attached: flag, attachError: Trouble, detachError: Trouble }).optional().catch(undefined),
});

export function readAttachment(found: KubeObject): Attachment {
  const { spec, status } = Parts.parse(found);
  const trouble = status?.detachError?.message ?? status?.attachError?.message;
  return {
    name: found.metadata.name,
    node: spec?.nodeName ?? '',
    volume: spec?.source?.persistentVolumeName ?? '',
    isAttached: status?.attached ?? false,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

const Claimed = z.looseObject({
  spec: z
    .looseObject({ claimRef: z.looseObject({ namespace: text, name: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** The claim that a PersistentVolume is bound to. */
export function claimOf(volume: KubeObject): { readonly namespace: string; readonly name: string } | undefined {
  const { namespace, name } = Claimed.parse(volume).spec?.claimRef ?? {};
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
