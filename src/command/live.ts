import type { Clock } from '../port/clock.ts';
import { listAll } from '../port/list-all.ts';
import type { Store, StoredRecord } from '../port/store.ts';

/** A clock may be set back a little, and a record may be stored a little after it was made. */
const MARGIN_MS = 60_000;
/** What was closed may still be told something. */
const STAY_MS = 600_000;
const PAGE = 100;

const OPEN = { run: { open: 'yes' }, incident: { state: ['open', 'mitigated'] } } as const;

/**
 * Finds the runs or incidents whose journals may have grown since the last look, without reading the old ones each time: those that are open,
 * those that were made since, and those that were open lately.
 */
export function liveRecords(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  { kind, partition }: { readonly kind: 'run' | 'incident'; readonly partition?: string },
) {
  const where = partition === undefined ? { kind } : { kind, partition };
  /** Id to its partition, and when it is looked at for the last time. */
  const watched = new Map<string, { readonly partition: string; readonly untilMs: number }>();
  let lookedMs: number | undefined;

  /** `all`: every record there is. */
  return async ({ all = false } = {}): Promise<readonly StoredRecord[]> => {
    const nowMs = clock.nowMs();
    const sinceMs = all ? 0 : (lookedMs ?? nowMs) - MARGIN_MS;
    const found = new Map<string, StoredRecord>();
    for (const record of await listAll(store, { ...where, where: OPEN[kind] })) {
      found.set(record.id, record);
      watched.set(record.id, { partition: record.partition, untilMs: nowMs + STAY_MS });
    }
    let cursor: string | undefined;
    for (;;) {
      const page = await store.list({ ...where, newestFirst: true, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
      const fresh = page.records.filter((record) => record.createdMs >= sinceMs);
      for (const record of fresh) {
        found.set(record.id, record);
        if (!watched.has(record.id)) watched.set(record.id, { partition: record.partition, untilMs: nowMs + STAY_MS });
      }
      ({ cursor } = page);
      if (cursor === undefined || fresh.length < page.records.length) break;
    }
    for (const [id, one] of watched) {
      if (found.has(id)) continue;
      const record = await store.get(one.partition, id);
      if (record !== undefined) found.set(id, record);
      if (record === undefined || one.untilMs < nowMs) watched.delete(id);
    }
    lookedMs = nowMs;
    return [...found.values()];
  };
}
