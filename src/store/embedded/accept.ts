import { SalvorError } from '../../model/error.ts';
import { INBOX, LEDGER } from '../../port/store.ts';
import { inboxFull } from '../inbox-full.ts';
import { inboxId } from '../inbox-id.ts';
import type { Answer, Call } from './message.ts';
import { type OpenStore, waitingWebhooks } from './open-store.ts';
import { addToCount, insertRecord } from './write-record.ts';

/** Puts a webhook into the inbox, due at once. Whoever is refused is refused before anything is written. */
export function accept(store: OpenStore, call: Extract<Call, { op: 'accept' }>): Answer {
  const { memory, limits } = store;
  if (memory.full) throw new SalvorError('store.full', 'The disk of the store is full: nothing is accepted until there is space again.', { retry: 'later' });
  if (waitingWebhooks(store) >= limits.inbox) throw inboxFull(limits.inbox);
  // Time never goes back within one opening, so the ids keep the order of arrival.
  memory.lastMs = Math.max(memory.lastMs, call.nowMs);
  memory.lastNumber += 1;
  const id = inboxId({ atMs: memory.lastMs, boot: store.boot, number: memory.lastNumber });
  const put = { do: 'put', id, kind: 'inbox', indexed: JSON.stringify({ sender: call.sender }), dueMs: call.nowMs, value: call.value } as const;
  insertRecord(store, { partition: INBOX, opId: id, nowMs: call.nowMs }, put);
  memory.arrived += call.alerts;
  return { op: 'accept', id };
}

/** Adds the alerts of all webhooks of a transaction to the ledger, in that transaction. */
export function countArrived({ sqlite, memory }: OpenStore): void {
  if (memory.arrived === 0) return;
  addToCount(sqlite, { partition: INBOX, id: LEDGER.accepted }, memory.arrived);
  addToCount(sqlite, { partition: INBOX, id: LEDGER.pending }, memory.arrived);
  memory.arrived = 0;
}
