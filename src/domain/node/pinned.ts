import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { selectorChooses } from '../label-selector.ts';
import { text } from '../lenient.ts';
import type { Pod } from '../pod/pod.ts';
import { isReady, type Node } from './node.ts';

const Claim = z.looseObject({ spec: z.looseObject({ volumeName: text }).optional().catch(undefined) });
const Terms = z
  .array(z.looseObject({ matchExpressions: z.array(z.json()).optional().catch(undefined) }))
  .optional()
  .catch(undefined);
const Volume = z.looseObject({
  spec: z
    .looseObject({
      nodeAffinity: z
        .looseObject({ required: z.looseObject({ nodeSelectorTerms: Terms }).optional().catch(undefined) })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});

type Volumes = { readonly claims: readonly KubeObject[]; readonly volumes: readonly KubeObject[] };

/** Pods that wait for a volume which can be mounted on sick nodes only: in a lost zone, or on the disk of a lost node. They start nowhere else. */
export function pinnedPods(pending: readonly Pod[], { claims, volumes }: Volumes, nodes: readonly Node[]): readonly Pod[] {
  const volumeOf = new Map(claims.map((claim) => [`${claim.metadata.namespace ?? ''}/${claim.metadata.name}`, Claim.parse(claim).spec?.volumeName]));
  const pinned = new Set(volumes.filter((volume) => isPinned(volume, nodes)).map(({ metadata }) => metadata.name));
  return pending.filter((pod) => pod.claims.some((claim) => pinned.has(volumeOf.get(`${pod.namespace}/${claim}`) ?? '')));
}

/** One of the terms has to hold: so it is for the scheduler. */
function isPinned(volume: KubeObject, nodes: readonly Node[]): boolean {
  const terms = Volume.parse(volume).spec?.nodeAffinity?.required?.nodeSelectorTerms;
  if (terms === undefined || terms.length === 0) return false;
  const allows = ({ labels }: Node): boolean => terms.some(({ matchExpressions = [] }) => selectorChooses({ matchExpressions }, labels));
  return nodes.some((node) => !isReady(node) && allows(node)) && !nodes.some((node) => isReady(node) && allows(node));
}
