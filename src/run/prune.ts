import { blobId } from '../model/identity.ts';
import type { Clock } from '../port/clock.ts';
import { listAll } from '../port/list-all.ts';
import type { Store } from '../port/store.ts';
import { readRun } from './stored.ts';

const AT_ONCE = 500;
const DAY_MS = 86_400_000;

type PruneDeps = { readonly store: Store; readonly clock: Clock };

/** Removes what ended long ago: runs and closed incidents with their journals, ended episodes, answers kept for repeats, texts that no run names any more. Answers how many. */
export async function pruneHistory({ store, clock }: PruneDeps, { closedMs }: { readonly closedMs: number }): Promise<number> {
  const before = clock.nowMs() - closedMs;
  let removed = 0;
  for (const partition of await store.partitions()) {
    const prune = (request: Omit<Parameters<Store['prune']>[0], 'partition' | 'limit'>): Promise<number> =>
      store.prune({ partition, limit: AT_ONCE, ...request });
    removed += await prune({ kind: 'run', where: { open: 'no' }, updatedBeforeMs: before });
    removed += await prune({ kind: 'incident', where: { state: 'closed' }, updatedBeforeMs: before });
    removed += await prune({ kind: 'episode', where: { state: 'ended' }, updatedBeforeMs: before });
    removed += await prune({ kind: 'reply', updatedBeforeMs: Math.max(before, clock.nowMs() - 7 * DAY_MS) });
    removed += await prune({ kind: 'blob', updatedBeforeMs: before, keep: await textsInUse(store, partition) });
  }
  return removed;
}

/** Texts that open runs began with, however old. */
async function textsInUse(store: Store, partition: string): Promise<readonly string[]> {
  const open = await listAll(store, { partition, kind: 'run', where: { open: 'yes' } });
  return [...new Set(open.map((record) => blobId(readRun(record).playbookDigest)))];
}
