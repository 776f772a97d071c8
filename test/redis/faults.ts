import { sleep, systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import { openRedis, type RedisPlace } from '../../src/store/redis.ts';
import { type Outcome, underLoad } from './load.ts';
import { lossyProxy } from './proxy.ts';
import { askServer, eventually, SAFE, type Server } from './server.ts';
import { oneServer, type SentinelSite, withSentinels } from './sites.ts';

/** Where one fault strikes again and again. */
type Ground = {
  readonly place: RedisPlace;
  /** Replicas that a write waits for. */
  readonly replicas?: number;
  /** Answers when the fault is over, or somebody else does the work. */
  readonly strike: () => Promise<void>;
  /** Makes it as it was, for the next round. */
  readonly mend?: () => Promise<void>;
  readonly end: () => Promise<void>;
};

export type RedisFault = {
  readonly name: string;
  /** Redis itself may lose here what it acknowledged: `docs/operating.md` says so. */
  readonly mayLose?: true;
  readonly open: () => Promise<Ground>;
};

const pause = (ms: number): Promise<void> => sleep(systemClock, ms);

/** One server, and what happens to it. `args`: beside a safe server's own. */
const onOne = (name: string, strike: (server: Server) => Promise<void>, args: readonly string[] = []): RedisFault => ({
  name,
  async open() {
    const site = await oneServer({ args: [...SAFE, ...args] });
    const [server] = site.servers;
    if (server === undefined) throw new Error('no server');
    return { place: site.place, strike: () => strike(server), end: site.end };
  },
});

/** A primary, two replicas and three Sentinels; `strike` ends the time of the primary. */
const onSentinels = (
  name: string,
  {
    replicas,
    strike,
    mend,
  }: { readonly replicas: number; readonly strike: (site: SentinelSite, primary: Server) => Promise<void>; readonly mend?: (struck: Server) => Promise<void> },
): RedisFault => ({
  name,
  ...(replicas === 0 ? { mayLose: true } : {}),
  async open() {
    const site = await withSentinels();
    let struck: Server | undefined;
    return {
      place: site.place,
      replicas,
      async strike() {
        const primary = await site.primary();
        struck = primary;
        await strike(site, primary);
        await eventually(() => isElsewhere(site, primary), 'another primary');
      },
      async mend() {
        if (struck !== undefined) await mend?.(struck);
        await inStep(site);
      },
      end: site.end,
    };
  },
});

/** Until one is the primary, and both others follow it. */
async function inStep(site: SentinelSite): Promise<void> {
  await eventually(
    async () => {
      const primary = await site.primary();
      const info = String(await askServer(primary.port, 'info', 'replication'));
      return info.includes('role:master') && [...info.matchAll(/state=online/g)].length === 2;
    },
    'both replicas',
    60_000,
  );
}

/** Sentinel gives a failover up that takes it too long, as on a busy machine: then it is asked again. */
const failover = async (site: SentinelSite, primary: Server): Promise<void> => {
  for (let times = 1; times <= MOST_ASKED; times += 1) {
    await eventually(async () => (await askServer(site.sentinels[1]?.port ?? 0, 'sentinel', 'failover', 'store')) === 'OK', 'a failover');
    const hasMoved = await eventually(() => isElsewhere(site, primary), 'another primary', GIVEN_UP_MS).then(
      () => true,
      () => false,
    );
    if (hasMoved) return;
  }
};
const MOST_ASKED = 3;
const GIVEN_UP_MS = 15_000;
const isElsewhere = async (site: SentinelSite, { port }: Server): Promise<boolean> => (await site.primary()).port !== port;
const start = (server: Server): Promise<void> => server.start();

const killed = async (server: Server): Promise<void> => {
  await server.kill();
  await pause(200);
  await server.start();
};

/** Refuses with this while it follows a server that is not there. */
const following = async ({ port }: Server, whatever: readonly string[]): Promise<void> => {
  await askServer(port, 'config', 'set', ...whatever);
  // Nobody listens there: it never gets another's data in place of its own.
  await askServer(port, 'replicaof', '127.0.0.1', '1');
  await pause(600);
  await askServer(port, 'replicaof', 'no', 'one');
};

/** Everything of Redis that can be away or say no for a while. */
export const REDIS_FAULTS: readonly RedisFault[] = [
  onOne('kill -9', killed),
  // It answers before it writes while its disk is busy.
  { ...onOne('kill -9, everysec', killed, ['--appendfsync', 'everysec']), mayLose: true },
  onOne('READONLY', (server) => following(server, ['replica-serve-stale-data', 'yes'])),
  onOne('MASTERDOWN', (server) => following(server, ['replica-serve-stale-data', 'no'])),
  onOne('OOM', async ({ port }) => {
    await askServer(port, 'config', 'set', 'maxmemory', '1');
    await pause(500);
    await askServer(port, 'config', 'set', 'maxmemory', '0');
  }),
  onOne('AOF rewrite', async ({ port }) => {
    await askServer(port, 'bgrewriteaof');
    await eventually(
      async () => /aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/.test(String(await askServer(port, 'info', 'persistence'))),
      'the rewrite',
    );
  }),
  onOne('SCRIPT FLUSH', async ({ port }) => {
    for (let times = 0; times < 20; times += 1) {
      await askServer(port, 'script', 'flush');
      await pause(20);
    }
  }),
  onOne('SAVE and a stall', async (server) => {
    await askServer(server.port, 'save');
    // As long as a snapshot of tens of gigabytes, or a disk that hangs: longer than a command is waited for.
    server.pause();
    await pause(3500);
    server.resume();
  }),
  {
    name: 'LOADING',
    open: async () => {
      // Each key takes so long to read back that it answers "LOADING" for a second or two.
      const site = await oneServer({ args: [...SAFE, '--key-load-delay', '3000', '--loading-process-events-interval-bytes', '1024'] });
      const [server] = site.servers;
      if (server === undefined) throw new Error('no server');
      const strike = async (): Promise<void> => {
        await askServer(server.port, 'bgrewriteaof');
        await eventually(
          async () => /aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/.test(String(await askServer(server.port, 'info', 'persistence'))),
          'a snapshot',
        );
        await server.kill();
        await server.start();
        await eventually(async () => (await askServer(server.port, 'ping')) === 'PONG', 'the end of loading', 60_000);
      };
      return { place: site.place, strike, mend: async () => void (await askServer(server.port, 'flushall')), end: site.end };
    },
  },
  {
    name: 'cut-off client',
    async open() {
      const site = await oneServer();
      const proxy = await lossyProxy(site.servers[0]?.port ?? 0);
      return {
        place: { kind: 'redis', url: `redis://127.0.0.1:${proxy.port}`, tls: false, protocol: 3 },
        async strike() {
          // What is asked arrives; every answer is lost, and the connection with it.
          proxy.cutEvery(1);
          await pause(1200);
          proxy.cutEvery(0);
        },
        async end() {
          await proxy.close();
          await site.end();
        },
      };
    },
  },
  onSentinels('failover, WAIT 2', { replicas: 2, strike: failover }),
  onSentinels('primary killed, WAIT 1', { replicas: 1, strike: (_, primary) => primary.kill(), mend: start }),
  onSentinels('failover, WAIT 0', { replicas: 0, strike: failover }),
  onSentinels('primary killed, WAIT 0', { replicas: 0, strike: (_, primary) => primary.kill(), mend: start }),
];

/** Lets a fault strike so often, each time under the load of a store of its own; `told` says whether to go on. */
export async function strikes({ open }: RedisFault, rounds: number, told: (round: number, outcome: Outcome) => boolean): Promise<void> {
  const ground = await open();
  try {
    let goesOn = true;
    for (let round = 1; round <= rounds && goesOn; round += 1) {
      const { place, replicas = 0 } = ground;
      const wait = { replicas, timeoutMs: 500 };
      const store = await openRedis({ place, prefix: `r${round}`, clock: systemClock, ids: systemIds, log: silentLog, wait });
      try {
        goesOn = told(round, await underLoad(store, ground.strike, { beforeMs: 300, afterMs: 500 }));
      } finally {
        await store.close();
      }
      await ground.mend?.();
    }
  } finally {
    await ground.end();
  }
}
