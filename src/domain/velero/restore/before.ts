import { z } from 'zod';
import { parseJson } from '../../../model/json.ts';
import type { Restore } from './restore.ts';

/**
 * What Salvor writes on a Restore about the time before it: whether the namespace was absent, how many lasting objects of each kind were to come, and the
 * facts that its approval was for. It is what a rollback and a proof go by, also after a crash.
 */
export const Before = z.object({
  absent: z.boolean(),
  expected: z.record(z.string(), z.number()),
  /** How many come nobody could know, but some have to: a selector chose them. */
  some: z.boolean().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).optional()),
});
export type Before = z.infer<typeof Before>;

/** Undefined where the restore is not Salvor's, or somebody changed the annotation. */
export function readBefore({ before }: Pick<Restore, 'before'>): Before | undefined {
  return before === undefined ? undefined : Before.safeParse(parseJson(before)).data;
}
