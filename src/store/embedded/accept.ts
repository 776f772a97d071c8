import { SalvorError } from '../../model/error.ts';
import { INBOX, LEDGER } from '../../port/store.ts';
import { inboxFull } from '../inbox-full.ts';
import { inboxId } from '../inbox-id.ts';
import type { Answer, Call } from './message.ts';
import { type OpenStore, waitingWebhooks } from './open-store.ts';
import { addToCount, putRecord } from './write-record.ts';

/** Puts a webhook into the inbox, due at once, and its alerts into the ledger. */
export function accept(store: OpenStore, call: Extract<Call, { op: 'accept' }>): Answer {
  const { sqlite, memory, limits } = store;
  if (memory.full) throw new SalvorError('store.full', 'The disk of the store is full: nothing is accepted until there is space again.', { retry: 'later' });
  if (waitingWebhooks(store) >= limits.inbox) throw inboxFull(limits.inbox);
  // Time never goes back within one opening, so the ids keep the order of arrival.
  memory.lastMs = Math.max(memory.lastMs, call.nowMs);
  memory.lastNumber += 1;
  const id = inboxId({ atMs: memory.lastMs, boot: store.boot, number: memory.lastNumber });
  const put = { do: 'put', id, kind: 'inbox', indexed: JSON.stringify({ sender: call.sender }), dueMs: call.nowMs, value: call.value } as const;
  putRecord(store, { partition: INBOX, opId: id, nowMs: call.nowMs }, put);
  addToCount(sqlite, { partition: INBOX, id: LEDGER.accepted }, call.alerts);
  addToCount(sqlite, { partition: INBOX, id: LEDGER.pending }, call.alerts);
  return { op: 'accept', id };
}
