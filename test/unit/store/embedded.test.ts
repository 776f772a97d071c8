import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { SalvorError } from '../../../src/model/error.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { type Log, silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { Sqlite } from '../../../src/store/embedded/sqlite.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import type { StoreLimits } from '../../../src/store/limits.ts';
import { absent, closeAll, closeLater, commitOf, mailTo, P, put, runs, scratchFolder, webhook } from '../../contract/store/drivers.ts';

afterEach(closeAll);

type More = { readonly limits?: Partial<StoreLimits>; readonly log?: Log; readonly onFatal?: (error: SalvorError) => void };

async function open(path: string, { limits, log = silentLog, onFatal }: More = {}): Promise<Store> {
  const options = { path, clock: systemClock, log, limits: { reserveBytes: 4096, ...limits }, ...(onFatal === undefined ? {} : { onFatal }) };
  return closeLater(await openEmbedded(options));
}

/** Asks again until the condition holds; a bound on the tries, for what another thread does in its own time. */
async function eventually(condition: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

describe('opening', () => {
  test('makes the folder for its owner alone', async () => {
    const path = join(scratchFolder(), 'deep', 'store');
    await open(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of ['salvor.db', 'salvor.db-wal', 'reserve']) expect(statSync(join(path, file)).mode & 0o777).toBe(0o600);
    expect(existsSync(join(path, 'salvor.db-shm'))).toBe(false);
  });

  test('a second opening is refused at once, and says what to do; the first goes on', async () => {
    const path = scratchFolder();
    const store = await open(path);
    await expect(open(path)).rejects.toMatchObject({ code: 'store.locked', message: expect.stringContaining('Another Salvor has this store open') });
    await store.accept(webhook());
    await store.close();
    const next = await open(path);
    expect((await next.list({ kind: 'inbox', limit: 5 })).records).toHaveLength(1);
  });

  test('a folder that cannot be made is said with its reason', async () => {
    const path = scratchFolder();
    writeFileSync(join(path, 'file'), '');
    await expect(open(join(path, 'file', 'store'))).rejects.toMatchObject({
      code: 'store.unavailable',
      message: expect.stringContaining(join(path, 'file', 'store')),
    });
    mkdirSync(join(path, 'x', 'salvor.db'), { recursive: true });
    await expect(open(join(path, 'x'))).rejects.toMatchObject({ code: 'store.unavailable', message: expect.stringContaining('cannot be opened') });
  });

  test('a file that is no database is refused and left alone', async () => {
    const path = scratchFolder();
    const rubbish = 'this is no database '.repeat(500);
    writeFileSync(join(path, 'salvor.db'), rubbish);
    await expect(open(path)).rejects.toMatchObject({ code: 'store.damaged', retry: 'never', message: expect.stringContaining('backup') });
    expect(readFileSync(join(path, 'salvor.db'), 'utf8')).toBe(rubbish);
  });

  test('a store of a newer version is refused and left alone', async () => {
    const path = scratchFolder();
    await (await open(path)).close();
    const sqlite = new Sqlite(join(path, 'salvor.db'));
    sqlite.run(`UPDATE meta SET value = '99' WHERE key = 'schema'`);
    sqlite.close();
    await expect(open(path)).rejects.toMatchObject({ code: 'store.damaged', message: expect.stringContaining('newer Salvor (schema 99') });
  });
});

describe('batches', () => {
  test('calls of one tick are one batch: one hint, answers in order, a later call sees the earlier ones', async () => {
    const store = await open(scratchFolder());
    let hints = 0;
    store.onChange(() => (hints += 1));
    const puts = Array.from({ length: 50 }, (_, n) => store.commit(commitOf([absent(`r${n}`)], [put(`r${n}`, { value: n })])));
    const seen = store.list({ kind: 'run', limit: 100 });
    expect(new Set((await Promise.all(puts)).map(({ kind }) => kind))).toEqual(new Set(['done']));
    expect((await seen).records).toHaveLength(50);
    await new Promise((resolve) => setImmediate(resolve));
    expect(hints).toBe(1);
  });

  test('a hint names the kinds that may be claimable, and none for what its holder keeps', async () => {
    const store = await open(scratchFolder());
    const heard: string[][] = [];
    store.onChange((due) => heard.push([...(due?.keys() ?? [])].sort()));
    const hints = async (action: () => Promise<unknown>): Promise<readonly (readonly string[])[]> => {
      heard.length = 0;
      await action();
      await new Promise((resolve) => setImmediate(resolve));
      return [...heard];
    };
    expect(await hints(() => store.accept(webhook()))).toEqual([['inbox']]);
    expect(await hints(() => store.commit(commitOf([absent('a')], [put('a')])))).toEqual([[]]);
    expect(await hints(() => store.commit(commitOf([], [mailTo('a', 'k')])))).toEqual([['run']]);
    const { claimed } = await store.claim(runs);
    const { epoch = 0, seq = 0 } = claimed[0]?.record ?? {};
    expect(await hints(() => store.commit(commitOf([{ is: 'held', id: 'a', epoch, seq }], [put('a', { dueMs: 1 })])))).toEqual([[]]);
    // Unread mail makes it due again, and says so.
    expect(await hints(() => store.commit(commitOf([{ is: 'held', id: 'a', epoch, seq: seq + 1 }], [put('a', { release: true })])))).toEqual([['run']]);
  });

  test('a call that the database refuses is undone alone; its neighbours are stored', async () => {
    const store = await open(scratchFolder());
    const withoutHash = { n: 1, atMs: 1, type: 't', data: {}, hash: JSON.parse('null') };
    const settled = await Promise.allSettled([
      store.commit(commitOf([absent('a')], [put('a')])),
      store.commit(commitOf([absent('b')], [put('b'), { do: 'append', of: 'b', entries: [withoutHash] }])),
      store.commit(commitOf([absent('c')], [put('c')])),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(settled[1]).toMatchObject({ reason: { code: 'internal' } });
    expect((await store.list({ kind: 'run', limit: 9 })).records.map(({ id }) => id)).toEqual(['a', 'c']);
    expect((await store.check()).problems).toEqual([]);
  });

  test('a listener that throws is logged, and keeps nobody else from hearing', async () => {
    const said: string[] = [];
    const store = await open(scratchFolder(), { log: { ...silentLog, error: (name) => said.push(name) } });
    let heard = 0;
    store.onChange(() => {
      throw new Error('not mine');
    });
    store.onChange(() => (heard += 1));
    await store.accept(webhook());
    expect(await eventually(async () => heard === 1)).toBe(true);
    expect(said).toEqual(['store.listener-failed']);
  });
});

describe('the file', () => {
  test('its log is moved into it in idle moments, and at once above its limit', async () => {
    const path = scratchFolder();
    const store = await open(path, { limits: { walBytes: 400_000 } });
    const body = JSON.stringify('x'.repeat(2000));
    for (let n = 0; n < 30; n += 1) await Promise.all(Array.from({ length: 40 }, () => store.accept(webhook({ body }))));
    const log = statSync(join(path, 'salvor.db-wal')).size;
    expect(log).toBeLessThan(1_500_000);
    expect(statSync(join(path, 'salvor.db')).size).toBeGreaterThan(1_500_000);
    expect(await eventually(async () => statSync(join(path, 'salvor.db')).size > 2_600_000)).toBe(true);
  });

  test('a backup taken under load is whole, and opens as a store', async () => {
    const path = scratchFolder();
    const store = await open(path);
    await Promise.all(Array.from({ length: 500 }, () => store.accept(webhook({ body: JSON.stringify('x'.repeat(2000)) }))));
    const target = join(scratchFolder(), 'salvor.db');
    let made = false;
    const backup = store.backup(target).finally(() => (made = true));
    let during = 0;
    while (!made) {
      await store.accept(webhook());
      during += 1;
    }
    const { sizeBytes } = await backup;
    expect(sizeBytes).toBe(statSync(target).size);
    expect(existsSync(`${target}.partial`)).toBe(false);
    expect(during).toBeGreaterThan(0);

    const copy = await open(join(target, '..'));
    expect(await copy.check()).toEqual({ ok: true, problems: [] });
    const kept = (await copy.list({ kind: 'inbox', limit: 5000 })).records.length;
    expect(kept).toBeGreaterThanOrEqual(500);
    expect(kept).toBeLessThanOrEqual(500 + during);
  });

  test('a backup is for its owner alone, replaces an older one, and never lies in the folder of the store', async () => {
    const path = scratchFolder();
    const store = await open(path);
    const target = join(scratchFolder(), 'copy.db');
    writeFileSync(target, '');
    await store.backup(target);
    await store.backup(target);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readFileSync(target).subarray(0, 15).toString()).toBe('SQLite format 3');
    for (const inside of ['salvor.db', 'copy.db']) {
      await expect(store.backup(join(path, inside))).rejects.toMatchObject({ code: 'request.invalid', message: expect.stringContaining('own folder') });
    }
    expect(existsSync(join(path, 'copy.db'))).toBe(false);
    await store.accept(webhook());
    expect((await store.check()).ok).toBe(true);
  });

  test('a backup is never written over a file that is something else', async () => {
    const store = await open(scratchFolder());
    const target = join(scratchFolder(), 'salvor.yaml');
    writeFileSync(target, 'clusters: []');
    await expect(store.backup(target)).rejects.toMatchObject({ code: 'request.invalid', message: expect.stringContaining('no copy of a store') });
    expect(readFileSync(target, 'utf8')).toBe('clusters: []');
  });

  test('a backup that cannot be written is said so, and the store goes on', async () => {
    const store = await open(scratchFolder());
    await expect(store.backup('/nowhere/at/all.db')).rejects.toMatchObject({
      code: 'store.unavailable',
      message: expect.stringContaining('/nowhere/at/all.db'),
    });
    await store.accept(webhook());
  });

  test('when it can grow no more, accepts are refused, reads and deletes work, and with space it goes on', async () => {
    const said: string[] = [];
    const note = (name: string): void => void said.push(name);
    const store = await open(scratchFolder(), { limits: { pages: 300 }, log: { ...silentLog, warn: note, info: note } });
    const body = JSON.stringify('x'.repeat(3000));
    const stored: string[] = [];
    const refusals: unknown[] = [];
    while (refusals.length === 0 && stored.length < 2000) {
      const settled = await Promise.allSettled([...Array.from({ length: 8 }, () => store.accept(webhook({ body }))), store.partitions()]);
      for (const one of settled) {
        if (one.status === 'rejected') refusals.push(one.reason);
        else if (typeof one.value === 'object' && 'id' in one.value) stored.push(one.value.id);
        else expect(one.value).toEqual(['inbox']);
      }
    }
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'store.full', retry: 'later' });
    expect(said).toEqual(['store.full']);
    expect((await store.list({ kind: 'inbox', limit: 5000 })).records.map(({ id }) => id).sort()).toEqual(stored.toSorted());
    expect((await store.check()).problems).toEqual([]);

    for (const id of stored.slice(0, 30)) {
      const handled = { partition: 'inbox', opId: `h-${id}`, guards: [{ is: 'seq', id, seq: 1 }] } as const;
      const moves = [
        { do: 'delete', id } as const,
        { do: 'count', id: 'ledger/pending', add: -1 } as const,
        { do: 'count', id: 'ledger/handled', add: 1 } as const,
      ];
      expect(await store.commit({ ...handled, changes: moves })).toEqual({ kind: 'done' });
    }
    const accepted = await eventually(() =>
      store.accept(webhook({ body })).then(
        () => true,
        () => false,
      ),
    );
    expect(accepted).toBe(true);
    expect(said).toContain('store.has-space-again');
    expect(await store.check()).toEqual({ ok: true, problems: [] });
  });

  test('damage that is met while it runs ends the store for good, and tells the program once', async () => {
    const path = scratchFolder();
    const store = await open(path);
    await Promise.all(Array.from({ length: 600 }, () => store.accept(webhook({ body: JSON.stringify('x'.repeat(3000)) }))));
    await store.close();
    const file = readFileSync(join(path, 'salvor.db'));
    file.fill(0xa5, 4096 * 20);
    writeFileSync(join(path, 'salvor.db'), file);

    const ended: SalvorError[] = [];
    const broken = await open(path, { onFatal: (error) => ended.push(error) });
    await expect(broken.list({ kind: 'inbox', limit: 5000 })).rejects.toMatchObject({ code: 'store.damaged', retry: 'never' });
    await expect(broken.get('inbox', 'x')).rejects.toMatchObject({ code: 'store.damaged' });
    await expect(broken.accept(webhook())).rejects.toMatchObject({ code: 'store.damaged' });
    expect(ended).toHaveLength(1);
    expect(ended[0]?.message).toMatch(/is damaged.*backup/);
    await broken.close();
  });

  test('the check finds a damaged page and a lost row', async () => {
    const path = scratchFolder();
    const store = await open(path);
    await store.commit({ partition: P, opId: 'a', guards: [absent('a')], changes: [put('a', { indexed: { state: 'x' } })] });
    await store.close();
    const sqlite = new Sqlite(join(path, 'salvor.db'));
    sqlite.run('DELETE FROM record');
    sqlite.close();
    const { ok, problems } = await (await open(path)).check();
    expect(ok).toBe(false);
    expect(problems).toEqual(['1 indexed fields belong to no record']);
  });
});
