import { listAll } from '../src/port/list-all.ts';
import { INBOX, LEDGER, type Store } from '../src/port/store.ts';
import type { Site } from './site.ts';

/** What a store holds after the work: what was promised is counted here, not where it was sent. */
export type Stored = {
  readonly accepted: number;
  readonly pending: number;
  readonly handled: number;
  readonly quarantined: number;
  readonly runs: number;
  readonly done: number;
  readonly incidents: number;
};

export async function storedOf(site: Pick<Site, 'openStore'>): Promise<Stored> {
  const store = await site.openStore();
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}

async function read(store: Store): Promise<Stored> {
  const [accepted = 0, pending = 0, handled = 0, quarantined = 0] = await store.counts(INBOX, [
    LEDGER.accepted,
    LEDGER.pending,
    LEDGER.handled,
    LEDGER.quarantined,
  ]);
  const runs = await listAll(store, { kind: 'run' });
  const done = runs.filter(({ indexed }) => indexed['state'] === 'done').length;
  return { accepted, pending, handled, quarantined, runs: runs.length, done, incidents: (await listAll(store, { kind: 'incident' })).length };
}
