import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import type { Log } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { openRedis, type RedisPlace, type RedisStoreOptions } from '../../src/store/redis.ts';
import { absent, commitOf, P, put, webhook } from '../contract/store/drivers.ts';
import { askServer, eventually, SAFE, type Server, startServer } from './server.ts';

/** What the store asks of a Redis before it trusts it, and what it does when Redis says no. */
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(args: readonly string[] = SAFE): Promise<Server> {
  const started = await startServer(args);
  endings.push(() => started.end());
  return started;
}

const placeOf = ({ port }: Server, more: Partial<RedisPlace> = {}): RedisPlace =>
  ({ kind: 'redis', url: `redis://127.0.0.1:${port}`, tls: false, protocol: 3, ...more }) as RedisPlace;

const lines: string[] = [];
const note = (name: string, facts: object = {}): void => void lines.push(`${name} ${JSON.stringify(facts)}`);
const log: Log = { debug: note, info: note, warn: note, error: note };

async function open(place: RedisPlace, more: Partial<RedisStoreOptions> = {}): Promise<Store> {
  lines.splice(0);
  const store = await openRedis({ place, prefix: 'safe', clock: systemClock, ids: systemIds, log, ...more });
  endings.push(() => store.close());
  return store;
}

describe('opening', { timeout: 60_000 }, () => {
  test.each([
    ['keeps no append-only file', [...SAFE, '--appendonly', 'no'], /appendonly no.*a restart loses/],
    ['evicts keys', [...SAFE, '--maxmemory-policy', 'allkeys-lru'], /maxmemory-policy allkeys-lru.*would vanish/],
    ['hides its settings', [...SAFE, '--rename-command', 'CONFIG', ''], /settings cannot be read/],
  ])('a Redis that %s is refused with what to do; allowed by name, it is said again and again', async (_, args, reason) => {
    const place = placeOf(await server(args));
    await expect(open(place)).rejects.toMatchObject({ code: 'store.unavailable', retry: 'never', message: expect.stringMatching(reason) });
    await expect(open(place)).rejects.toThrow('store.allowUnsafe: true');
    const told: (readonly string[])[] = [];
    const store = await open(place, { allowUnsafe: true, onUnsafe: (risks) => told.push(risks) });
    expect(told).toEqual([[expect.stringMatching(reason)]]);
    expect(lines.join('\n')).toMatch(/store\.unsafe .*"risk"/);
    await store.accept(webhook());
  });

  test.each([
    ['everysec', /"loss":"it answers before it writes.*last two seconds.*appendfsync always keeps them/],
    ['no', /"loss":"it leaves it to the system.*half a minute/],
  ])('a Redis that syncs its file later (%s) is taken, and the log says what its death may cost', async (sync, loss) => {
    await open(placeOf(await server([...SAFE, '--appendfsync', sync])));
    expect(lines.filter((line) => line.startsWith('store.may-lose'))).toEqual([expect.stringMatching(loss)]);
    await open(placeOf(await server()));
    expect(lines.filter((line) => line.startsWith('store.may-lose'))).toEqual([]);
  });

  test('a wrong password is refused at once, and is in no sentence', async () => {
    const { port } = await server([...SAFE, '--requirepass', 'right-secret']);
    await expect(open(placeOf({ port } as Server))).rejects.toThrow('set store.password');
    const wrong = open(placeOf({ port } as Server, { password: 'wrong-secret' }));
    await expect(wrong).rejects.toThrow('store.username and store.password');
    await expect(wrong).rejects.not.toThrow('wrong-secret');
    await (await open(placeOf({ port } as Server, { password: 'right-secret' }))).accept(webhook());
    expect(lines.join('\n')).not.toContain('secret');
  });

  test('a user with no more rights than the papers name can do all of it', async () => {
    const started = await server();
    const rights = ['~safe:*', '&safe:*', '+@all', '-@dangerous', '+info', '+config|get'];
    await askServer(started.port, 'acl', 'setuser', 'salvor', 'on', '>secret', ...rights);
    const store = await open(placeOf(started, { username: 'salvor', password: 'secret' }));
    const { id } = await store.accept(webhook());
    await store.commit(commitOf([absent('a')], [put('a', { dueMs: 1, indexed: { state: 'x' } })]));
    const { claimed } = await store.claim({ kinds: ['run', 'inbox'], owner: 'me', limit: 5, leaseMs: 1000 });
    expect(claimed.map(({ record }) => record.id).toSorted()).toEqual(['a', id]);
    expect((await store.check()).problems).toEqual([]);
    await store.backup(join(started.folder, 'copy'));
    await expect(
      openRedis({ place: placeOf(started, { username: 'salvor', password: 'secret' }), prefix: 'other', clock: systemClock, ids: systemIds, log }),
    ).rejects.toThrow('under the prefix');
  });

  test('speaks TLS to a server whose authority it is told, and to no other', async () => {
    const started = await startServer([...SAFE, '--tls-auth-clients', 'no'], { tls: true, settings: withCertificate });
    endings.push(() => started.end());
    const place = placeOf(started, { tls: true, ca: join(started.folder, 'cert.pem') });
    await (await open(place)).accept(webhook());
    await expect(open(placeOf(started, { tls: true }))).rejects.toThrow(/not trusted \(self-signed certificate.*store\.ca/);
  });
});

function withCertificate(folder: string): string {
  const [key, cert, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem'), join(folder, 'redis.conf')];
  const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...subject], { stdio: 'ignore' });
  writeFileSync(file, `tls-cert-file ${cert}\ntls-key-file ${key}\ntls-ca-cert-file ${cert}\n`);
  return file;
}

describe('when Redis says no', { timeout: 60_000 }, () => {
  test('its memory is full: refused as full, nothing half done, and it goes on when there is room', async () => {
    const started = await server([...SAFE, '--maxmemory', '16mb']);
    const store = await open(placeOf(started));
    const body = 'x'.repeat(500_000);
    let accepted = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await store.accept(webhook({ body }));
        accepted += 1;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'store.full', retry: 'later' });
    expect(accepted).toBeGreaterThan(3);
    const writes = [put('a', { value: body }), { do: 'count', id: 'n', add: 1 }] as const;
    await expect(store.commit(commitOf([absent('a')], writes))).rejects.toMatchObject({ code: 'store.full' });
    expect([await store.get(P, 'a'), await store.counts(P, ['n'])]).toEqual([undefined, [0]]);
    expect(await store.counts('inbox', ['ledger/accepted'])).toEqual([accepted]);
    await askServer(started.port, 'config', 'set', 'maxmemory', '64mb');
    expect(await store.commit(commitOf([absent('a')], writes))).toEqual({ kind: 'done' });
    expect(await store.check()).toEqual({ ok: true, problems: [] });
  });

  test('SCRIPT FLUSH and a restart cost nothing that was stored', async () => {
    const started = await server();
    const store = await open(placeOf(started), { wait: { replicas: 0, timeoutMs: 0 } });
    await store.commit(commitOf([absent('a')], [put('a')]));
    await askServer(started.port, 'script', 'flush');
    expect(await store.commit(commitOf([{ is: 'seq', id: 'a', seq: 1 }], [put('a')]))).toEqual({ kind: 'done' });
    await started.kill();
    const waiting = store.commit(commitOf([{ is: 'seq', id: 'a', seq: 2 }], [put('a')]));
    await started.start();
    expect(await waiting).toEqual({ kind: 'done' });
    expect((await store.get(P, 'a'))?.seq).toBe(3);
  });

  test('while it is away calls are refused: the first ones after some seconds, the later ones at once', async () => {
    const started = await server();
    const store = await open(placeOf(started));
    await started.kill();
    const tookMs = async (): Promise<number> => {
      const beganMs = systemClock.monotonicMs();
      await expect(store.accept(webhook())).rejects.toMatchObject({ code: 'store.unavailable', retry: 'later' });
      return systemClock.monotonicMs() - beganMs;
    };
    expect(await tookMs()).toBeGreaterThan(2000);
    expect(await tookMs()).toBeLessThan(500);
    await expect(store.get(P, 'a')).rejects.toThrow(`127.0.0.1:${started.port}`);
    await started.start();
    await eventually(async () => (await store.accept(webhook())).id !== '', 'an accept');
    expect(lines.join('\n')).toMatch(/store\.no-answer .*ECONNREFUSED[^]*store\.answers-again/);
  });

  const write = commitOf([absent('a')], [put('a'), { do: 'count', id: 'n', add: 1 }]);

  /** As long as Redis says no: nothing is taken, in words, and nothing is half done. Then the same commit is done; the answer says how often. */
  async function refusedUntil(store: Store, reason: RegExp, over: () => Promise<unknown>): Promise<number | undefined> {
    const refusal = { code: 'store.unavailable', retry: 'later', message: expect.stringMatching(reason) };
    await Promise.all([expect(store.accept(webhook())).rejects.toMatchObject(refusal), expect(store.commit(write)).rejects.toMatchObject(refusal)]);
    await over();
    await eventually(async () => (await store.counts('inbox', ['ledger/accepted']))[0] === 0, 'an answer');
    expect(await store.get(P, 'a')).toBeUndefined();
    expect(await store.commit(write)).toEqual({ kind: 'done' });
    expect(await store.commit(write)).toEqual({ kind: 'done' });
    expect(await store.counts(P, ['n'])).toEqual([1]);
    expect(await store.check()).toEqual({ ok: true, problems: [] });
    return (await store.get(P, 'a'))?.seq;
  }

  test('it lost its primary (MASTERDOWN)', async () => {
    const started = await server([...SAFE, '--replica-serve-stale-data', 'no']);
    const store = await open(placeOf(started));
    // Nobody listens there.
    await askServer(started.port, 'replicaof', '127.0.0.1', '1');
    expect(await refusedUntil(store, /lost its primary|is a replica now|gives no answer/, () => askServer(started.port, 'replicaof', 'no', 'one'))).toBe(1);
  });

  test('it reads its data back after a start (LOADING)', async () => {
    const started = await server([...SAFE, '--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024']);
    const store = await open(placeOf(started));
    const filler = Array.from({ length: 1200 }, (_, at) => [`filler:${at}`, 'x'.repeat(100)]).flat();
    await askServer(started.port, 'mset', ...filler);
    // Keys of a snapshot take their time when they are read back.
    await askServer(started.port, 'bgrewriteaof');
    await eventually(
      async () => /aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/.test(String(await askServer(started.port, 'info', 'persistence'))),
      'a snapshot',
    );
    await started.kill();
    await started.start();
    const isRead = (): Promise<void> => eventually(async () => (await askServer(started.port, 'ping')) === 'PONG', 'the end of it');
    expect(await refusedUntil(store, /reads its data back|gives no answer/, isRead)).toBe(1);
  });

  test('a primary that became a replica is left, and its refusals are nobody’s loss', async () => {
    const [started, other] = [await server(), await server()];
    const store = await open(placeOf(started));
    await askServer(started.port, 'replicaof', '127.0.0.1', other.port);
    const waiting = store.commit(commitOf([absent('a')], [put('a')]));
    await eventually(async () => String(await askServer(started.port, 'role')).startsWith('slave'), 'the new role');
    await askServer(started.port, 'replicaof', 'no', 'one');
    expect(await waiting).toEqual({ kind: 'done' });
  });
});

test('what one replica of Salvor stores, another hears of soon, and it takes a dead one’s leases when they are past', { timeout: 30_000 }, async () => {
  const started = await server();
  const [one, two] = [await open(placeOf(started)), await open(placeOf(started))];
  const heard: (ReadonlyMap<string, number> | undefined)[] = [];
  two.onChange((due) => heard.push(due));
  await one.commit(commitOf([absent('a')], [put('a', { dueMs: 1 })]));
  await eventually(async () => heard.some((due) => due?.has('run') === true), 'the hint', 2000);

  expect((await one.claim({ kinds: ['run'], owner: 'one', limit: 1, leaseMs: 300 })).claimed).toHaveLength(1);
  const refused = await two.claim({ kinds: ['run'], owner: 'two', limit: 1, leaseMs: 300 });
  expect(refused.claimed).toEqual([]);
  expect(refused.nextMs).toBeGreaterThan(systemClock.nowMs() - 1000);
  await eventually(async () => (await two.claim({ kinds: ['run'], owner: 'two', limit: 1, leaseMs: 300 })).claimed[0]?.record.epoch === 2, 'the lease', 5000);
  // The first one comes back and knows nothing of it.
  expect(await one.commit(commitOf([{ is: 'held', id: 'a', epoch: 1, seq: 1 }], [put('a')]))).toMatchObject({ kind: 'fenced' });
});
