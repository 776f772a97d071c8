import { z } from 'zod';
import type { Json } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { object, text, texts } from '../lenient.ts';

/** A PersistentVolumeClaim with the PersistentVolume behind it, as far as moving its pod asks about it. */
export type Volume = {
  readonly claim: string;
  readonly access: readonly string[];
  /** On the disk of one node. */
  readonly isLocal: boolean;
  /** `nodeSelectorTerms` of the nodes that can reach it; undefined: all. */
  readonly reach?: Json;
};

const Claim = z.looseObject({ spec: z.looseObject({ volumeName: text, accessModes: texts }).optional().catch(undefined) });
const Disk = z.looseObject({
  spec: z
    .looseObject({
      local: object,
      hostPath: object,
      nodeAffinity: z
        .looseObject({
          required: z
            .looseObject({ nodeSelectorTerms: z.json().optional().catch(undefined) })
            .optional()
            .catch(undefined),
        })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** The name of the PersistentVolume of a claim; undefined while it is not bound. */
export const volumeOf = (claim: KubeObject): string | undefined => Claim.parse(claim).spec?.volumeName;

export function readVolume(claim: KubeObject, disk: KubeObject | undefined): Volume {
  const spec = disk === undefined ? undefined : Disk.parse(disk).spec;
  const reach = spec?.nodeAffinity?.required?.nodeSelectorTerms;
  return {
    claim: claim.metadata.name,
    access: Claim.parse(claim).spec?.accessModes ?? [],
    isLocal: spec?.local !== undefined || spec?.hostPath !== undefined,
    ...(reach === undefined ? {} : { reach }),
  };
}
