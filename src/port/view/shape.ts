import { z } from 'zod';
import type { Json, JsonObject } from '../../model/json.ts';

/** Building blocks of what programs are shown. The schemas are the documentation: the API's description is made of them. */

/** Any JSON. */
export const AnyJson: z.ZodType<Json> = z.any();

/** Any JSON object. */
export const AnyObject: z.ZodType<JsonObject> = z.record(z.string(), z.any());

/** A moment, in ms since 1970. */
export const At = z.number().describe('A moment in milliseconds since 1970-01-01T00:00:00Z');

export const Cluster = z.string().describe('The name of a cluster as the configuration has it');

/** A list that nobody changes. */
export function listOf<T extends z.ZodType>(of: T): z.ZodReadonly<z.ZodArray<T>> {
  return z.array(of).readonly();
}

/** One page of a list. */
export function pageOf<T extends z.ZodType>(of: T) {
  return z.object({ items: listOf(of), next: z.string().optional().describe('The cursor of the next page; absent behind the last one') });
}

export type Page<T> = { readonly items: readonly T[]; readonly next?: string | undefined };

/** One line of a journal, with its words for people where it has any. */
export const EntryView = z.object({
  n: z.number().describe('From 1, without gaps'),
  at: At,
  type: z.string().describe('A fixed name such as run.proposed'),
  text: z.string().optional().describe('The line in words; absent where only machines care'),
  data: AnyObject.describe('The facts of the line'),
  hash: z.string().describe('SHA-256 over the hash before it and this entry'),
});
export type EntryView = z.infer<typeof EntryView>;
