import type { ChannelMail } from '../model/mail.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { Change, Claimed, Store } from '../port/store.ts';
import { type Lane, laneJson } from './lane.ts';
import { folded, type Queued } from './queue.ts';

/** Lanes are claimed and renewed for this long. A delivery may take longer: whoever hands lanes out renews them meanwhile. */
export const LANE_LEASE_MS = 6000;

/** The lane as its one holder writes it. Every write answers false where the lane is somebody else's now. */
export type Holding = {
  /** Before each delivery: makes sure that the lane is still held, after a wait or a stall. */
  renew(): Promise<boolean>;
  /** Writes how it stands, with what is left; what is no longer in `rest` was delivered. */
  keep(lane: Lane, rest: readonly Queued[]): Promise<boolean>;
  /** The same, and gives the lane back, due at once. */
  leave(lane: Lane, rest: readonly Queued[]): Promise<boolean>;
  /** Keeps what is left in the lane and gives it back until then, whatever comes meanwhile. */
  park(lane: Lane, rest: readonly Queued[], untilMs: number): Promise<boolean>;
  /** Ends it: nothing is delivered here any more, and the incident is told. */
  end(lane: Lane, news: ChannelMail): Promise<boolean>;
  /** The same as `park` for one whose turn has not come: what comes meanwhile may be more urgent, and asks anew. */
  queueUp(lane: Lane, rest: readonly Queued[], untilMs: number): Promise<boolean>;
};

export function hold({ store, clock, log }: { readonly store: Store; readonly clock: Clock; readonly log: Log }, { record, mail }: Claimed): Holding {
  const { partition, id, epoch, indexed } = record;
  let { seq } = record;
  const lastOrder = mail.at(-1)?.order;
  let readUpTo = 0;
  let renewMs = clock.monotonicMs() + LANE_LEASE_MS / 3;

  type Put = { readonly upTo?: number | undefined; readonly dueMs?: number; readonly release: boolean; readonly news?: ChannelMail };
  const commit = async (lane: Lane, { upTo, dueMs, release, news }: Put): Promise<boolean> => {
    const due = dueMs === undefined ? {} : { dueMs };
    const changes: readonly Change[] = [
      { do: 'put', id, kind: 'lane', indexed, value: laneJson(lane), ...due, ...(release ? { release } : {}) },
      ...(upTo === undefined ? [] : [{ do: 'read', reader: id, upTo } as const]),
      ...(news === undefined ? [] : [{ do: 'mail', to: lane.incident, key: `${id}/${epoch}/${seq}`, value: news } as const]),
    ];
    // Named after what it changes, so that a lost answer is recognized as its own.
    const result = await store.commit({ partition, opId: `${id}/${epoch}/${seq}`, guards: [{ is: 'held', id, epoch, seq }], changes });
    if (result.kind !== 'done') {
      log.info('outbox.fenced', { lane: id });
      return false;
    }
    seq += 1;
    readUpTo = Math.max(readUpTo, upTo ?? 0);
    return true;
  };

  /** What waited in the lane stays there. What is left of the mail stays mail, unless something behind it was delivered: mail is read up to a place, and once. */
  const standing = (lane: Lane, rest: readonly Queued[]): readonly [Lane, number | undefined] => {
    const left = rest.flatMap(({ order }) => order ?? []);
    const first = Math.min(...left);
    const isMail = left.length > 0 && first > readUpTo && left.length === mail.filter(({ order }) => order >= first).length;
    const waiting = rest.filter(({ order }) => order === undefined || !isMail).map(({ outgoing }) => outgoing);
    const { sinceMs, ...others } = lane;
    const since = waiting.length === 0 || sinceMs === undefined ? {} : { sinceMs };
    return [{ ...others, ...since, waiting }, isMail ? first - 1 : lastOrder];
  };

  const putOff = (lane: Lane, rest: readonly Queued[], dueMs: number): Promise<boolean> => {
    const sinceMs = lane.sinceMs ?? mail[0]?.atMs ?? clock.nowMs();
    return commit({ ...lane, sinceMs, waiting: folded(rest.map((one) => one.outgoing)) }, { upTo: lastOrder, dueMs, release: true });
  };

  return {
    async renew() {
      const nowMs = clock.monotonicMs();
      if (nowMs < renewMs) return true;
      // Counted from before the request: what the store counts from is never earlier.
      renewMs = nowMs + LANE_LEASE_MS / 3;
      return (await store.renew({ partition, id, epoch, leaseMs: LANE_LEASE_MS })).held;
    },
    keep(lane, rest) {
      const [value, upTo] = standing(lane, rest);
      return commit(value, { upTo, dueMs: clock.nowMs(), release: false });
    },
    leave(lane, rest) {
      const [value, upTo] = standing(lane, rest);
      return commit(value, { upTo, ...(rest.length === 0 ? {} : { dueMs: clock.nowMs() }), release: true });
    },
    park: (lane, rest, untilMs) => putOff({ ...lane, retryAtMs: untilMs }, rest, untilMs),
    queueUp: putOff,
    end: ({ sinceMs: _since, intent: _intent, ...lane }, news) => commit({ ...lane, waiting: [], isLost: true }, { upTo: lastOrder, release: true, news }),
  };
}
