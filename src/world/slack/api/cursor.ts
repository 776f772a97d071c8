import type { JsonObject } from '../../../model/json.ts';
import { refuse } from './method.ts';

export type Paged<T> = { readonly items: readonly T[]; readonly metadata: JsonObject; readonly hasMore: boolean };

/** One page of a list, with the cursor of the next: opaque to callers, the place in the list here. Refuses `invalid_limit` and `invalid_cursor`. */
export function page<T>(
  all: readonly T[],
  { cursor, limit, most }: { readonly cursor?: string | undefined; readonly limit: number; readonly most: number },
): Paged<T> {
  if (limit < 1 || limit > most) return refuse('invalid_limit');
  const start = cursor === undefined || cursor === '' ? 0 : placeOf(cursor);
  const next = start + limit;
  const hasMore = next < all.length;
  return { items: all.slice(start, next), hasMore, metadata: { next_cursor: hasMore ? Buffer.from(`next:${next}`).toString('base64') : '' } };
}

function placeOf(cursor: string): number {
  const [, place] = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? [];
  return place === undefined ? refuse('invalid_cursor') : Number(place);
}
