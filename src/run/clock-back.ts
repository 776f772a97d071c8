import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { ListQuery, Store, StoredRecord } from '../port/store.ts';

const AT_ONCE = 200;
/** A smaller step back delays nothing that anybody would miss. */
const STEP_MS = 10_000;

/** What waits for a time of its own: work, messages, pages. What began at a wrong time, such as an episode, keeps it. */
const RESTING: readonly Pick<ListQuery, 'kind' | 'where'>[] = [
  { kind: 'inbox' },
  { kind: 'run', where: { open: 'yes' } },
  { kind: 'incident' },
  { kind: 'lane' },
];

/**
 * Records name times, and a wall clock that ran ahead for a while put off until then what should have come within seconds: once it is right again, a page
 * would wait for an hour. So whoever sees that the wall clock was set back, by the timers that measure durations, wakes all that rests; each is judged anew
 * by its own handler. To be called every few seconds; answers how many were woken.
 */
export function wakeWhatRests({
  store,
  clock,
  ids,
  log,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}): () => Promise<number> {
  const aheadMs = (): number => clock.nowMs() - clock.monotonicMs();
  let beforeMs = aheadMs();
  let isDone = true;
  return async () => {
    const nowMs = aheadMs();
    const backMs = beforeMs - nowMs;
    beforeMs = nowMs;
    if (backMs < STEP_MS && isDone) return 0;
    isDone = false;
    let woken = 0;
    for (const resting of RESTING) woken += await wake(store, ids, { resting, afterMs: clock.nowMs() });
    isDone = true;
    log.warn('clock.set-back', { backMs: Math.round(backMs), woken });
    return woken;
  };
}

type Waking = { readonly resting: (typeof RESTING)[number]; readonly afterMs: number };

async function wake(store: Store, ids: Ids, { resting, afterMs }: Waking): Promise<number> {
  let woken = 0;
  let cursor: string | undefined;
  do {
    const page = await store.list({ ...resting, limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
    const late = Map.groupBy(
      page.records.filter(({ dueMs }) => (dueMs ?? 0) > afterMs),
      ({ partition }: StoredRecord) => partition,
    );
    for (const [partition, records] of late) {
      await store.commit({ partition, opId: ids.next(), guards: [], changes: records.map(({ id }) => ({ do: 'wake', id })) });
      woken += records.length;
    }
    ({ cursor } = page);
  } while (cursor !== undefined);
  return woken;
}
