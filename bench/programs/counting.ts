/**
 * Loaded before the server by `works/cost.ts`, in its main thread and in the store's worker: what each of them takes, and with the title `counting` also what SQLite is
 * asked and what goes between the threads. It is all in memory that the threads share; the main thread tells it to its parent.
 */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { serialize } from 'node:v8';
import { getEnvironmentData, isMainThread, MessagePort, setEnvironmentData } from 'node:worker_threads';

const NAMES = ['workerMicros', 'statements', 'commits', 'messages', 'bytes', 'entries', 'mails', 'records', 'fields'] as const;

if (isMainThread) setEnvironmentData('salvor-counts', new SharedArrayBuffer(8 * NAMES.length));
const shared = getEnvironmentData('salvor-counts');
const counts = new BigInt64Array(shared instanceof SharedArrayBuffer ? shared : new SharedArrayBuffer(8 * NAMES.length));
const add = (name: (typeof NAMES)[number], by = 1): void => void Atomics.add(counts, NAMES.indexOf(name), BigInt(by));

const WRITES = [
  [/^INSERT INTO entry/, 'entries'],
  [/^INSERT INTO mail/, 'mails'],
  [/^(INSERT INTO|UPDATE) record .*value/s, 'records'],
  [/^INSERT INTO field/, 'fields'],
  [/^COMMIT/, 'commits'],
] as const;

if (process.execArgv.includes('--title=counting')) {
  for (const name of ['run', 'get', 'all']) {
    before(StatementSync.prototype, name, (statement) => {
      add('statements');
      if (!(statement instanceof StatementSync)) return;
      for (const [sql, what] of WRITES) if (sql.test(statement.sourceSQL)) add(what);
    });
  }
  before(DatabaseSync.prototype, 'exec', () => add('statements'));
  // A worker's own `postMessage` goes through its port, too.
  before(MessagePort.prototype, 'postMessage', (_port, [message]) => {
    add('messages');
    // The first message to a worker carries this very memory, which only goes to a thread.
    if (counts[NAMES.indexOf('messages')] !== 1n) add('bytes', serialize(message).length);
  });
}

/** Lets `see` look at each call of a method. */
function before(prototype: object, name: string, see: (self: unknown, args: readonly unknown[]) => void): void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== 'function') throw new Error(`${name} is not there to be counted`);
  Object.defineProperty(prototype, name, {
    value(this: unknown, ...args: readonly unknown[]) {
      see(this, args);
      return Reflect.apply(original, this, args);
    },
  });
}

if (isMainThread) {
  process.on('message', (message) => {
    if (message !== 'counts') return;
    const { user, system } = process.threadCpuUsage();
    process.send?.({ is: 'counts', mainMicros: user + system, ...Object.fromEntries(NAMES.map((name, at) => [name, Number(counts[at])])) });
  });
} else {
  setInterval(() => {
    const { user, system } = process.threadCpuUsage();
    Atomics.store(counts, NAMES.indexOf('workerMicros'), BigInt(user + system));
  }, 50).unref();
}
