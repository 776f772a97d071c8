import { errorCode } from '../../src/model/error.ts';
import { type Clock, sleep, systemClock } from '../../src/port/clock.ts';
import type { Commit, Store } from '../../src/port/store.ts';
import { absent, put, webhook } from '../contract/store/commits.ts';

/** What a fault did to the work that went on: what was acknowledged must be there, once. */
export type Outcome = {
  readonly commits: number;
  readonly webhooks: number;
  readonly refusals: number;
  readonly longestMs: number;
  /** Commits and webhooks that were acknowledged, and are not there. */
  readonly lost: number;
  /** Entries and counts that are there more than once. */
  readonly twice: number;
  /** Everything else that is not as it should be, the first of each writer. */
  readonly wrong: readonly string[];
};

const WRITERS = 6;
/** Far longer than any fault lasts. */
const LONGEST_AWAY_MS = 120_000;
const PARTITIONS = ['prod', 'dr', 'lab'];

/**
 * Work as the engine does it, while a fault is under way: each writer puts its run, journals and counts in one commit, and repeats one that was
 * refused, under its op id; beside that webhooks come in. Ends `afterMs` behind the fault, and looks whether all of it is there, once.
 */
export async function underLoad(store: Store, fault: () => Promise<void>, { beforeMs = 500, afterMs = 1500 } = {}): Promise<Outcome> {
  const clock: Clock = systemClock;
  let over = false;
  let longestMs = 0;
  let refusals = 0;
  const ids: string[] = [];
  const wrong: string[] = [];

  const insist = async <T>(act: () => Promise<T>): Promise<T> => {
    const beganMs = clock.monotonicMs();
    for (;;) {
      try {
        const answer = await act();
        longestMs = Math.max(longestMs, clock.monotonicMs() - beganMs);
        return answer;
      } catch (error) {
        // Nobody may be told anything but: not now. And not for ever.
        if (!NOT_NOW.has(errorCode(error)) || clock.monotonicMs() - beganMs > LONGEST_AWAY_MS) throw error;
        refusals += 1;
        await sleep(clock, 20);
      }
    }
  };
  /** Ends where it is told something else than that it is done: what it had before is gone then. */
  const write = async (writer: number): Promise<number> => {
    const partition = PARTITIONS[writer % PARTITIONS.length] ?? '';
    const id = `run/${writer}`;
    for (let turn = 1; ; turn += 1) {
      const commit: Commit = {
        partition,
        opId: `${writer}-${turn}`,
        guards: [turn === 1 ? absent(id) : { is: 'seq', id, seq: turn - 1 }],
        changes: [
          put(id, { value: turn }),
          { do: 'append', of: id, entries: [{ n: turn, atMs: turn, type: 'run.seen', data: { turn }, hash: 'h' }] },
          { do: 'count', id: `effects/${writer}`, add: 1 },
        ],
      };
      const result = await insist(() => store.commit(commit));
      if (result.kind !== 'done') return turn - 1;
      if (over) return turn;
    }
  };
  const send = async (): Promise<void> => {
    while (!over) ids.push((await insist(() => store.accept(webhook()))).id);
  };

  const working = Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), send().then(() => 0)]);
  await sleep(clock, beforeMs);
  await Promise.race([fault(), working.then(() => sleep(clock, 60_000))]);
  await sleep(clock, afterMs);
  over = true;
  const turns = await working;

  const missing: number[] = [];
  let twice = 0;
  for (const [writer, made] of turns.slice(0, WRITERS).entries()) {
    const partition = PARTITIONS[writer % PARTITIONS.length] ?? '';
    const id = `run/${writer}`;
    const entries = await store.entries({ partition, of: id });
    const [counted = 0] = await store.counts(partition, [`effects/${writer}`]);
    const record = await store.get(partition, id);
    const seq = record?.seq ?? 0;
    missing.push(Math.max(0, made - seq));
    twice += Math.max(0, entries.length - seq) + Math.max(0, counted - seq);
    const isWhole = entries.length === seq && entries.every(({ n }, at) => n === at + 1) && counted === seq && (record === undefined || record.value === seq);
    if (!isWhole) wrong.push(`${id}: ${seq} commits, ${entries.length} entries, ${counted} counted`);
    if (seq > made) twice += seq - made;
  }
  const found = await Promise.all(ids.map((id) => store.get('inbox', id)));
  const [accepted = 0, pending = 0] = await store.counts('inbox', ['ledger/accepted', 'ledger/pending']);
  const gone = found.filter((record) => record === undefined).length;
  // A refused webhook may have been stored all the same: it is sent again, and then there are two of it, as with any sender that repeats.
  if (accepted !== pending || accepted < ids.length - gone) wrong.push(`the ledger: ${accepted} accepted, ${pending} pending, ${ids.length - gone} there`);
  const { problems } = await store.check();
  return {
    commits: turns.reduce((sum, one) => sum + one, 0),
    webhooks: ids.length,
    refusals,
    longestMs: Math.round(longestMs),
    lost: missing.reduce((sum, one) => sum + one, 0) + gone,
    twice,
    wrong: [...wrong, ...problems],
  };
}

const NOT_NOW: ReadonlySet<string> = new Set(['store.unavailable', 'store.full']);

export const wordsOf = (what: string, { commits, webhooks, refusals, longestMs, lost, twice }: Outcome): string =>
  `${what}: ${commits} commits and ${webhooks} webhooks acknowledged, ${lost} lost, ${twice} twice; ${refusals} refused; longest wait ${longestMs} ms`;
