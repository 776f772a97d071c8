import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Change, Guard, RecordKind, Store } from '../../../src/port/store.ts';
import { keyOf, type OracleState, oracleState } from '../../../src/store/oracle/state.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { closeAll, type Driver, drivers, type StillClock, webhook } from './drivers.ts';

/**
 * Random calls go to the oracle and to the driver alike; every answer must be the same, and so must all that is stored in the end.
 * Calls of one burst are made in one tick, so that the embedded driver commits them as one batch, while the oracle does them one by one.
 */
const KINDS = ['run', 'lane', 'episode', 'inbox'] as const satisfies readonly RecordKind[];
const IDS = ['a', 'b', 'c', 'd'];

const id = fc.constantFrom(...IDS);
const kind = fc.constantFrom(...KINDS);
const small = fc.integer({ min: 0, max: 3 });
/** How far a guard's number is off what the record has: mostly not at all. */
const off = fc.constantFrom(0, 0, 0, 0, 1);
const delayMs = fc.constantFrom(-100, 0, 1, 50, 100, 5000);
const indexed = fc.record({ state: fc.constantFrom('x', 'y', 'z'), node: fc.constantFrom('1', '2') }, { requiredKeys: [] });
const where = fc.record({ state: fc.oneof(fc.constantFrom('x', 'y'), fc.subarray(['x', 'y', 'z'])), node: fc.constantFrom('1', '2') }, { requiredKeys: [] });

const guard = fc.oneof(
  fc.record({ is: fc.constant('absent'), id }),
  fc.record({ is: fc.constant('seq'), id, off }),
  fc.record({ is: fc.constant('held'), id, off }),
  fc.record({ is: fc.constant('room'), count: fc.constantFrom('n', 'm'), add: small, limit: fc.integer({ min: 0, max: 9 }) }),
);
const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('put'),
      id,
      kind,
      indexed,
      delayMs: fc.option(delayMs),
      release: fc.boolean(),
      value: fc.jsonValue({ maxDepth: 2 }),
    }),
  },
  fc.record({ do: fc.constant('delete'), id }),
  fc.record({ do: fc.constant('append'), of: id, n: fc.integer({ min: 1, max: 12 }), count: small }),
  fc.record({ do: fc.constant('count'), id: fc.constantFrom('n', 'm'), add: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ do: fc.constant('mail'), to: id, key: fc.constantFrom('k', 'l', 'm') }),
  fc.record({ do: fc.constant('read'), reader: id, skip: small }),
  fc.record({ do: fc.constant('wake'), id, delayMs: fc.option(delayMs) }),
);
const call = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      call: fc.constant('commit'),
      guards: fc.array(guard, { minLength: 1, maxLength: 2 }),
      changes: fc.array(change, { maxLength: 4 }),
      opId: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constant('claim'),
      kinds: fc.subarray([...KINDS], { minLength: 1 }),
      limit: fc.integer({ min: 1, max: 4 }),
      inTurnBy: fc.constantFrom(undefined, undefined, 'state', 'sender'),
      mostBytes: fc.constantFrom(undefined, undefined, 1, 40, 120),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('accept'), sender: fc.constantFrom('s', 't') }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('renew'), id, off }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('list'),
      kind,
      where: fc.option(where),
      newestFirst: fc.boolean(),
      all: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('look'), id }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('prune'),
      kind,
      where: fc.option(where),
      ageMs: fc.constantFrom(-1, 0, 60),
      limit: small,
      keep: fc.subarray(IDS),
    }),
  },
);
type Made<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Call = Made<typeof call>;

const LEASE_MS = 100;

function toGuard(state: OracleState, partition: string, made: Made<typeof guard>): Guard {
  if (made.is === 'absent') return { is: 'absent', id: made.id ?? '' };
  if (made.is === 'room') return { is: 'room', count: made.count, add: made.add, limit: made.limit };
  const record = state.records.get(keyOf(partition, made.id));
  const seq = (record?.seq ?? 1) + made.off;
  return made.is === 'seq' ? { is: 'seq', id: made.id, seq } : { is: 'held', id: made.id, seq, epoch: record?.epoch ?? 1 };
}

function toChange(state: OracleState, partition: string, nowMs: number, made: Made<typeof change>): Change {
  switch (made.do) {
    case 'put': {
      const { id: of, kind: put, indexed: fields, release } = made;
      const value = JSON.parse(JSON.stringify(made.value));
      return { do: 'put', id: of, kind: put, indexed: fields, release, value, ...(made.delayMs === null ? {} : { dueMs: nowMs + made.delayMs }) };
    }
    case 'append': {
      const entries = Array.from({ length: made.count }, (_, k) => ({ n: made.n + k, atMs: nowMs, type: 't', data: { k }, hash: 'h' }));
      return { do: 'append', of: made.of, entries };
    }
    case 'mail':
      return { do: 'mail', to: made.to, key: made.key, value: nowMs };
    case 'read': {
      const unread = state.mail.get(keyOf(partition, made.reader)) ?? [];
      return { do: 'read', reader: made.reader, upTo: unread[made.skip]?.order ?? 0 };
    }
    case 'wake':
      return { do: 'wake', id: made.id, ...(made.delayMs === null ? {} : { atMs: nowMs + made.delayMs }) };
    case 'delete':
      return { do: 'delete', id: made.id };
    case 'count':
      return { do: 'count', id: made.id, add: made.add };
  }
}

/** One call as a function of the store; what depends on the present is decided here, once for both. */
function prepare(state: OracleState, partition: string, clock: StillClock, made: Call): (store: Store) => Promise<unknown> {
  switch (made.call) {
    case 'commit': {
      const guards = made.guards.map((one) => toGuard(state, partition, one));
      const changes = made.changes.map((one) => toChange(state, partition, clock.nowMs(), one));
      return (store) => store.commit({ partition, opId: `${partition}-${made.opId}`, guards, changes });
    }
    case 'claim': {
      const { kinds, limit, inTurnBy, mostBytes } = made;
      const bounds = { limit, ...(mostBytes === undefined ? {} : { mostBytes }), ...(inTurnBy === undefined ? {} : { inTurnBy }) };
      return (store) => store.claim({ kinds, owner: 'me', leaseMs: LEASE_MS, ...bounds });
    }
    case 'accept':
      return (store) => store.accept(webhook({ sender: made.sender, alerts: 2 }));
    case 'renew': {
      const epoch = (state.records.get(keyOf(partition, made.id))?.epoch ?? 0) + made.off;
      return (store) => store.renew({ partition, id: made.id, epoch, leaseMs: LEASE_MS });
    }
    case 'list': {
      const { kind: of, newestFirst, limit } = made;
      const query = { kind: of, newestFirst, limit, ...(made.all ? {} : { partition }), ...(made.where === null ? {} : { where: made.where }) };
      return (store) => everyPage(store, query);
    }
    case 'look':
      return (store) => look(store, partition, made.id);
    case 'prune': {
      const { kind: of, limit, keep } = made;
      const request = { partition, kind: of, updatedBeforeMs: clock.nowMs() - made.ageMs, limit, keep, ...(made.where === null ? {} : { where: made.where }) };
      return (store) => store.prune(request);
    }
  }
}

async function everyPage(store: Store, query: Parameters<Store['list']>[0]): Promise<unknown> {
  const first = await store.list(query);
  if (first.cursor === undefined) return first;
  return [first, await store.list({ ...query, cursor: first.cursor })];
}

async function look(store: Store, partition: string, of: string): Promise<unknown> {
  const entries = await store.entries({ partition, of, afterN: 2, limit: 4 });
  return [await store.get(partition, of), await store.mail(partition, of), entries, await store.counts(partition, ['n', 'm'])];
}

async function everything(store: Store, partition: string): Promise<unknown> {
  const lists = await Promise.all(KINDS.map((of) => store.list({ kind: of, limit: 1000 })));
  const each = await Promise.all(IDS.map((of) => look(store, partition, of)));
  return { lists, each, partitions: await store.partitions(), check: await store.check() };
}

type Round = { readonly state: OracleState; readonly oracle: Store; readonly store: Store; readonly clock: StillClock; readonly partition: string };

/** Where one process has the store, one opening serves all sequences: its worker starts once, and each sequence clears up behind the one before. */
function oneOpening({ open }: Driver): () => Promise<Round> {
  const state = oracleState();
  let sequences = 0;
  let opened: Pick<Round, 'store' | 'clock' | 'oracle'> | undefined;
  return async () => {
    if (opened === undefined) {
      const { store, clock } = await open();
      opened = { store, clock, oracle: oracleStore({ clock, state }) };
    }
    for (const store of [opened.oracle, opened.store]) await clear(store, `p${sequences}`);
    sequences += 1;
    return { ...opened, state, partition: `p${sequences}` };
  };
}

/** In Redis each sequence has a prefix of its own. */
function anOpeningEach({ open }: Driver): () => Promise<Round> {
  return async () => {
    const { store, clock } = await open();
    const state = oracleState();
    return { state, store, clock, oracle: oracleStore({ clock, state }), partition: 'p' };
  };
}

async function clear(store: Store, partition: string): Promise<void> {
  for (const of of KINDS) {
    for (const record of (await store.list({ kind: of, limit: 1000 })).records) {
      await store.commit({
        partition: record.partition,
        opId: 'clear',
        guards: [{ is: 'seq', id: record.id, seq: record.seq }],
        changes: [{ do: 'delete', id: record.id }],
      });
    }
  }
  const strays = IDS.map((of): Change => ({ do: 'delete', id: of }));
  await store.commit({ partition, opId: 'clear', guards: [{ is: 'absent', id: '-' }], changes: strays });
}

/** Ids of webhooks hold how often the driver was opened; here both were opened once. */
describe.each(drivers.filter(({ name }) => name !== 'oracle'))('the $name store and the oracle', (driver) => {
  const next = driver.alone ? oneOpening(driver) : anOpeningEach(driver);
  afterAll(closeAll);

  const bursts = fc.array(fc.record({ passMs: fc.constantFrom(0, 1, 40, 100, 200, -150), calls: fc.array(call, { minLength: 1, maxLength: 6 }) }), {
    minLength: 1,
    maxLength: 14,
  });

  test('answer every sequence of calls alike, and end with the same records, mail, entries and counts', { timeout: 60_000 }, async () => {
    let claims = 0;
    let done = 0;
    await fc.assert(
      fc.asyncProperty(bursts, async (made) => {
        const { state, oracle, store, clock, partition } = await next();
        for (const { passMs, calls } of made) {
          clock.pass(passMs);
          const expected: Promise<unknown>[] = [];
          const actual: Promise<unknown>[] = [];
          for (const one of calls) {
            const ask = prepare(state, partition, clock, one);
            // A list of several pages spans batches: what comes between would differ, so it is asked alone.
            // Redis answers over several connections: calls of one tick have no order there. Webhooks go before the other calls of their tick.
            const isAlone = !driver.alone || one.call === 'list' || one.call === 'look' || one.call === 'accept';
            if (isAlone) await Promise.all([...expected, ...actual]);
            expected.push(ask(oracle));
            actual.push(ask(store));
            if (isAlone) await Promise.all([...expected, ...actual]);
          }
          const answers = await Promise.all(expected);
          expect(await Promise.all(actual)).toEqual(answers);
          claims += answers.filter((answer) => JSON.stringify(answer).includes('"leaseUntilMs"')).length;
          done += answers.filter((answer) => JSON.stringify(answer) === '{"kind":"done"}').length;
        }
        expect(await everything(store, partition)).toEqual(await everything(oracle, partition));
      }),
      { numRuns: driver.alone ? 150 : 60 },
    );
    // The sequences reach the interesting places at all.
    expect(claims).toBeGreaterThan(50);
    expect(done).toBeGreaterThan(100);
  });
});
