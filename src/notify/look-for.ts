import { defined } from '../model/defined.ts';
import type { Chat } from '../port/chat.ts';
import type { Clock } from '../port/clock.ts';
import { editedKey, type Standing } from './queue.ts';
import { cardKey } from './thread.ts';

/** A post whose outcome nobody knows may still arrive for this long: until then it is only looked for, not posted again. */
const SETTLE_MS = 30_000;
const LOOK_AGAIN_MS = 5000;

type Looked =
  | (Standing & { readonly kind: 'found' })
  | (Standing & { readonly kind: 'not yet'; readonly untilMs: number })
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Looks whether the post that was about to go out is there. Lines that are there are delivered; of a message that is edited its name is kept, and what
 * waits is its newest state. What is not there may still be under way: it is posted again only when it cannot be any more.
 */
export async function lookFor({ chat, clock }: { readonly chat: Chat; readonly clock: Clock }, { lane, rest }: Standing): Promise<Looked> {
  const { intent, ...cleared } = lane;
  if (intent === undefined || chat.posted === undefined) return { kind: 'found', lane: cleared, rest };
  const nowMs = clock.nowMs();
  // A clock that was ahead of this one wrote it down: then it may be under way for as long from now.
  const sentMs = Math.min(intent.atMs, nowMs);
  let there: ReadonlyMap<string, string>;
  try {
    const root = lane.refs.get(cardKey(lane.incident));
    const { after, channel } = lane;
    const isForOthers = rest.some(({ outgoing }) => outgoing.to === 'chat' && outgoing.message.kind === 'update');
    there = await chat.posted({ isForOthers, sinceMs: sentMs, ...defined({ root, after, channel }) });
  } catch (error) {
    return { kind: 'failed', error };
  }
  const ref = intent.keys.map((key) => there.get(key)).find((one) => one !== undefined);
  if (ref === undefined) {
    const settledMs = sentMs + SETTLE_MS;
    if (nowMs < settledMs)
      return { kind: 'not yet', lane: { ...lane, intent: { ...intent, atMs: sentMs } }, rest, untilMs: Math.min(settledMs, nowMs + LOOK_AGAIN_MS) };
    return { kind: 'found', lane: cleared, rest };
  }
  const edited = rest.flatMap(({ outgoing }) => editedKey(outgoing) ?? []).filter((key) => there.has(key));
  const refs = new Map([...lane.refs, ...edited.map((key) => [key, there.get(key) ?? ref] as const)]);
  const left = rest.filter(({ outgoing }) => outgoing.to !== 'chat' || editedKey(outgoing) !== undefined || !there.has(outgoing.message.key));
  return { kind: 'found', lane: { ...cleared, attempts: 0, refs, after: ref }, rest: left };
}
