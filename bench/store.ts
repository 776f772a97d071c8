/**
 * The stores on this machine's disk: `node bench/store.ts [rounds] [seconds]`. Prints one table, the drivers of each row in turn.
 * Each row is a closed loop of writers; the rate is of all writers, the latency of one call as its caller sees it. Redis runs beside it, where
 * `redis-server` is installed (scripts/install-redis.sh).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/port/clock.ts';
import { systemIds } from '../src/port/ids.ts';
import { silentLog } from '../src/port/log.ts';
import type { Store } from '../src/port/store.ts';
import { openEmbedded } from '../src/store/embedded.ts';
import { openRedis } from '../src/store/redis.ts';
import { isInstalled, SAFE } from '../test/redis/server.ts';
import { oneServer } from '../test/redis/sites.ts';
import { machineLine } from './table.ts';

/** One call of a loop; `writer` and `turn` make its names unique. */
type Work = (store: Store, writer: number, turn: number) => Promise<unknown>;
type Row = { readonly name: string; readonly writers: number; readonly work: Work };
type Round = { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };

const ALERT_BYTES = 891;
const webhook = { sender: 'prod', clusters: ['prod'], receivedMs: 0, body: 'x'.repeat(ALERT_BYTES), alerts: 1 };
const value = { state: 'executing', plan: 'x'.repeat(600) };

const accept: Work = (store) => store.accept(webhook);

/** A run's step: the record under its seq, and one entry of its journal. */
const commit: Work = async (store, writer, turn) => {
  const id = `prod/run-${writer}`;
  const guard = turn === 0 ? ({ is: 'absent', id } as const) : ({ is: 'seq', id, seq: turn } as const);
  const entry = { n: turn + 1, atMs: 0, type: 'step.done', data: { text: 'x'.repeat(200) }, hash: 'h'.repeat(64) };
  const changes = [
    { do: 'put', id, kind: 'run', indexed: { state: 'executing' }, value },
    { do: 'append', of: id, entries: [entry] },
  ] as const;
  const { kind } = await store.commit({ partition: 'prod', opId: `${writer}-${turn}`, guards: [guard], changes });
  if (kind !== 'done') throw new Error(`commit ${writer}-${turn} was ${kind}`);
};

/** What a driver of runs does all day: make due, claim, write, release. */
const cycle: Work = async (store, writer, turn) => {
  const id = `lane/${writer}`;
  const put = { do: 'put', id, kind: 'lane', dueMs: 1, value } as const;
  if (turn === 0) await store.commit({ partition: 'prod', opId: `make-${writer}`, guards: [{ is: 'absent', id }], changes: [put] });
  const { claimed } = await store.claim({ kinds: ['lane'], owner: `w${writer}`, limit: 1, leaseMs: 60_000 });
  for (const { record } of claimed) {
    const guards = [{ is: 'held', id: record.id, epoch: record.epoch, seq: record.seq }] as const;
    const { kind } = await store.commit({ partition: 'prod', opId: `${writer}-${turn}`, guards, changes: [{ ...put, id: record.id, release: true }] });
    if (kind !== 'done') throw new Error(`release of ${record.id} was ${kind}`);
  }
};

const rows: readonly Row[] = [
  { name: 'accept', writers: 1, work: accept },
  { name: 'accept', writers: 64, work: accept },
  { name: 'accept', writers: 256, work: accept },
  { name: 'commit (put + append)', writers: 1, work: commit },
  { name: 'commit (put + append)', writers: 64, work: commit },
  { name: 'claim + commit', writers: 1, work: cycle },
  { name: 'claim + commit', writers: 16, work: cycle },
];

type Opened = { readonly store: Store; readonly close: () => Promise<void> };
type Driver = { readonly name: string; readonly open: () => Promise<Opened> };

const UNBOUNDED = { inbox: Number.MAX_SAFE_INTEGER };

const embedded: Driver = {
  name: 'embedded',
  async open() {
    const path = mkdtempSync(join(tmpdir(), 'salvor-bench-'));
    const store = await openEmbedded({ path, clock: systemClock, log: silentLog, limits: UNBOUNDED });
    return {
      store,
      async close() {
        await store.close();
        rmSync(path, { recursive: true, force: true });
      },
    };
  },
};

function redis(appendfsync: 'everysec' | 'always'): Driver {
  return {
    name: `redis, ${appendfsync}`,
    async open() {
      const { place, end } = await oneServer({ args: [...SAFE, '--appendfsync', appendfsync] });
      const store = await openRedis({ place, prefix: 'bench', clock: systemClock, ids: systemIds, log: silentLog, limits: UNBOUNDED });
      return {
        store,
        async close() {
          await store.close();
          await end();
        },
      };
    },
  };
}

async function measure(driver: Driver, row: Row, seconds: number): Promise<Round> {
  const { store, close } = await driver.open();
  try {
    const latenciesMs: number[] = [];
    const startMs = systemClock.monotonicMs();
    const endMs = startMs + seconds * 1000;
    const loop = async (_: unknown, writer: number): Promise<void> => {
      for (let turn = 0; systemClock.monotonicMs() < endMs; turn += 1) {
        const beganMs = systemClock.monotonicMs();
        await row.work(store, writer, turn);
        latenciesMs.push(systemClock.monotonicMs() - beganMs);
      }
    };
    await Promise.all(Array.from({ length: row.writers }, loop));
    const tookMs = systemClock.monotonicMs() - startMs;
    latenciesMs.sort((a, b) => a - b);
    const quantile = (part: number): number => latenciesMs[Math.floor(latenciesMs.length * part)] ?? 0;
    return { perSecond: (latenciesMs.length / tookMs) * 1000, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
  } finally {
    await close();
  }
}

function range(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)}..${Math.max(...values).toFixed(digits)}`;
}

const [rounds = 5, seconds = 2] = process.argv.slice(2).map(Number);
const drivers = [embedded, ...(isInstalled('redis-server') ? [redis('everysec'), redis('always')] : [])];
if (drivers.length === 1) console.log('redis-server is not installed here: only the embedded store is measured');
console.log(`${rounds} rounds of ${seconds} s, min..max\n${machineLine()}\n`);
console.log('| call | writers | store | calls/s | p50 ms | p99 ms |');
console.log('|---|---|---|---|---|---|');
for (const row of rows) {
  const seen = new Map<string, Round[]>(drivers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) for (const driver of drivers) seen.get(driver.name)?.push(await measure(driver, row, seconds));
  for (const [name, one] of seen) {
    const [rate, p50, p99] = [one.map((round) => round.perSecond), one.map((round) => round.p50Ms), one.map((round) => round.p99Ms)];
    console.log(`| ${row.name} | ${row.writers} | ${name} | ${range(rate, 0)} | ${range(p50, 2)} | ${range(p99, 2)} |`);
  }
}
console.log(`memory at the end: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident`);
