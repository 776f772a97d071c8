import { expect } from 'vitest';
import { errorCode, errorText } from '../../src/model/error.ts';
import { type Clock, sleep, systemClock } from '../../src/port/clock.ts';
import type { Commit, Store } from '../../src/port/store.ts';
import { absent, put, webhook } from '../contract/store/drivers.ts';

/** What a fault did to the work that went on: everything that was acknowledged must be there, once. */
export type Outcome = { readonly commits: number; readonly webhooks: number; readonly refusals: number; readonly longestMs: number };

const WRITERS = 6;
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

  const insist = async <T>(act: () => Promise<T>): Promise<T> => {
    const beganMs = clock.monotonicMs();
    for (;;) {
      try {
        const answer = await act();
        longestMs = Math.max(longestMs, clock.monotonicMs() - beganMs);
        return answer;
      } catch (error) {
        // Nobody may be told anything but: not now.
        expect(errorCode(error), errorText(error)).toBe('store.unavailable');
        refusals += 1;
        await sleep(clock, 20);
      }
    }
  };
  const write = async (writer: number): Promise<number> => {
    const partition = PARTITIONS[writer % PARTITIONS.length] ?? '';
    const id = `run/${writer}`;
    let turn = 0;
    while (!over) {
      turn += 1;
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
      expect(await insist(() => store.commit(commit)), `writer ${writer}, turn ${turn}`).toEqual({ kind: 'done' });
    }
    return turn;
  };
  const send = async (): Promise<void> => {
    while (!over) ids.push((await insist(() => store.accept(webhook()))).id);
  };

  const working = Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), send().then(() => 0)]);
  await sleep(clock, beforeMs);
  await Promise.race([fault(), working]);
  await sleep(clock, afterMs);
  over = true;
  const turns = await working;

  for (const [writer, made] of turns.slice(0, WRITERS).entries()) {
    const partition = PARTITIONS[writer % PARTITIONS.length] ?? '';
    const entries = await store.entries({ partition, of: `run/${writer}` });
    expect(entries.map(({ n }) => n)).toEqual(Array.from({ length: made }, (_, n) => n + 1));
    expect(await store.counts(partition, [`effects/${writer}`])).toEqual([made]);
    expect(await store.get(partition, `run/${writer}`)).toMatchObject({ seq: made, value: made });
  }
  const found = await Promise.all(ids.map((id) => store.get('inbox', id)));
  expect(found.filter((record) => record === undefined)).toEqual([]);
  const [accepted = 0, pending = 0] = await store.counts('inbox', ['ledger/accepted', 'ledger/pending']);
  expect(accepted).toBe(pending);
  // A refused webhook may have been stored all the same: it is sent again, and then there are two of it, as with any sender that repeats.
  expect(accepted).toBeGreaterThanOrEqual(ids.length);
  expect(await store.check()).toEqual({ ok: true, problems: [] });
  return { commits: turns.reduce((sum, one) => sum + one, 0), webhooks: ids.length, refusals, longestMs: Math.round(longestMs) };
}
