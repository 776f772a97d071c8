import { SalvorError } from '../model/error.ts';

/** Where a page of a list ended: lists go by creation, then partition, then id, so what is inserted meanwhile moves nothing. */
export type Place = { readonly createdMs: number; readonly partition: string; readonly id: string };

export function writeCursor({ createdMs, partition, id }: Place): string {
  return Buffer.from(JSON.stringify([createdMs, partition, id])).toString('base64url');
}

/** Cursors come from outside: what is none of ours is a bad request. */
export function readCursor(cursor: string): Place {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parts) && parts.length === 3) {
      const [createdMs, partition, id]: unknown[] = parts;
      if (typeof createdMs === 'number' && typeof partition === 'string' && typeof id === 'string') return { createdMs, partition, id };
    }
  } catch (error) {
    throw badCursor(cursor, error);
  }
  throw badCursor(cursor);
}

function badCursor(cursor: string, cause?: unknown): SalvorError {
  return new SalvorError('request.invalid', `"${cursor.slice(0, 40)}" is no cursor of this list; begin again without one.`, { cause });
}
