import { blobId } from '../model/identity.ts';
import type { Clock } from '../port/clock.ts';
import { listAll } from '../port/list-all.ts';
import type { Store } from '../port/store.ts';
import { readRun } from './stored.ts';

/** So many in one call, so that nobody waits long for the store. */
const AT_ONCE = 500;
const DAY_MS = 86_400_000;

type PruneDeps = { readonly store: Store; readonly clock: Clock; readonly stop?: AbortSignal };
type Prune = (request: Omit<Parameters<Store['prune']>[0], 'partition' | 'limit'>) => Promise<void>;

/**
 * Removes what ended long ago: runs and closed incidents with their journals and lanes, ended episodes, answers kept for repeats, texts that no run names
 * any more. All of it, however much that is, or until it is time to stop. Answers how many.
 */
export async function pruneHistory({ store, clock, stop }: PruneDeps, { closedMs }: { readonly closedMs: number }): Promise<number> {
  const before = clock.nowMs() - closedMs;
  let removed = 0;
  for (const partition of await store.partitions()) {
    const prune: Prune = async (request) => {
      while (stop?.aborted !== true) {
        const some = await store.prune({ partition, limit: AT_ONCE, ...request });
        if (some === 0) return;
        removed += some;
      }
    };
    await prune({ kind: 'run', where: { open: 'no' }, updatedBeforeMs: before });
    await prune({ kind: 'incident', where: { state: 'closed' }, updatedBeforeMs: before });
    await prune({ kind: 'lane', updatedBeforeMs: Math.min(before, clock.nowMs() - DAY_MS), keep: await lanesInUse(store, partition) });
    await prune({ kind: 'episode', where: { state: 'ended' }, updatedBeforeMs: before });
    await prune({ kind: 'reply', updatedBeforeMs: Math.max(before, clock.nowMs() - 7 * DAY_MS) });
    await prune({ kind: 'blob', updatedBeforeMs: before, keep: await textsInUse(store, partition) });
  }
  return removed;
}

/** Texts that open runs began with, however old. */
async function textsInUse(store: Store, partition: string): Promise<readonly string[]> {
  const open = await listAll(store, { partition, kind: 'run', where: { open: 'yes' } });
  return [...new Set(open.map((record) => blobId(readRun(record).playbookDigest)))];
}

/**
 * Lanes of open incidents, however quiet, and those whose channel is archived later. A lane is written with every try of a delivery and behind the end of
 * its incident: one that nobody wrote for so long has nothing to do.
 */
async function lanesInUse(store: Store, partition: string): Promise<readonly string[]> {
  const open = await listAll(store, { partition, kind: 'incident', where: { state: ['open', 'mitigated'] } });
  const own = open.length === 0 ? [] : await listAll(store, { partition, kind: 'lane', where: { incident: open.map(({ id }) => id) } });
  const channels = await listAll(store, { partition, kind: 'lane', where: { to: 'channel' } });
  return [...own, ...channels.filter(({ dueMs }) => dueMs !== undefined)].map(({ id }) => id);
}
