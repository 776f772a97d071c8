import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText, SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { RecordKind, Store } from '../port/store.ts';
import { checkCommit } from './commit-rules.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { BatchQueue } from './embedded/batch-queue.ts';
import { toError } from './embedded/fault.ts';
import type { Answer, Call, Reply } from './embedded/message.ts';
import { WorkerLink } from './embedded/worker-link.ts';
import { defaultLimits, type StoreLimits } from './limits.ts';
import { commitTexts, readEntry, readMail, readRecord } from './texts.ts';

export type EmbeddedOptions = {
  /** The store's folder; made with mode 0700 where it is missing. */
  readonly path: string;
  /** Due times, leases and the times of records are of this clock. */
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<StoreLimits>;
  /** Called once when the storage failed for good; the program should end, and be started again. */
  readonly onFatal?: (error: SalvorError) => void;
};

/**
 * The store in one SQLite file, for one process, without a server. A worker thread owns the file; all calls of a tick are one durable transaction.
 * Throws `store.locked` where another process has it, `store.damaged`, `store.unavailable`.
 */
export async function openEmbedded({ path, clock, log, limits, onFatal }: EmbeddedOptions): Promise<Store> {
  const file = join(makeFolder(path), 'salvor.db');
  const link = await WorkerLink.start({ file, limits: { ...defaultLimits, ...limits }, log, onFatal: onFatal ?? (() => {}) });
  const listeners = new Set<Listener>();

  const queue = new BatchQueue(async (calls) => {
    const answer = await link.ask({ kind: 'batch', calls });
    // Calls answer for their own faults: one of the whole batch means that the storage is over.
    if (answer.kind === 'fault') link.fail(toError(answer.fault));
    const reply = expect(answer, 'batch');
    if (reply.changed) queueMicrotask(() => tell(listeners, new Map(reply.due), log));
    if (reply.fatal !== undefined) link.fail(toError(reply.fatal));
    return reply.answers;
  });
  const ask = async <Op extends Answer['op']>(op: Op, call: Call & { readonly op: Op }): Promise<Extract<Answer, { op: Op }>> =>
    answered(await queue.call(call), op);

  return {
    async accept(webhook) {
      const { sender, alerts } = webhook;
      const { id } = await ask('accept', { op: 'accept', nowMs: clock.nowMs(), sender, alerts, value: JSON.stringify(webhook) });
      return { id };
    },
    async claim(request) {
      const { claimed, nextMs } = await ask('claim', { op: 'claim', nowMs: clock.nowMs(), ...request });
      const read = claimed.map(({ record, mail }) => ({ record: readRecord(record), mail: mail.map(readMail) }));
      return { claimed: read, ...(nextMs === undefined ? {} : { nextMs }) };
    },
    async commit(commit) {
      checkCommit(commit);
      const { result } = await ask('commit', { op: 'commit', nowMs: clock.nowMs(), ...commitTexts(commit) });
      return result;
    },
    async renew(lease) {
      const { held, mail } = await ask('renew', { op: 'renew', nowMs: clock.nowMs(), ...lease });
      return { held, mail };
    },
    async get(partition, id) {
      const { record } = await ask('get', { op: 'get', partition, id });
      return record === undefined ? undefined : readRecord(record);
    },
    async list({ cursor, ...query }) {
      const { records, more } = await ask('list', { op: 'list', ...query, ...(cursor === undefined ? {} : { after: readCursor(cursor) }) });
      const last = records.at(-1);
      return { records: records.map(readRecord), ...(more && last !== undefined ? { cursor: writeCursor(last) } : {}) };
    },
    async entries({ partition, of, afterN = 0, limit = -1 }) {
      const { entries } = await ask('entries', { op: 'entries', partition, of, afterN, limit });
      return entries.map(readEntry);
    },
    async mail(partition, reader) {
      const { mail } = await ask('mail', { op: 'mail', partition, reader });
      return mail.map(readMail);
    },
    async counts(partition, ids) {
      const { totals } = await ask('counts', { op: 'counts', partition, ids });
      return totals;
    },
    async partitions() {
      const { partitions } = await ask('partitions', { op: 'partitions' });
      return partitions;
    },
    async prune(request) {
      const { removed } = await ask('prune', { op: 'prune', ...request });
      return removed;
    },
    onChange(listener) {
      const own: Listener = (due) => listener(due);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async backup(target) {
      const { sizeBytes } = expect(await link.ask({ kind: 'backup', file: resolve(target) }), 'backup');
      return { sizeBytes };
    },
    async check() {
      const { problems } = expect(await link.ask({ kind: 'check' }), 'check');
      return { ok: problems.length === 0, problems };
    },
    async close() {
      listeners.clear();
      await queue.drain();
      await link.close();
    },
  };
}

function makeFolder(path: string): string {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  } catch (error) {
    throw new SalvorError('store.unavailable', `The store's folder ${folder} cannot be made (${errorText(error)}).`, { cause: error });
  }
}

type Listener = Parameters<Store['onChange']>[0];

function tell(listeners: ReadonlySet<Listener>, due: ReadonlyMap<RecordKind, number>, log: Log): void {
  for (const listener of listeners) {
    try {
      listener(due);
    } catch (error) {
      // The commit is done; a listener cannot undo it, nor keep the others from hearing of it.
      log.error('store.listener-failed', { reason: errorText(error) });
    }
  }
}

/** Narrows a reply, or throws the fault that came in its place. */
function expect<Kind extends Reply['kind']>(reply: Reply, kind: Kind): Extract<Reply, { kind: Kind }> {
  if (reply.kind === 'fault') throw toError(reply.fault);
  if (isReply(reply, kind)) return reply;
  throw new SalvorError('internal', `the store answered ${reply.kind} to ${kind}`);
}

function isReply<Kind extends Reply['kind']>(reply: Reply, kind: Kind): reply is Extract<Reply, { kind: Kind }> {
  return reply.kind === kind;
}

function answered<Op extends Answer['op']>(answer: Answer, op: Op): Extract<Answer, { op: Op }> {
  if (answer.op === 'fault') throw toError(answer.fault);
  if (isAnswer(answer, op)) return answer;
  throw new SalvorError('internal', `the store answered ${answer.op} to ${op}`);
}

function isAnswer<Op extends Answer['op']>(answer: Answer, op: Op): answer is Extract<Answer, { op: Op }> {
  return answer.op === op;
}
