import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { clientOf } from '../../src/store/redis/connect.ts';
import { Link } from '../../src/store/redis/link.ts';
import { openRedis, type RedisPlace } from '../../src/store/redis.ts';
import { absent, commitOf, P, put } from '../contract/store/drivers.ts';
import { type Outcome, underLoad, wordsOf } from './load.ts';
import { askServer, eventually } from './server.ts';
import { cluster, type SentinelSite, type Site, withSentinels } from './sites.ts';

/** Faults of Redis itself, with replicas waited for: 0 acknowledged lost, 0 done twice. */
const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

let prefixes = 0;
async function open(place: RedisPlace, replicas = 1): Promise<Store> {
  prefixes += 1;
  const wait = { replicas, timeoutMs: 500 };
  const store = await openRedis({ place, prefix: `f${prefixes}`, clock: systemClock, ids: systemIds, log: silentLog, wait });
  opened.push(store);
  return store;
}

/** Nothing lost, nothing twice; the figures are for whoever reads the suite's output. */
function tell(what: string, outcome: Outcome): void {
  console.log(wordsOf(what, outcome));
  expect(outcome).toMatchObject({ lost: 0, twice: 0, wrong: [] });
  expect(outcome.commits, what).toBeGreaterThan(100);
}

describe('Redis with Sentinels', { timeout: 90_000 }, () => {
  let site: SentinelSite;
  beforeAll(async () => {
    site = await withSentinels();
  });
  afterAll(() => site.end());

  const newPrimary = async (old: number): Promise<void> => {
    await eventually(async () => (await site.primary()).port !== old, 'another primary');
  };
  const inStep = async (): Promise<void> => {
    await eventually(async () => {
      const primary = await site.primary();
      const info = String(await askServer(primary.port, 'info', 'replication'));
      return info.includes('role:master') && [...info.matchAll(/state=online/g)].length === 2;
    }, 'both replicas');
  };

  test('kill -9 of the primary', async () => {
    const primary = await site.primary();
    const outcome = await underLoad(await open(site.place), async () => {
      await primary.kill();
      await newPrimary(primary.port);
    });
    tell('kill -9 of the primary', outcome);
    expect(outcome.longestMs).toBeLessThan(15_000);
    await primary.start();
    await inStep();
  });

  // The old primary goes on for a moment, with the replica that was not promoted: only a write that both replicas have is on the new one.
  test('a failover that somebody asks for', async () => {
    const primary = await site.primary();
    const outcome = await underLoad(await open(site.place, 2), async () => {
      await askServer(site.sentinels[1]?.port ?? 0, 'sentinel', 'failover', 'store');
      await newPrimary(primary.port);
    });
    tell('manual failover', outcome);
    // Sentinel takes its time to make the old primary a replica, and until then one is missing.
    expect(outcome.longestMs).toBeLessThan(30_000);
    await inStep();
  });

  // ioredis ends such a connection, and nothing in it would ever make it again.
  test('a connection that is told to leave while it looks for the primary comes back, and hears what it heard', async () => {
    const [link, other] = [0, 1].map(() => new Link({ client: clientOf(site.place), clock: systemClock, log: silentLog, where: 'store' }));
    if (link === undefined || other === undefined) throw new Error('no connections');
    const { client } = link;
    const heard: string[] = [];
    try {
      await Promise.all([link.connect(), other.connect()]);
      await link.subscribe('news', (message) => heard.push(message));
      const ended = new Promise<void>((resolve) => void client.once('end', resolve));
      client.once('connecting', () => client.disconnect(true));
      client.disconnect(true);
      await ended;
      await expect(link.ask('get', 'whatever')).resolves.toBeNull();
      await eventually(async () => (await other.listeners('news')) === 1, 'a listener');
      other.publish('news', 'it is back');
      await eventually(async () => heard.includes('it is back'), 'news');
    } finally {
      await Promise.all([link.close(), other.close()]);
    }
  });

  test('a primary that is cut off for 6 s, and comes back thinking that it still is one', async () => {
    const primary = await site.primary();
    const outcome = await underLoad(await open(site.place), async () => {
      primary.pause();
      await sleep(systemClock, 6000);
      primary.resume();
      await newPrimary(primary.port);
    });
    tell('6 s partition of the primary', outcome);
    expect(outcome.longestMs).toBeLessThan(15_000);
    await inStep();
  });

  test('a primary without replicas acknowledges nothing that only it has; when they are back, a repeat is recognized', async () => {
    const primary = await site.primary();
    const store = await open(site.place);
    const replicas = site.servers.filter(({ port }) => port !== primary.port);
    const commit = commitOf([absent('alone')], [put('alone'), { do: 'append', of: 'alone', entries: [{ n: 1, atMs: 1, type: 't', data: {}, hash: 'h' }] }]);
    for (const replica of replicas) replica.pause();
    try {
      await expect(store.commit(commit)).rejects.toMatchObject({
        code: 'store.unavailable',
        retry: 'later',
        message: expect.stringContaining('0 of 1 replicas'),
      });
    } finally {
      for (const replica of replicas) replica.resume();
    }
    await inStep();
    expect(await store.commit(commit)).toEqual({ kind: 'done' });
    expect(await store.get(P, 'alone')).toMatchObject({ seq: 1 });
    // What was acknowledged is on a replica, the part that was written before it was one included.
    for (const replica of replicas) {
      await eventually(async () => (await askServer(replica.port, 'hget', `f${prefixes}:{${P}}:r:alone`, 'seq')) === '1', 'the record on a replica');
    }
  });
});

describe('a Redis Cluster', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await cluster({ replicas: 1 });
  });
  afterAll(() => site.end());

  test('kill -9 of a primary: its partitions wait for its replica, the others go on', async () => {
    const [primary] = site.servers;
    const outcome = await underLoad(
      await open(site.place),
      async () => {
        await primary?.kill();
        await eventually(async () => {
          const info = String(await askServer(site.servers[1]?.port ?? 0, 'cluster', 'nodes'));
          return info.split('\n').some((line) => line.includes(`:${primary?.port}@`) && line.includes('fail') && !/\d+-\d+$/.test(line.trim()));
        }, 'the replica in place of its primary');
        // One replica is waited for, and the only one is a primary now.
        await primary?.start();
      },
      { afterMs: 3000 },
    );
    tell('kill -9 of a primary of the cluster', outcome);
    expect(outcome.longestMs).toBeLessThan(15_000);
  });
});
