import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { openRedis } from '../../src/store/redis.ts';
import { absent, put, webhook } from '../contract/store/drivers.ts';
import { lossyProxy } from './proxy.ts';
import { oneServer } from './sites.ts';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** How many answers are lost in one run of each test. */
const CUTS = 60;

async function overProxy(): Promise<{ readonly store: Store; readonly lose: (every: number) => void; readonly cuts: () => number }> {
  const site = await oneServer();
  const proxy = await lossyProxy(site.servers[0]?.port ?? 0);
  const place = { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, tls: false, protocol: 3 } as const;
  const store = await openRedis({ place, prefix: 'lost', clock: systemClock, ids: systemIds, log: silentLog });
  endings.push(
    () => site.end(),
    () => proxy.close(),
    () => store.close(),
  );
  return { store, lose: proxy.cutEvery, cuts: proxy.cuts };
}

const entry = (n: number) => ({ n, atMs: n, type: 'run.seen', data: { n }, hash: `h${n}` });

test('webhooks whose answers are lost are there once each, and so are their alerts in the ledger', { timeout: 60_000 }, async () => {
  const { store, lose, cuts } = await overProxy();
  lose(4);
  const ids: string[] = [];
  while (cuts() < CUTS) ids.push(...(await Promise.all([1, 2, 3].map(async () => (await store.accept(webhook())).id))));
  lose(0);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await store.counts('inbox', ['ledger/accepted', 'ledger/pending'])).toEqual([ids.length, ids.length]);
  expect((await store.list({ kind: 'inbox', limit: ids.length + 1 })).records).toHaveLength(ids.length);
});

test('no commit happens twice, whatever it changes and however little of it shows afterwards', { timeout: 60_000 }, async () => {
  const { store, lose, cuts } = await overProxy();
  await store.commit({ partition: 'prod', opId: 'made', guards: [absent('r')], changes: [put('r')] });
  lose(5);
  let turns = 0;
  while (cuts() < CUTS) {
    turns += 1;
    const counted = { do: 'count', id: 'bare', add: 1 } as const;
    // Nothing that this one leaves behind carries its op id.
    const bare = store.commit({
      partition: 'prod',
      opId: `bare-${turns}`,
      guards: [absent('nothing')],
      changes: [counted, { do: 'mail', to: 'reader', key: `k${turns}`, value: turns }],
    });
    const guards = [{ is: 'seq', id: 'r', seq: turns }] as const;
    const changes = [put('r', { value: turns }), { do: 'append', of: 'r', entries: [entry(turns)] }, { do: 'count', id: 'full', add: 1 }] as const;
    const full = store.commit({ partition: 'prod', opId: `full-${turns}`, guards, changes });
    expect(await Promise.all([bare, full]), `turn ${turns}`).toEqual([{ kind: 'done' }, { kind: 'done' }]);
    // The reader reads: a letter that came twice would come again.
    const [letter, ...others] = await store.mail('prod', 'reader');
    expect([letter?.key, others.length]).toEqual([`k${turns}`, 0]);
    await store.commit({
      partition: 'prod',
      opId: `read-${turns}`,
      guards: [absent('nothing')],
      changes: [{ do: 'read', reader: 'reader', upTo: letter?.order ?? 0 }],
    });
  }
  lose(0);
  expect(await store.counts('prod', ['bare', 'full'])).toEqual([turns, turns]);
  expect((await store.entries({ partition: 'prod', of: 'r' })).map(({ n }) => n)).toEqual(Array.from({ length: turns }, (_, n) => n + 1));
  expect(await store.get('prod', 'r')).toMatchObject({ seq: turns + 1, value: turns });
  expect(await store.check()).toEqual({ ok: true, problems: [] });
});

test('a claim whose answer is lost is still mine, and a renewal and a release that are lost are known', { timeout: 60_000 }, async () => {
  const { store, lose, cuts } = await overProxy();
  await store.commit({ partition: 'prod', opId: 'made', guards: [absent('r')], changes: [put('r', { dueMs: 1 })] });
  lose(3);
  let epoch = 0;
  while (cuts() < CUTS) {
    const { claimed } = await store.claim({ kinds: ['run'], owner: 'me', limit: 1, leaseMs: 60_000 });
    epoch += 1;
    expect(claimed.map(({ record }) => record.epoch)).toEqual([epoch]);
    expect(await store.renew({ partition: 'prod', id: 'r', epoch, leaseMs: 60_000 })).toEqual({ held: true, mail: false });
    const held = { is: 'held', id: 'r', epoch, seq: epoch } as const;
    expect(await store.commit({ partition: 'prod', opId: `release-${epoch}`, guards: [held], changes: [put('r', { dueMs: 1, release: true })] })).toEqual({
      kind: 'done',
    });
  }
  lose(0);
});
