import { heartbeatId, readHeartbeat } from '../ingest/heartbeat.ts';
import { defined } from '../model/defined.ts';
import { OPEN_STATES } from '../model/run.ts';
import { readLane } from '../notify/lane.ts';
import { readPageLane } from '../notify/pages/lane.ts';
import type { Clock } from '../port/clock.ts';
import type { Gauges } from '../port/gauges.ts';
import { listAll } from '../port/list-all.ts';
import { INBOX, LEDGER, type Store, type StoredRecord } from '../port/store.ts';
import { readRuns } from '../run/stored.ts';
import { backupAgeMs } from './backup-note.ts';

/** What waits, what runs and what went silent, for the metrics. */
export async function readGauges({
  store,
  clock,
  clusters,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly clusters: () => readonly string[];
}): Promise<Gauges> {
  const nowMs = clock.nowMs();
  const [inboxPending = 0] = await store.counts(INBOX, [LEDGER.pending]);
  const { records: oldest } = await store.list({ partition: INBOX, kind: 'inbox', limit: 1 });
  const [first] = oldest;
  return {
    inboxPending,
    inboxOldestMs: first === undefined ? 0 : Math.max(0, nowMs - first.createdMs),
    ...(await runGauges(store, nowMs)),
    outbox: await outboxGauges(store, nowMs),
    watchdogs: await watchdogGauges(store, clusters(), nowMs),
    ...defined({ storeBackupAgeMs: await backupAgeMs(store, nowMs) }),
  };
}

/** Every open state, so that a series never vanishes. */
async function runGauges(store: Store, nowMs: number): Promise<Pick<Gauges, 'runs' | 'runsOverdueMs'>> {
  const records = await listAll(store, { kind: 'run', where: { open: 'yes' } });
  const runs = readRuns(records);
  const counts = OPEN_STATES.flatMap((state) =>
    [false, true].map((held) => ({ state, held, count: runs.filter((run) => run.state === state && (run.hold !== undefined) === held).length })),
  );
  return { runs: counts, runsOverdueMs: Math.max(0, ...records.map((record) => overdueMs(record, nowMs))) };
}

/** Not overdue is what somebody drives, however long that takes. */
function overdueMs({ dueMs, leaseUntilMs = 0 }: StoredRecord, nowMs: number): number {
  return dueMs === undefined ? 0 : nowMs - Math.max(dueMs, leaseUntilMs);
}

/** A message waits as mail to its lane, or in the lane where it could not be delivered. */
async function outboxGauges(store: Store, nowMs: number): Promise<Gauges['outbox']> {
  const totals = { chat: { pending: 0, oldestMs: 0 }, pager: { pending: 0, oldestMs: 0 } };
  for (const record of await listAll(store, { kind: 'lane' })) {
    if (record.dueMs === undefined) continue;
    const mail = await store.mail(record.partition, record.id);
    const lane = readLane(record.value);
    const waiting = lane?.waiting.length ?? 0;
    if (mail.length + waiting === 0) continue;
    const isPager = record.id.startsWith('lane/pager/');
    const total = totals[isPager ? 'pager' : 'chat'];
    const waitsSinceMs = (isPager ? readPageLane(record.value)?.awaySinceMs : lane?.sinceMs) ?? record.updatedMs;
    const sinceMs = Math.min(mail[0]?.atMs ?? nowMs, waiting > 0 ? waitsSinceMs : nowMs);
    total.pending += mail.length + waiting;
    total.oldestMs = Math.max(total.oldestMs, nowMs - sinceMs);
  }
  return [
    { to: 'chat', ...totals.chat },
    { to: 'pager', ...totals.pager },
  ];
}

async function watchdogGauges(store: Store, clusters: readonly string[], nowMs: number): Promise<Gauges['watchdogs']> {
  const ages = await Promise.all(
    clusters.map(async (cluster) => {
      const beat = readHeartbeat((await store.get(cluster, heartbeatId(cluster)))?.value);
      // A cluster that never sent one has no age: its absence is not known to be new.
      return beat === undefined ? [] : [{ cluster, ageMs: Math.max(0, nowMs - beat.lastSeenMs) }];
    }),
  );
  return ages.flat();
}
