import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import { makePace } from './pace.ts';

/** Why a webhook is not taken in: `late`, it could not be durable in time; `crowded`, too many bytes wait for the store already. */
export type Refusal = { readonly why: 'late' | 'crowded'; readonly detail: string; readonly retryAfterMs: number };

/** A webhook on its way to the store. */
export type Place = {
  /** So many bytes of its body arrived; answers why it is not read on. */
  readonly take: (bytes: number) => Refusal | undefined;
  /** The body is whole, and waits for the store. */
  readonly store: () => void;
  /** It is stored, or given up. */
  readonly leave: () => undefined;
};

export type Admission = {
  /** Asked once the sender is known, before its body is read. */
  readonly enter: (sender: string) => Place | Refusal;
};

type Options = {
  readonly clock: Clock;
  readonly log: Log;
  /** The largest body that is read. */
  readonly bodyBytes?: number;
  /** What may have to be waited for at most, so that whoever is let in hears its 200 before it loses patience. */
  readonly mostMs?: number;
};

/** What may wait at most, bodies that are still being read too. A body lies in memory about four times on its way to the disk. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 4000;
/** Where the oldest that waits has waited so long, the store stands still, whatever its pace was. */
const STANDS_STILL_MS = 3000;
/** So little can always wait, about 30 small webhooks: nothing is learnt about the pace of a store that is asked for nothing. */
const ALWAYS = 256 * 1024;
/** A webhook costs time beside its bytes: as much as so many bytes. */
const EACH_BYTES = 4096;
const LONGEST_MS = 60_000;
const TELL_EVERY_MS = 10_000;

type Waiting = { bytes: number; costs: number };

/**
 * Who may wait for the store. A webhook is let in as long as it can be durable in time: by what waits before it and by the pace at which the store
 * took what waited lately. Everybody else hears so at once, before the body is read.
 *
 * A sender may have as much waiting as there is room left for others: a lone one half of the room, and however much it sends, another finds room.
 */
export function admission({ clock, log, bodyBytes = 0, mostMs = MOST_MS }: Options): Admission {
  // A lone sender has half of it: two of the largest bodies.
  const mostBytes = Math.max(MOST_BYTES, 4 * bodyBytes);
  const pace = makePace(clock);
  const all: Waiting = { bytes: 0, costs: 0 };
  const bySender = new Map<string, Waiting>();
  /** Since when each waits, the oldest first. */
  const storing = new Map<Place, number>();
  const refuse = teller(clock, log, () => ({ waiting: storing.size, waitingBytes: all.bytes }));

  const lateness = (own: Waiting): Refusal | undefined => {
    const nowMs = clock.monotonicMs();
    const [oldestMs = nowMs] = storing.values();
    const waits = Math.round(nowMs - oldestMs);
    if (waits >= STANDS_STILL_MS) return refuse('late', { detail: `The store has not answered for ${waits} ms. Send it again`, retryAfterMs: STANDS_STILL_MS });
    if (own.costs + all.costs <= Math.max(ALWAYS, mostMs * pace.perMs())) return undefined;
    const behindMs = Math.ceil(Math.min(LONGEST_MS, all.costs / pace.perMs()));
    return refuse('late', { detail: `About ${behindMs} ms of webhooks wait for the store already. Send it again`, retryAfterMs: behindMs });
  };

  return {
    enter(sender) {
      const own = bySender.get(sender) ?? { bytes: 0, costs: 0 };
      const late = lateness(own);
      if (late !== undefined) return late;
      bySender.set(sender, own);
      let bytes = 0;
      let costs = 0;
      const add = (moreBytes: number, moreCosts: number): void => {
        bytes += moreBytes;
        costs += moreCosts;
        for (const one of [all, own]) {
          one.bytes += moreBytes;
          one.costs += moreCosts;
        }
      };
      const place: Place = {
        take(more) {
          const nowLate = lateness(own);
          if (nowLate !== undefined) return nowLate;
          if (own.bytes + all.bytes + 2 * more > mostBytes)
            return refuse('crowded', { detail: `${all.bytes} bytes of webhooks wait for the store already. Send it again`, retryAfterMs: 1000 });
          add(more, 0);
          return undefined;
        },
        store() {
          add(0, bytes + EACH_BYTES);
          storing.set(place, clock.monotonicMs());
          pace.waits(all.costs);
        },
        leave(): undefined {
          if (storing.delete(place)) pace.left(costs);
          add(-bytes, -costs);
        },
      };
      return place;
    },
  };
}

/** Makes refusals, and tells the log of them: at once, and then now and then how many there were. */
function teller(clock: Clock, log: Log, seen: () => { readonly waiting: number; readonly waitingBytes: number }) {
  let toldMs = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (why: Refusal['why'], more: Omit<Refusal, 'why'>): Refusal => {
    count += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - toldMs >= TELL_EVERY_MS) {
      log.warn('webhook.overload', { why, refused: count, ...seen() });
      toldMs = nowMs;
      count = 0;
    }
    return { why, ...more };
  };
}
