import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { laneId } from '../model/identity.ts';
import type { Chat } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { Pager } from '../port/pager.ts';
import type { Change, Claimed, Store } from '../port/store.ts';
import { type Lane, laneJson, laneOfId, type Outgoing, readLane, readMailed } from './lane.ts';
import { deliverPages } from './pages/deliver.ts';
import { pauseMs } from './pause.ts';

export type OutboxDeps = { readonly store: Store; readonly clock: Clock; readonly chat: Chat; readonly pager: Pager; readonly log: Log };

/** Longer than one delivery takes, its timeout included: lanes are claimed and renewed for this long. */
export const LANE_LEASE_MS = 30_000;

type Queued = { readonly outgoing: Outgoing /** Its place in the mail; absent: it waited in the lane already. */; readonly order?: number };

/**
 * Delivers what waits in one lane, one after another, in the order of the timeline. What cannot be delivered now waits in the lane, with all behind it:
 * nothing is dropped, nothing overtakes. A crash between a delivery and its record repeats that delivery under the same key.
 */
export async function deliverLane(deps: OutboxDeps, claimed: Claimed, stop?: AbortSignal): Promise<void> {
  const { clock, log } = deps;
  const { record } = claimed;
  if (record.id.startsWith(laneId('pager', ''))) return deliverPages({ ...deps, leaseMs: LANE_LEASE_MS }, claimed, stop);
  const read = readLane(record.value);
  if (read === undefined) log.error('outbox.lane-unreadable', { lane: record.id });
  const lane = read ?? laneOfId(record.id);
  const holding = hold(deps, claimed, lane);
  const queue = queueOf(deps, claimed, lane);
  if (queue.length === 0) return holding.release('all read');
  // New mail woke a lane whose other side was away a moment ago: it joins the queue, and the pause stays as long as it is.
  if (lane.retryAtMs !== undefined && clock.nowMs() < lane.retryAtMs) return holding.park(queue, { attempts: lane.attempts, retryAtMs: lane.retryAtMs });

  for (const [index, next] of queue.entries()) {
    if (index > 0 && stop?.aborted === true) return holding.release('rest is left');
    if (index > 0 && !(await holding.renew())) return;
    const delivered = await deliver(deps, next.outgoing, holding.refOf(next.outgoing));
    if (delivered.kind === 'failed') {
      const { error } = delivered;
      const attempts = holding.attempts() + 1;
      const facts = { lane: record.id, attempts, waiting: queue.length - index, code: errorCode(error), reason: errorText(error) };
      log[isAway(error) ? 'warn' : 'error']('outbox.undelivered', facts);
      return holding.park(queue.slice(index), { attempts, retryAtMs: clock.nowMs() + pauseMs(attempts, error) });
    }
    if (!(await holding.delivered(next, delivered.ref, queue.slice(index + 1)))) return;
  }
}

type Delivered = { readonly kind: 'done'; readonly ref: string } | { readonly kind: 'failed'; readonly error: unknown };

/** Whatever an adapter throws, the message was not delivered, and waits. */
async function deliver({ chat, pager }: OutboxDeps, outgoing: Outgoing, ref: string | undefined): Promise<Delivered> {
  try {
    if (outgoing.to === 'chat') return { kind: 'done', ...(await chat.deliver(outgoing.message, ref === undefined ? undefined : { ref })) };
    await pager.send(outgoing.page);
    return { kind: 'done', ref: '' };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** What waited in the lane, then the mail. Of several edits of one card only the newest goes out, in the place of the oldest: the thread hangs on it. */
function queueOf({ log }: OutboxDeps, { record, mail }: Claimed, lane: Lane): readonly Queued[] {
  const mailed = mail.flatMap((one) => {
    const outgoing = readMailed(lane.to, one.value);
    if (outgoing === undefined) log.error('outbox.unreadable', { lane: record.id, key: one.key });
    return outgoing === undefined ? [] : [{ outgoing, order: one.order }];
  });
  const all: readonly Queued[] = [...lane.waiting.map((outgoing) => ({ outgoing })), ...mailed];
  const newest = new Map(all.flatMap((queued) => (cardOf(queued) === undefined ? [] : [[cardOf(queued), queued.outgoing] as const])));
  const seen = new Set<string>();
  return all.flatMap((queued) => {
    const card = cardOf(queued);
    if (card === undefined) return [queued];
    if (seen.has(card)) return [];
    seen.add(card);
    return [{ ...queued, outgoing: newest.get(card) ?? queued.outgoing }];
  });
}

function cardOf({ outgoing }: Queued): string | undefined {
  return outgoing.to === 'chat' && outgoing.message.kind === 'card' ? outgoing.message.key : undefined;
}

type Holding = {
  attempts(): number;
  refOf(outgoing: Outgoing): string | undefined;
  /** Before each delivery: makes sure that the lease outlasts it. */
  renew(): Promise<boolean>;
  /** Records one delivery, and gives the lane back behind the last; false: it is somebody else's now. */
  delivered(queued: Queued, ref: string, rest: readonly Queued[]): Promise<boolean>;
  /** Keeps what is left in the lane and gives it back until then. */
  park(rest: readonly Queued[], when: { readonly attempts: number; readonly retryAtMs: number }): Promise<void>;
  release(mail: 'all read' | 'rest is left'): Promise<void>;
};

type Put = { readonly upTo?: number | undefined; readonly dueMs?: number; readonly release: boolean };

/** The lane as its one holder writes it. */
function hold({ store, clock, log }: OutboxDeps, { record, mail }: Claimed, lane: Lane): Holding {
  const { partition, id, epoch, indexed } = record;
  let { seq } = record;
  const { retryAtMs: _retryAtMs, ...begun } = lane;
  let now: Lane = begun;
  const lastOrder = mail.at(-1)?.order;
  let renewMs = clock.monotonicMs() + LANE_LEASE_MS / 3;

  const commit = async (next: Lane, { upTo, dueMs, release }: Put): Promise<boolean> => {
    const due = dueMs === undefined ? {} : { dueMs };
    const changes: readonly Change[] = [
      { do: 'put', id, kind: 'lane', indexed, value: laneJson(next), ...due, ...(release ? { release } : {}) },
      ...(upTo === undefined ? [] : [{ do: 'read', reader: id, upTo } as const]),
    ];
    // Named after what it changes, so that a lost answer is recognized as its own.
    const result = await store.commit({ partition, opId: `${id}/${epoch}/${seq}`, guards: [{ is: 'held', id, epoch, seq }], changes });
    if (result.kind !== 'done') {
      log.info('outbox.fenced', { lane: id });
      return false;
    }
    seq += 1;
    now = next;
    return true;
  };

  return {
    attempts: () => now.attempts,
    refOf: (outgoing) => (outgoing.to === 'chat' ? now.refs.get(outgoing.message.key) : undefined),
    async renew() {
      const nowMs = clock.monotonicMs();
      if (nowMs < renewMs) return true;
      // Counted from before the request: what the store counts from is never earlier.
      renewMs = nowMs + LANE_LEASE_MS / 3;
      return (await store.renew({ partition, id, epoch, leaseMs: LANE_LEASE_MS })).held;
    },
    delivered({ outgoing, order }, ref, rest) {
      const isEdited = outgoing.to === 'chat' && outgoing.message.kind !== 'timeline';
      const refs = isEdited ? new Map([...now.refs, [outgoing.message.key, ref] as const]) : now.refs;
      const next: Lane = { ...now, refs, attempts: 0, waiting: rest.filter((one) => one.order === undefined).map((one) => one.outgoing) };
      return rest.length === 0 ? commit(next, { upTo: lastOrder, release: true }) : commit(next, { upTo: order, dueMs: clock.nowMs(), release: false });
    },
    async park(rest, { attempts, retryAtMs }) {
      await commit({ ...now, waiting: rest.map((one) => one.outgoing), attempts, retryAtMs }, { upTo: lastOrder, dueMs: retryAtMs, release: true });
    },
    async release(left) {
      await commit(now, left === 'all read' ? { upTo: lastOrder, release: true } : { dueMs: clock.nowMs(), release: true });
    },
  };
}

function isAway(error: unknown): boolean {
  return error instanceof SalvorError && (error.code === 'chat.unavailable' || error.code === 'pager.unavailable');
}
