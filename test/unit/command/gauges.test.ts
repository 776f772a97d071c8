import { expect, test } from 'vitest';
import { noteBackup } from '../../../src/command/backup-note.ts';
import { readGauges } from '../../../src/command/gauges.ts';
import { heartbeatId } from '../../../src/ingest/heartbeat.ts';
import { laneId } from '../../../src/model/identity.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { proposedRun, putRun } from '../../contract/api/site.ts';

test('what waits, what runs and what went silent', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  await store.accept({ sender: 'x', clusters: ['*'], receivedMs: 0, body: '{}', alerts: 7 });
  await putRun(store, proposedRun());
  await putRun(store, proposedRun({ target: 'w2', hold: { kind: 'hold', gate: 'freeze', reason: 'frozen' } }));
  await putRun(store, proposedRun({ target: 'w3', state: 'done', endedMs: 1 }));
  const lane = laneId('chat', 'incident/1');
  const beat = { lastSeenMs: clock.nowMs() };
  await store.commit({
    partition: 'prod',
    opId: 'a',
    guards: [{ is: 'absent', id: lane }],
    changes: [
      { do: 'put', id: lane, kind: 'lane', value: { to: 'chat', incident: 'incident/1', refs: [], waiting: [], attempts: 0 } },
      { do: 'mail', to: lane, key: '1', value: { message: {} } },
      { do: 'put', id: heartbeatId('prod'), kind: 'slot', value: beat },
    ],
  });
  await clock.pass(30_000);

  const read = await readGauges({ store, clock, clusters: () => ['prod', 'staging'] });
  expect(read).toMatchObject({ inboxPending: 7, inboxOldestMs: 30_000, watchdogs: [{ cluster: 'prod', ageMs: 30_000 }] });
  expect(read.runs.filter(({ count }) => count > 0)).toEqual([
    { state: 'proposed', held: false, count: 1 },
    { state: 'proposed', held: true, count: 1 },
  ]);
  expect(read.outbox).toEqual([
    { to: 'chat', pending: 1, oldestMs: 30_000 },
    { to: 'pager', pending: 0, oldestMs: 0 },
  ]);
  expect(read.storeBackupAgeMs).toBeUndefined();
});

test('a run is overdue from its time on, not while somebody drives it, and again once that one has gone', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const overdue = async (): Promise<number> => (await readGauges({ store, clock, clusters: () => ['prod'] })).runsOverdueMs;
  const run = proposedRun();
  const dueMs = clock.nowMs() + 1000;
  await store.commit({
    partition: 'prod',
    opId: 'a',
    guards: [{ is: 'absent', id: run.id }],
    changes: [{ do: 'put', id: run.id, kind: 'run', indexed: { open: 'yes' }, dueMs, value: run }],
  });
  expect(await overdue()).toBe(0);
  await clock.pass(5000);
  expect(await overdue()).toBe(4000);
  await store.claim({ kinds: ['run'], owner: 'one', limit: 1, leaseMs: 6000 });
  expect(await overdue()).toBe(0);
  await clock.pass(9000);
  expect(await overdue()).toBe(3000);
});

test('the age of the last copy that a server made is kept in the store', async () => {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const ids = seededIds(1);
  for (const waitMs of [60_000, 1000]) {
    await noteBackup({ store, clock, ids });
    await clock.pass(waitMs);
    expect((await readGauges({ store, clock, clusters: () => [] })).storeBackupAgeMs).toBe(waitMs);
  }
});
