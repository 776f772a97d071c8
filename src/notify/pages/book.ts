import type { PagerMail } from '../../model/mail.ts';
import type { Clock } from '../../port/clock.ts';
import type { Log } from '../../port/log.ts';
import type { Change, Claimed, Store } from '../../port/store.ts';
import { newPageLane, type PageLane, pageLaneJson } from './lane.ts';
import { dueOf, type Turned } from './lane-turn.ts';

export type BookDeps = { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly leaseMs: number };

/** A lane in the hand of its one holder. */
export type Book = {
  lane(): PageLane;
  turn(turned: Turned): void;
  /** Before each request: makes sure that the lane is still held, after a wait or a stall. */
  renew(): Promise<boolean>;
  /** Stores the lane as it is now, with its news; false: it is somebody else's. */
  record(): Promise<boolean>;
  /** The same, and gives the lane back until it is due. */
  close(): Promise<void>;
};

/** Every commit carries the lane as it is then and what its incident is told; who lost the lane stores nothing. */
export function bookOf({ store, clock, log, leaseMs }: BookDeps, { record, mail }: Claimed): Book {
  const { partition, id, epoch, indexed } = record;
  let { seq } = record;
  let lane = newPageLane('');
  let news: readonly PagerMail[] = [];
  let upTo = mail.at(-1)?.order;
  let lost = false;
  let renewMs = clock.monotonicMs() + leaseMs / 3;

  const put = async (release: boolean): Promise<boolean> => {
    if (lost) return false;
    const dueMs = release ? dueOf(lane, clock.nowMs()) : clock.nowMs();
    const changes: readonly Change[] = [
      { do: 'put', id, kind: 'lane', indexed, value: pageLaneJson(lane), ...(dueMs === undefined ? {} : { dueMs }), ...(release ? { release } : {}) },
      ...(upTo === undefined ? [] : [{ do: 'read', reader: id, upTo } as const]),
      ...news.map((value, index): Change => ({ do: 'mail', to: lane.incident, key: `${id}/${epoch}/${seq}/${index}`, value })),
    ];
    // Named after what it changes, so that a lost answer is recognized as its own.
    const result = await store.commit({ partition, opId: `${id}/${epoch}/${seq}`, guards: [{ is: 'held', id, epoch, seq }], changes });
    if (result.kind !== 'done') {
      log.info('outbox.fenced', { lane: id });
      lost = true;
      return false;
    }
    seq += 1;
    upTo = undefined;
    news = [];
    return true;
  };

  return {
    lane: () => lane,
    turn(turned) {
      lane = turned.lane;
      news = [...news, ...turned.news];
    },
    async renew() {
      const nowMs = clock.monotonicMs();
      if (nowMs < renewMs) return true;
      // Counted from before the request: what the store counts from is never earlier.
      renewMs = nowMs + leaseMs / 3;
      lost = lost || !(await store.renew({ partition, id, epoch, leaseMs })).held;
      return !lost;
    },
    record: () => put(false),
    async close() {
      await put(true);
    },
  };
}
