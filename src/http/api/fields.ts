import { z } from 'zod';
import { Duration } from '../../model/duration.ts';

/** Fields that several requests have. */
export const Reason = z.string().trim().min(1).max(2000).describe('Why, for the timeline');

export const Confirmation = z.string().max(500).optional().describe('The word that has to be typed, where one is asked');

/** `state=open&state=closed` or `state=open,closed`. */
export const Several = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => [value].flat().flatMap((text) => text.split(',').filter((part) => part !== '')))
  .optional();

/** `with=namespace=shop&with=backup=daily`: values by name. */
export const Chosen = z
  .union([z.string().max(2000), z.array(z.string().max(2000)).max(50)])
  .default([])
  .transform((value) =>
    Object.fromEntries(
      [value].flat().map((text): readonly [string, string] => {
        const at = text.indexOf('=');
        return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
      }),
    ),
  );

export const Paging = {
  limit: z.coerce.number().int().min(1).max(500).optional().describe('How many at most; default 50'),
  cursor: z.string().max(2000).optional().describe('`next` of the page before'),
};

/** A moment as people write it, `2026-11-21T12:00:00Z` or `2026-11-21`, or as ms since 1970, or how long ago: `7d`. Output: a function of now. */
export const Since = z
  .string()
  .max(100)
  .transform((text, context): ((nowMs: number) => number) => {
    if (/^\d{9,15}$/.test(text)) return () => Number(text);
    const ago = Duration.safeParse(text);
    if (ago.success) return (nowMs) => nowMs - ago.data;
    const atMs = /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(atMs)) return () => atMs;
    context.addIssue({ code: 'custom', message: 'expected a moment such as 2026-11-21T12:00:00Z, milliseconds since 1970, or an age such as 7d' });
    return z.NEVER;
  })
  .optional();
