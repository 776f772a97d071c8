/**
 * The store alone, in this process, without a server around it: how many webhooks of 891 bytes it makes durable from 64 callers that each wait for
 * their answer, and how many steps of runs it commits (a record under its seq, and a line of its journal). Beside it the least that durable means:
 * appending to a file and fdatasync, for all that came meanwhile at once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/port/clock.ts';
import { systemIds } from '../../src/port/ids.ts';
import { silentLog } from '../../src/port/log.ts';
import type { Store } from '../../src/port/store.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { openRedis } from '../../src/store/redis.ts';
import { SAFE } from '../../test/redis/server.ts';
import { oneServer } from '../../test/redis/sites.ts';
import { inside, type Scope } from '../scope.ts';
import { quantile } from '../table.ts';
import { type Figures, inTurns, type Subject, type Work } from '../work.ts';

const WRITERS = 64;
const BODY = 'x'.repeat(891);
const FLOOR = 'fdatasync';

type Call = (writer: number, turn: number) => Promise<unknown>;
type Calls = { readonly accept: Call; readonly commit: Call };

export const append: Work = {
  name: 'append',
  about: `The store alone, ${WRITERS} callers that each wait for their answer, beside appending to a file with fdatasync for all that came meanwhile.`,
  floors: [FLOOR],
  lines: [
    { figure: 'accept', what: 'webhooks made durable', unit: '/s', digits: 0, floor: FLOOR },
    { figure: 'acceptP99Ms', what: 'a webhook made durable, p99', unit: 'ms', digits: 1, floor: FLOOR },
    { figure: 'commit', what: 'steps of runs committed', unit: '/s', digits: 0, floor: FLOOR },
    { figure: 'commitP99Ms', what: 'a step committed, p99', unit: 'ms', digits: 1, floor: FLOOR },
  ],
  boundS: 60,
  async open({ stores, many, scope }) {
    const ms = many(1000, 100);
    const subject = (name: string, openCalls: (own: Scope) => Promise<Calls>): Subject => [
      name,
      () => inside(scope, async (own) => both(await openCalls(own), ms)),
    ];
    return inTurns([
      subject(FLOOR, openFile),
      ...(stores.includes('embedded') ? [subject('embedded', async (own) => callsOf(await embedded(own)))] : []),
      ...(stores.includes('redis')
        ? [
            subject('redis', async (own) => callsOf(await redis(own, SAFE))),
            subject('redis, everysec', async (own) => callsOf(await redis(own, [...SAFE, '--appendfsync', 'everysec']))),
          ]
        : []),
    ]);
  },
};

async function both({ accept, commit }: Calls, ms: number): Promise<Figures> {
  const [accepts, commits] = [await loop(accept, ms), await loop(commit, ms)];
  return { accept: accepts.perSecond, acceptP99Ms: accepts.p99Ms, commit: commits.perSecond, commitP99Ms: commits.p99Ms };
}

/** Each writer calls again as soon as it was answered, for so long. */
async function loop(call: Call, ms: number): Promise<{ readonly perSecond: number; readonly p99Ms: number }> {
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  const write = async (_: unknown, writer: number): Promise<void> => {
    for (let turn = 0; performance.now() < startedMs + ms; turn += 1) {
      const beganMs = performance.now();
      await call(writer, turn);
      latenciesMs.push(performance.now() - beganMs);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return { perSecond: (latenciesMs.length / (performance.now() - startedMs)) * 1000, p99Ms: quantile(latenciesMs, 0.99) };
}

async function openFile(scope: Scope): Promise<Calls> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-append-'));
  const file = await open(join(folder, 'file'), 'a');
  scope.onClose(async () => {
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const waiting: (() => void)[] = [];
  let isWriting = false;
  const write = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0);
      await file.appendFile(BODY.repeat(batch.length));
      await file.datasync();
      for (const done of batch) done();
    }
    isWriting = false;
  };
  const call = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (!isWriting) queueMicrotask(() => void (isWriting || write()));
    });
  return { accept: call, commit: call };
}

const UNBOUNDED = { inbox: Number.MAX_SAFE_INTEGER };

async function embedded(scope: Scope): Promise<Store> {
  const path = mkdtempSync(join(tmpdir(), 'salvor-bench-'));
  const store = await openEmbedded({ path, clock: systemClock, log: silentLog, limits: UNBOUNDED });
  scope.onClose(async () => {
    await store.close();
    rmSync(path, { recursive: true, force: true });
  });
  return store;
}

async function redis(scope: Scope, args: readonly string[]): Promise<Store> {
  const { place, end } = await oneServer({ args });
  scope.onClose(end);
  const store = await openRedis({ place, prefix: 'bench', clock: systemClock, ids: systemIds, log: silentLog, limits: UNBOUNDED });
  scope.onClose(() => store.close());
  return store;
}

function callsOf(store: Store): Calls {
  const value = { state: 'executing', plan: 'x'.repeat(600) };
  return {
    accept: () => store.accept({ sender: 'prod', clusters: ['prod'], receivedMs: 0, body: BODY, alerts: 1 }),
    async commit(writer, turn) {
      const id = `prod/run-${writer}`;
      const guard = turn === 0 ? ({ is: 'absent', id } as const) : ({ is: 'seq', id, seq: turn } as const);
      const entry = { n: turn + 1, atMs: 0, type: 'step.done', data: { text: 'x'.repeat(200) }, hash: 'h'.repeat(64) };
      const changes = [
        { do: 'put', id, kind: 'run', indexed: { state: 'executing' }, value },
        { do: 'append', of: id, entries: [entry] },
      ] as const;
      const { kind } = await store.commit({ partition: 'prod', opId: `${writer}-${turn}`, guards: [guard], changes });
      if (kind !== 'done') throw new Error(`commit ${writer}-${turn} was ${kind}`);
    },
  };
}
