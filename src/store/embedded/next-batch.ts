import { inTurns } from '../in-turns.ts';
import type { Call } from './message.ts';

/** More calls than this wait for the next batch, so that one transaction stays short: webhooks, and as many others. */
const LARGEST_BATCH = 512;
/** So do webhooks behind this length of them, so that a small one waits for one large one at most. */
const LARGEST_LENGTH = 4 * 1024 * 1024;

type Batch<T> = { readonly batch: readonly T[]; readonly last: string | undefined };

/** What of all that waits goes first: webhooks, of each sender in turn beginning behind the sender that was last, and the others as they came. */
export function nextBatch<T extends { readonly call: Call }>(waiting: readonly T[], after: string | undefined): Batch<T> {
  const senders = new Map<string, T[]>();
  for (const one of waiting) {
    if (one.call.op !== 'accept') continue;
    const own = senders.get(one.call.sender);
    if (own === undefined) senders.set(one.call.sender, [one]);
    else own.push(one);
  }
  const batch: T[] = [];
  let last = after;
  let length = 0;
  for (const one of inTurns(senders, { after, limit: LARGEST_BATCH })) {
    if (one.call.op !== 'accept') continue;
    length += one.call.value.length;
    if (batch.length > 0 && length > LARGEST_LENGTH) break;
    batch.push(one);
    last = one.call.sender;
  }
  const others = waiting.filter(({ call }) => call.op !== 'accept');
  return { batch: [...batch, ...others.slice(0, LARGEST_BATCH)], last };
}
