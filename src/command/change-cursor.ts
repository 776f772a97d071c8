import { SalvorError } from '../model/error.ts';

/**
 * How far somebody has read. `one`: of one incident's timeline. `all`: a moment, and how far the timelines were read that moved shortly before it;
 * those that are not named had no line since then that was not read.
 */
export type ChangeCursor =
  | { readonly kind: 'one'; readonly n: number }
  | { readonly kind: 'all'; readonly atMs: number; readonly heads: ReadonlyMap<string, number> };

/** A line is stored a little after its time, and clocks may be set back a little: heads this much older than the moment are named. */
export const OVERLAP_MS = 60_000;
const MOST_HEADS = 300;

export function writeCursor(cursor: ChangeCursor): string {
  if (cursor.kind === 'one') return `n${cursor.n}`;
  return `t${Buffer.from(JSON.stringify([cursor.atMs, ...[...cursor.heads].slice(-MOST_HEADS)])).toString('base64url')}`;
}

/** Cursors come from outside: what is none of ours is a bad request. */
export function readCursor(text: string): ChangeCursor {
  const n = /^n(\d{1,9})$/.exec(text)?.[1];
  if (n !== undefined) return { kind: 'one', n: Number(n) };
  try {
    const parts: unknown = JSON.parse(Buffer.from(text.slice(1), 'base64url').toString());
    if (text.startsWith('t') && Array.isArray(parts) && typeof parts[0] === 'number') {
      const pairs: readonly unknown[] = parts.slice(1, 1 + MOST_HEADS);
      return { kind: 'all', atMs: parts[0], heads: new Map(pairs.flatMap((pair) => (isHead(pair) ? [pair] : []))) };
    }
  } catch (error) {
    throw badCursor(text, error);
  }
  throw badCursor(text);
}

function isHead(pair: unknown): pair is readonly [string, number] {
  return Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string' && typeof pair[1] === 'number';
}

function badCursor(text: string, cause?: unknown): SalvorError {
  return new SalvorError('request.invalid', `"${text.slice(0, 40)}" is no cursor of this stream; begin again without one`, { cause });
}
