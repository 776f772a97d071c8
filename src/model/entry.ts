import { sha256 } from './digest.ts';
import { canonical, type JsonObject } from './json.ts';

/** One line of a journal (of a run, an incident, a pause …): append-only, numbered from 1 without gaps, chained by hash. */
export type Entry = {
  readonly n: number;
  readonly atMs: number;
  /** A fixed name such as `run.proposed`; what it means is known by its writer and its views. */
  readonly type: string;
  readonly data: JsonObject;
  /** SHA-256 over the hash before it and this entry. */
  readonly hash: string;
};

export type EntryDraft = Pick<Entry, 'type' | 'data' | 'atMs'>;

/** The hash before the first entry of a journal. */
export const CHAIN_START = '0'.repeat(64);

/** Larger evidence goes into a blob, by its SHA-256. */
export const ENTRY_LIMIT_BYTES = 16_384;

/** At this many entries a run holds and pages; undo may still append. */
export const JOURNAL_LIMIT = 2000;

/** The hash of an entry that follows `previousHash`. `of` is the id of the record whose journal it is. */
export function chainHash(of: string, previousHash: string, entry: Omit<Entry, 'hash'>): string {
  return sha256(canonical({ of, previous: previousHash, n: entry.n, atMs: entry.atMs, type: entry.type, data: entry.data }));
}

/** Where a journal stands: enough to append to it. */
export type ChainHead = { readonly n: number; readonly hash: string };

export const emptyChain: ChainHead = { n: 0, hash: CHAIN_START };

/** Numbers and chains drafts behind a head. */
export function chain(of: string, head: ChainHead, drafts: readonly EntryDraft[]): { readonly entries: readonly Entry[]; readonly head: ChainHead } {
  const entries: Entry[] = [];
  let { n, hash } = head;
  for (const draft of drafts) {
    n += 1;
    const entry = { n, atMs: draft.atMs, type: draft.type, data: draft.data };
    hash = chainHash(of, hash, entry);
    entries.push({ ...entry, hash });
  }
  return { entries, head: { n, hash } };
}

/** The first entry that breaks the chain, or undefined: edited, dropped, swapped or appended by another hand. */
export function findBreak(of: string, entries: readonly Entry[]): { readonly n: number; readonly reason: string } | undefined {
  let previous = CHAIN_START;
  for (const [index, entry] of entries.entries()) {
    if (entry.n !== index + 1) return { n: index + 1, reason: `entry ${index + 1} is missing` };
    if (chainHash(of, previous, entry) !== entry.hash) return { n: entry.n, reason: `entry ${entry.n} was changed after it was written` };
    previous = entry.hash;
  }
  return undefined;
}

export type Spoiled = { readonly n?: number; readonly reason: string };

/** The first thing that is wrong with a journal whose writer stored this head together with its entries: `findBreak`, and what only the head knows. */
export function findSpoiled(of: string, entries: readonly Entry[], head: ChainHead): Spoiled | undefined {
  const broken = findBreak(of, entries);
  if (broken !== undefined) return broken;
  if (entries.length < head.n) return { n: entries.length + 1, reason: `the tail was cut off: ${entries.length} of ${head.n} entries are left` };
  if (entries.length > head.n) return { n: head.n + 1, reason: `entries were appended by another hand behind entry ${head.n}` };
  if ((entries.at(-1)?.hash ?? CHAIN_START) !== head.hash) return { n: head.n, reason: `entry ${head.n} is not the one that its writer stored` };
  return undefined;
}
