import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { say } from '../contract/cli/terminal.ts';
import { absent, commitOf, P, put, webhook } from '../contract/store/drivers.ts';
import { freePort } from './server.ts';
import './shared.ts';

const place = inject('redis')?.find(({ name }) => name === 'redis')?.place;
const url = place?.kind === 'redis' ? place.url : '';
const SITE = 'clusters: [{ name: prod, kubeconfig: ./kubeconfig, default: true }]\n';

let folder: string;
let prefix: string;
let port: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-move-'));
  prefix = `move-${systemIds.next()}`;
  port = await freePort();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(name: string, store: string): string {
  const file = join(folder, name);
  writeFileSync(file, `listen: { port: ${port} }\nstore: ${store}\n${SITE}`);
  return file;
}
const embedded = (path: string): string => `{ kind: embedded, path: ${join(folder, path)} }`;
const redis = (): string => `{ kind: redis, url: ${url}, prefix: ${prefix} }`;

const openFolder = (path: string): Promise<Store> => openEmbedded({ path: join(folder, path), clock: systemClock, log: silentLog });
const openHere = (): Promise<Store> => {
  if (place === undefined) throw new Error('the suite has started no Redis');
  return openRedis({ place, prefix, clock: systemClock, ids: systemIds, log: silentLog });
};

const entry = (n: number) => ({ n, atMs: n, type: 'run.seen', data: { n, list: [] }, hash: `h${n}` });

/** An open run that somebody holds, with its journal, two letters that nobody read, a budget, and a webhook in the inbox. */
async function fill(store: Store): Promise<void> {
  const value = { list: [], text: 'a "quote", ünï, \u0000' };
  await store.commit(commitOf([absent('run/1')], [put('run/1', { dueMs: 1, version: 3, indexed: { state: 'proposed', node: 'w1' }, value })], 'made'));
  const { claimed } = await store.claim({ kinds: ['run'], owner: 'gone', limit: 1, leaseMs: 60_000 });
  const { epoch, seq } = claimed[0]?.record ?? { epoch: 0, seq: 0 };
  const changes = [
    put('run/1', { dueMs: 1, version: 3, indexed: { state: 'proposed', node: 'w1' }, value }),
    { do: 'append', of: 'run/1', entries: [entry(1), entry(2)] },
    { do: 'append', of: 'audit', entries: [entry(1)] },
    { do: 'mail', to: 'run/1', key: 'approve', value: { by: 'ana' } },
    { do: 'mail', to: 'run/1', key: 'ack', value: [] },
    { do: 'count', id: 'rate/prod', add: 3 },
  ] as const;
  expect(await store.commit(commitOf([{ is: 'held', id: 'run/1', epoch, seq }], changes, 'wrote'))).toEqual({ kind: 'done' });
  await store.accept(webhook({ alerts: 2 }));
}

/** Everything that must look the same on the other side. Leases end on the way, and mail is numbered anew. */
async function everything(store: Store): Promise<unknown> {
  const run = await store.get(P, 'run/1');
  const { owner: _owner, leaseUntilMs: _leaseUntilMs, ...record } = run ?? { owner: '', leaseUntilMs: 0 };
  return {
    record,
    journals: [await store.entries({ partition: P, of: 'run/1' }), await store.entries({ partition: P, of: 'audit' })],
    mail: (await store.mail(P, 'run/1')).map(({ key, atMs, value }) => ({ key, atMs, value })),
    counts: [await store.counts(P, ['rate/prod']), await store.counts('inbox', ['ledger/accepted', 'ledger/pending'])],
    listed: (await store.list({ kind: 'run', where: { state: 'proposed', node: 'w1' }, limit: 5 })).records.map(({ id }) => id),
    inbox: (await store.list({ kind: 'inbox', limit: 5 })).records,
    partitions: await store.partitions(),
    check: await store.check(),
  };
}

describe('salvor store move', { timeout: 60_000 }, () => {
  test('carries open runs, journals, unread mail and counts from a folder to Redis and back; they go on at once', async () => {
    const [here, there, home] = [config('here.yaml', embedded('data')), config('there.yaml', redis()), config('home.yaml', embedded('back'))];
    const first = await openFolder('data');
    await fill(first);
    const before = await everything(first);
    await first.close();

    const out = await say(['store', 'move', '--config', here, '--to', there]);
    expect(out.err).toBe('');
    expect(out.out).toMatch(/^Moved: [\d.]+ KiB from \S+data to redis:\/\/127\.0\.0\.1:\d+ \(move-\w+\)\nStart the server with this store/);
    expect(out.code).toBe(0);
    const moved = await openHere();
    expect(await everything(moved)).toEqual(before);
    // Its holder is gone: whoever comes first drives it on, with a higher epoch.
    const { claimed } = await moved.claim({ kinds: ['run'], owner: 'me', limit: 1, leaseMs: 1000 });
    expect(claimed[0]).toMatchObject({ record: { id: 'run/1', epoch: 2, seq: 2 }, mail: [{ key: 'approve' }, { key: 'ack' }] });
    await moved.close();

    expect(await say(['store', 'move', '--config', there, '--to', home])).toMatchObject({ code: 0, err: '' });
    const back = await openFolder('back');
    expect(await everything(back)).toEqual({ ...(before as object), record: { ...(before as { record: object }).record, epoch: 2 } });
    expect((await back.claim({ kinds: ['run'], owner: 'me', limit: 1, leaseMs: 1000 })).claimed[0]?.record.epoch).toBe(3);
    await back.close();
  });

  test('a Redis that holds a store already, or that a server still uses, is left alone', async () => {
    const [here, there] = [config('here.yaml', embedded('data')), config('there.yaml', redis())];
    const first = await openFolder('data');
    await fill(first);
    await first.close();
    const running = await openHere();
    await running.accept(webhook());
    expect(await say(['store', 'move', '--config', here, '--to', there])).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is a store in this Redis already'),
    });
    const away = await say(['store', 'move', '--config', there, '--to', join(folder, 'elsewhere')]);
    expect(away).toMatchObject({ code: 2, err: expect.stringContaining('1 server of Salvor still uses this Redis\nStop all of them first') });
    expect(await running.counts('inbox', ['ledger/accepted'])).toEqual([1]);
    await running.close();
  });

  test('check and backup ask Redis where no server runs, and a backup opens as an embedded store', async () => {
    const there = config('there.yaml', redis());
    const store = await openHere();
    await fill(store);
    const before = await everything(store);
    await store.close();
    expect(await say(['store', 'check', '--config', there])).toMatchObject({ code: 0, out: 'ok: the store is sound\n' });
    expect(await say(['store', 'backup', join(folder, 'salvor.db'), '--config', there])).toMatchObject({
      code: 0,
      out: expect.stringContaining('Backed up: '),
    });
    const copy = await openFolder('.');
    expect(await everything(copy)).toEqual(before);
    await copy.close();
  });
});
