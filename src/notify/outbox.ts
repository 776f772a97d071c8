import { defined } from '../model/defined.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { channelLaneId, laneId } from '../model/identity.ts';
import type { Chat, Place } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { Pager } from '../port/pager.ts';
import type { Claimed, Store } from '../port/store.ts';
import { calmed, calmWaitMs } from './channel/calm.ts';
import { furnish } from './channel/furnish.ts';
import { refusalOf } from './channel/refusal.ts';
import { type Holding, hold, LANE_LEASE_MS } from './hold.ts';
import { type Lane, laneOfId, type Outgoing, readLane } from './lane.ts';
import { lookFor } from './look-for.ts';
import { deliverPages } from './pages/deliver.ts';
import { isResting, pauseMs } from './pause.ts';
import { cardFirst, editedKey, isUrgent, keysOf, nextOf, queueOf, type Standing } from './queue.ts';
import { cardKey } from './thread.ts';

export type OutboxDeps = { readonly store: Store; readonly clock: Clock; readonly chat: Chat; readonly pager: Pager; readonly log: Log };

/**
 * Delivers what waits in one lane, one after another, in the order of the timeline. What cannot be delivered now waits in the lane, with all behind it:
 * nothing is dropped, nothing overtakes. Where the chat can be asked what is there, the keys of a post are stored before it goes out: after a crash
 * or a lost reply it is looked for first, and adopted. Elsewhere a crash between a delivery and its record repeats it under the same key.
 */
export async function deliverLane(deps: OutboxDeps, claimed: Claimed, stop?: AbortSignal): Promise<void> {
  const { clock, log, chat } = deps;
  const { record } = claimed;
  if (record.id.startsWith(laneId('pager', ''))) return deliverPages({ ...deps, leaseMs: LANE_LEASE_MS }, claimed, stop);
  if (record.id.startsWith(channelLaneId(''))) return furnish({ ...deps, channels: chat.channels }, claimed, stop);
  const read = readLane(record.value);
  if (read === undefined) log.error('outbox.lane-unreadable', { lane: record.id });
  const { retryAtMs, ...begun } = read ?? laneOfId(record.id);
  const holding = hold(deps, claimed);
  let lane: Lane = begun;
  let rest = lane.isLost === true ? [] : queueOf(log, claimed, lane);
  // New mail woke a lane whose other side was away a moment ago: it joins the queue, and the pause stays as long as it is.
  if (rest.length > 0 && isResting(retryAtMs, clock.nowMs())) return void (await holding.park(lane, rest, retryAtMs));

  if (lane.intent !== undefined && rest.length > 0) {
    const found = await lookFor(deps, { lane, rest });
    if (found.kind === 'failed') return await afterFault(deps, holding, { lane, rest, error: found.error });
    if (found.kind === 'not yet') return void (await holding.park(found.lane, rest, found.untilMs));
    ({ lane, rest } = found);
  }

  // What the last delivery changed is written together with what the next one is about to do.
  let isWritten = lane === begun;
  for (let delivered = 0; ; delivered += 1) {
    if (lane.channel !== undefined) rest = cardFirst(rest, lane);
    const [first, ...others] = rest;
    if (first === undefined || (delivered > 0 && stop?.aborted === true)) return void (await holding.leave(lane, rest));
    const { outgoing, taken } = nextOf([first, ...others], chat.together);
    const at = placeOf(outgoing, lane);
    const urgent = isUrgent(rest);
    const calmMs = urgent || outgoing.to !== 'chat' ? 0 : calmWaitMs(lane, outgoing.message, { nowMs: clock.nowMs(), isEdit: at.ref !== undefined });
    const waitMs = outgoing.to !== 'chat' || calmMs > 0 ? calmMs : (chat.waitMs?.(outgoing.message, { ...at, urgent }) ?? 0);
    if (waitMs > 0) return void (await holding.queueUp(lane, rest, clock.nowMs() + waitMs));
    const needsIntent = outgoing.to === 'chat' && chat.posted !== undefined && at.ref === undefined;
    if (needsIntent) lane = { ...lane, intent: { keys: keysOf(outgoing.message), atMs: clock.nowMs() } };
    if ((needsIntent || !isWritten) && !(await holding.keep(lane, rest))) return;
    if (!(await holding.renew())) return;

    const result = await deliver(deps, outgoing, at);
    if (result.kind === 'failed') return await afterFault(deps, holding, { lane: afterFailure(lane, outgoing, result.error), rest, error: result.error });
    lane = calmed(afterDelivery(lane, outgoing, { ref: result.ref, isNew: at.ref === undefined }), outgoing, {
      nowMs: clock.nowMs(),
      isEdit: at.ref !== undefined,
    });
    rest = rest.slice(taken);
    isWritten = false;
  }
}

type Delivered = { readonly kind: 'done'; readonly ref: string } | { readonly kind: 'failed'; readonly error: unknown };

/** Whatever an adapter throws, the message was not delivered, and waits. */
async function deliver({ chat }: OutboxDeps, outgoing: Outgoing, at: Place): Promise<Delivered> {
  if (outgoing.to !== 'chat') return { kind: 'done', ref: '' };
  try {
    return { kind: 'done', ...(await chat.deliver(outgoing.message, at)) };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

function placeOf(outgoing: Outgoing, { refs, incident, channel }: Lane): Place {
  if (outgoing.to !== 'chat') return {};
  const ref = refs.get(outgoing.message.key);
  const root = outgoing.message.kind === 'card' || outgoing.message.kind === 'update' ? undefined : refs.get(cardKey(incident));
  return defined({ ref, root, channel });
}

function afterDelivery({ intent: _intent, ...lane }: Lane, outgoing: Outgoing, { ref, isNew }: { readonly ref: string; readonly isNew: boolean }): Lane {
  const next: Lane = { ...lane, attempts: 0 };
  if (outgoing.to !== 'chat') return next;
  const key = editedKey(outgoing);
  const refs = key === undefined ? lane.refs : new Map([...lane.refs, [key, ref] as const]);
  return { ...next, refs, ...(isNew ? { after: ref } : {}) };
}

/** A refusal forgets the intent, since nothing was posted; a message that is gone is posted anew; all else is looked for first. */
function afterFailure(lane: Lane, outgoing: Outgoing, error: unknown): Lane {
  const outcome = error instanceof SalvorError ? error.details['outcome'] : undefined;
  const { intent: _intent, ...cleared } = lane;
  if (outcome === 'refused') return cleared;
  if (outcome !== 'gone' || outgoing.to !== 'chat') return lane;
  return { ...cleared, refs: new Map([...lane.refs].filter(([key]) => key !== outgoing.message.key)) };
}

/** What cannot be delivered waits; an incident's own channel that is lost waits for nothing: the one place for all has everything that was said there. */
async function afterFault(deps: OutboxDeps, holding: Holding, standing: Standing & { readonly error: unknown }): Promise<void> {
  const { lane, error } = standing;
  const refusal = lane.channel === undefined ? undefined : refusalOf(error);
  if (refusal?.kind !== 'lost') return parkFailed(deps, holding, standing);
  await holding.end(lane, { kind: 'channel', what: 'lost', ...defined({ id: lane.channel }), reason: refusal.why });
}

async function parkFailed({ clock, log }: OutboxDeps, holding: Holding, { lane, rest, error }: Standing & { readonly error: unknown }): Promise<void> {
  const attempts = lane.attempts + 1;
  const facts = { incident: lane.incident, attempts, waiting: rest.length, code: errorCode(error), reason: errorText(error) };
  log[levelOf(error)]('outbox.undelivered', facts);
  await holding.park({ ...lane, attempts }, rest, clock.nowMs() + pauseMs(attempts, error));
}

/** What another lane has said a moment ago about the same outage is not said again by each. */
function levelOf(error: unknown): 'debug' | 'warn' | 'error' {
  if (!(error instanceof SalvorError) || error.code !== 'chat.unavailable') return 'error';
  return error.details['said'] === true ? 'debug' : 'warn';
}
