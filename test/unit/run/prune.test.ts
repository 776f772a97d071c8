import { expect, test } from 'vitest';
import { channelLaneId, laneId } from '../../../src/model/identity.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { listAll } from '../../../src/port/list-all.ts';
import type { Change, RecordKind } from '../../../src/port/store.ts';
import { pruneHistory } from '../../../src/run/prune.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';

const HOUR_MS = 3_600_000;

/** A store that holds what is put, and what is left of each kind once history of so long ago is removed. */
async function history() {
  const clock = virtualClock();
  const store = oracleStore({ clock });
  const ids = seededIds('prune');
  const put = (kind: RecordKind, id: string, more: { readonly indexed?: { readonly [name: string]: string }; readonly dueMs?: number } = {}): Change => ({
    do: 'put',
    id,
    kind,
    value: {} satisfies JsonObject,
    ...more,
  });
  return {
    clock,
    put,
    store: (changes: readonly Change[]) => store.commit({ partition: 'prod', opId: ids.next(), guards: [{ is: 'absent', id: ids.next() }], changes }),
    prune: (closedMs: number, stop?: AbortSignal) => pruneHistory({ store, clock, ...(stop === undefined ? {} : { stop }) }, { closedMs }),
    left: async (kind: RecordKind): Promise<readonly string[]> => (await listAll(store, { partition: 'prod', kind })).map(({ id }) => id),
  };
}

test('all that ended long ago goes, however much there is of it, and what is open or new stays', async () => {
  const { clock, put, store, prune, left } = await history();
  const many = Array.from({ length: 1200 }, (_, n) => put('incident', `incident/old-${n}`, { indexed: { state: 'closed' } }));
  for (let at = 0; at < many.length; at += 100) await store(many.slice(at, at + 100));
  await store([put('incident', 'incident/open-1', { indexed: { state: 'open' } })]);
  await clock.pass(2 * HOUR_MS);
  await store([put('incident', 'incident/new-1', { indexed: { state: 'closed' } })]);
  expect(await prune(HOUR_MS)).toBe(1200);
  expect(await left('incident')).toEqual(['incident/open-1', 'incident/new-1']);
});

test('lanes go with their incident, a day behind it at the earliest, but for a channel that is archived later', async () => {
  const { clock, put, store, prune, left } = await history();
  const lane = (incident: string): Change => put('lane', laneId('chat', incident), { indexed: { to: 'chat', incident } });
  await store([put('incident', 'incident/a-1', { indexed: { state: 'closed' } }), lane('incident/a-1')]);
  await store([put('incident', 'incident/b-1', { indexed: { state: 'mitigated' } }), lane('incident/b-1')]);
  const channel = (incident: string, more: { readonly dueMs?: number }): Change =>
    put('lane', channelLaneId(incident), { indexed: { to: 'channel', incident }, ...more });
  await store([channel('incident/a-1', { dueMs: clock.nowMs() + 99 * HOUR_MS }), channel('incident/c-1', {})]);
  await clock.pass(2 * HOUR_MS);
  expect(await prune(HOUR_MS)).toBe(1);
  expect(await left('lane')).toHaveLength(4);
  await clock.pass(23 * HOUR_MS);
  expect(await prune(HOUR_MS)).toBe(2);
  expect((await left('lane')).toSorted()).toEqual([channelLaneId('incident/a-1'), laneId('chat', 'incident/b-1')]);
});

test('whoever stops waits for one call at most', async () => {
  const { clock, put, store, prune, left } = await history();
  await store([put('incident', 'incident/a-1', { indexed: { state: 'closed' } })]);
  await clock.pass(2 * HOUR_MS);
  expect(await prune(HOUR_MS, AbortSignal.abort())).toBe(0);
  expect(await left('incident')).toEqual(['incident/a-1']);
});
