import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';

/**
 * Parts of lenient readers: a field of an unexpected type counts as absent, so that one odd field of a newer version never hides the rest of an object.
 */
export const text = z.string().optional().catch(undefined);
export const flag = z.boolean().optional().catch(undefined);
export const count = z.number().int().nonnegative().optional().catch(undefined);
export const texts = z.array(z.string()).nullish().catch(undefined);
/** Any JSON object, kept as it is. */
export const object = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
  .optional()
  .catch(undefined);

/** RFC 3339 text as ms since 1970. */
export function timeMs(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const ms = Date.parse(written);
  return Number.isNaN(ms) ? undefined : ms;
}
