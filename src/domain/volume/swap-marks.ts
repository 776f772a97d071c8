import { z } from 'zod';
import { parseJson } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';

/** What a swap of volumes writes on what it touches, so that it can go on, or be taken back, whatever of it was killed. */

/** On a PersistentVolume: which swap, which of the two it is, and what it was before. */
export const SWAP_MARK = 'salvor.io/swap';
/** On a Deployment or StatefulSet that stands still meanwhile: the swap, and how many pods it had. */
export const HALT_MARK = 'salvor.io/halted';

/** One claim of a swap that is done. */
export const Swapped = z.strictObject({ claim: z.string(), old: z.string(), restored: z.string() });

/** A claim as it is made again: the server's own fields are left out. */
export const ClaimDraft = z.strictObject({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  spec: z.record(z.string(), z.json()),
});
export type ClaimDraft = z.infer<typeof ClaimDraft>;

const SwapMark = z.object({
  key: z.string(),
  role: z.enum(['old', 'restored']),
  claim: z.string(),
  /** Its reclaim policy before it was told to outlive its claim. */
  policy: z.string(),
  /** The other volume of the two. */
  other: z.string(),
  draft: ClaimDraft,
});
export type SwapMark = z.infer<typeof SwapMark>;

/** Undefined where the volume belongs to no swap, or to another one, or somebody changed the annotation. */
export function readSwapMark({ metadata }: KubeObject, key: string): SwapMark | undefined {
  const text = metadata.annotations?.[SWAP_MARK];
  const mark = text === undefined ? undefined : SwapMark.safeParse(parseJson(text)).data;
  return mark?.key === key ? mark : undefined;
}

export const swapMarkText = (mark: SwapMark): string => JSON.stringify(mark);

/** How many pods a workload had before this swap made it stand still; undefined where it did not. */
export function readHalt({ metadata }: KubeObject, key: string): number | undefined {
  const [by, replicas = ''] = metadata.annotations?.[HALT_MARK]?.split(' ') ?? [];
  return by === key && /^\d{1,6}$/.test(replicas) ? Number(replicas) : undefined;
}

export const haltText = (key: string, replicas: number): string => `${key} ${replicas}`;
