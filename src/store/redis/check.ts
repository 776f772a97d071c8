import { INBOX, LEDGER } from '../../port/store.ts';
import { KINDS } from '../kinds.ts';
import { ledgerProblems } from '../ledger.ts';
import { keyOf, type OpenRedis } from './open-redis.ts';
import { listIn, numberIn, optional, textsIn } from './reply.ts';
import { CHECK } from './script.ts';

const PAGE = 500;
/** Enough to see what is wrong; the rest is more of the same. */
const MOST_PROBLEMS = 20;

/** Every record against the sets that find it, page by page while work goes on, and the ledger. Redis itself checks its own files. */
export async function check(store: OpenRedis): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const partition of await store.partitions.all()) {
    for (const kind of KINDS) {
      for (const what of ['record', 'free', 'held']) {
        for (let start = '0'; start !== '' && problems.length < MOST_PROBLEMS; ) {
          const args = [store.time.forScript(), what, kind, start, PAGE];
          const [next = '', ...found] = textsIn(await store.work.run(CHECK, [keyOf(store, partition), ...args]));
          problems.push(...found.map((problem) => `${partition}: ${problem}`));
          start = next;
        }
      }
    }
  }
  return [...problems.slice(0, MOST_PROBLEMS), ...ledgerProblems(await counts(store, INBOX, Object.values(LEDGER)))];
}

/** Totals of counts; 0 where nothing was counted yet. */
export async function counts(store: OpenRedis, partition: string, ids: readonly string[]): Promise<readonly number[]> {
  if (ids.length === 0) return [];
  const totals = listIn(await store.work.ask('hmget', `${keyOf(store, partition)}:counts`, ...ids));
  return totals.map((total) => optional(total, numberIn) ?? 0);
}
