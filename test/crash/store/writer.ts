/**
 * The program that crash tests kill: opens the store at its first argument and writes until it ends.
 * With `small-disk` and a file to remove it then handles half of the inbox, waits for a line, removes the file and goes on.
 * With `small-log` its log is moved into the database again and again, and it ends by itself after a thousand webhooks.
 * It says on stdout, a line at a time, only what was acknowledged: `opened`, `accepted <id>`, `appended <n>`, `full`, `handled <id>`, `check <ok>`, `failed <code>`.
 */
import { once } from 'node:events';
import { rmSync, writeSync } from 'node:fs';
import { errorCode } from '../../../src/model/error.ts';
import { systemClock } from '../../../src/port/clock.ts';
import { silentLog } from '../../../src/port/log.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';

const [path = '', kind = 'both', ballast = ''] = process.argv.slice(2);
const ALERTS = 3;
const WRITERS = 16;
const ENOUGH = 1000;

/** Written at once: what is still in this process's memory would be lost with it. A full pipe refuses; then the reader is waited for. */
function say(line: string): void {
  try {
    writeSync(1, `${line}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    say(line);
  }
}

const store = await openEmbedded({
  path,
  clock: systemClock,
  log: silentLog,
  limits: { reserveBytes: 1024 * 1024, ...(kind === 'small-log' ? { walBytes: 512 * 1024 } : {}) },
  onFatal: (error) => say(`failed ${error.code}`),
}).catch((error: unknown) => {
  say(`failed ${errorCode(error)}`);
  process.exit(1);
});
say('opened');

let going = true;
let accepted = 0;
const stop = (error: unknown): void => {
  going = false;
  if (errorCode(error) === 'store.full') say('full');
};

async function accepting(): Promise<void> {
  const webhook = { sender: 'am', clusters: ['*'], receivedMs: 1, body: JSON.stringify('x'.repeat(900)), alerts: ALERTS };
  while (going) {
    await store.accept(webhook).then(({ id }) => say(`accepted ${id}`), stop);
    accepted += 1;
    if (kind === 'small-log' && accepted > ENOUGH) going = false;
  }
}

/** One run whose every step is a put and an entry, under a guard on the put before. */
async function appending(): Promise<void> {
  let seq = (await store.get('prod', 'prod/run'))?.seq ?? 0;
  while (going) {
    const n = seq + 1;
    const entry = { n, atMs: n, type: 'run.step', data: { n }, hash: `h${n}` };
    const guards = [seq === 0 ? ({ is: 'absent', id: 'prod/run' } as const) : ({ is: 'seq', id: 'prod/run', seq } as const)];
    const put = { do: 'put', id: 'prod/run', kind: 'run', value: { n } } as const;
    const changes = [put, { do: 'append', of: 'prod/run', entries: [entry] } as const, { do: 'count', id: 'steps', add: 1 } as const];
    const result = await store.commit({ partition: 'prod', opId: `step-${n}`, guards, changes }).catch(stop);
    if (result?.kind === 'done') say(`appended ${n}`);
    seq = n;
  }
}

await Promise.all([...Array.from({ length: WRITERS }, accepting), ...(kind === 'small-disk' ? [] : [appending()])]);

if (kind === 'small-disk') {
  // Full: deletes and looks still work, and with the space they give it takes alerts again.
  const { records } = await store.list({ kind: 'inbox', limit: 100_000 });
  for (const { id } of records.slice(0, Math.ceil(records.length / 2))) {
    const changes = [
      { do: 'delete', id } as const,
      { do: 'count', id: 'ledger/pending', add: -ALERTS } as const,
      { do: 'count', id: 'ledger/handled', add: ALERTS } as const,
    ];
    const result = await store.commit({ partition: 'inbox', opId: `handled-${id}`, guards: [{ is: 'seq', id, seq: 1 }], changes });
    if (result.kind === 'done') say(`handled ${id}`);
  }
  const { ok } = await store.check();
  say(`check ${ok}`);
  await once(process.stdin, 'data');
  rmSync(ballast);
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await store.accept({ sender: 'am', clusters: ['*'], receivedMs: 1, body: '{}', alerts: ALERTS }).catch(() => undefined);
    if (answer !== undefined) {
      say(`accepted ${answer.id}`);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  say(`check ${(await store.check()).ok}`);
}
await store.close().catch(() => undefined);
process.exit(0);
