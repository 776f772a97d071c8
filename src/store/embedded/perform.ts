import { SalvorError } from '../../model/error.ts';
import { accept } from './accept.ts';
import { claim } from './claim.ts';
import { commit, totalOf } from './commit.ts';
import type { Answer, Call } from './message.ts';
import type { OpenStore } from './open-store.ts';
import { partitions } from './partitions.ts';
import { hasMail, mailOf, RECORD_COLUMNS, recordOf } from './rows.ts';
import { list, prune } from './select.ts';
import { number, text } from './sqlite.ts';

/** `changed`: something became due or looks different to a reader; a lease alone is no news. */
export type Performed = { readonly answer: Answer; readonly changed: boolean };

/** Calls that may write. */
export function writes(call: Call): boolean {
  return call.op === 'accept' || call.op === 'commit' || call.op === 'claim' || call.op === 'renew' || call.op === 'prune';
}

/** Carries out one call inside the transaction of its batch. */
export function perform(store: OpenStore, call: Call): Performed {
  switch (call.op) {
    case 'accept':
      return { answer: accept(store, call), changed: true };
    case 'claim':
      return { answer: claim(store, call), changed: false };
    case 'commit': {
      const result = commit(store, call);
      return { answer: { op: 'commit', result }, changed: result.kind === 'done' && call.changes.length > 0 };
    }
    case 'renew':
      return { answer: renew(store, call), changed: false };
    case 'list':
      return { answer: list(store, call), changed: false };
    case 'prune': {
      const removed = prune(store, call);
      return { answer: { op: 'prune', removed }, changed: removed > 0 };
    }
    case 'get':
    case 'entries':
    case 'mail':
    case 'counts':
    case 'partitions':
      return { answer: read(store, call), changed: false };
    default:
      throw new SalvorError('internal', `unknown call ${JSON.stringify(call)}`);
  }
}

/** Extends a lease that is still this epoch's, also one that is past: nobody took it. */
function renew({ sqlite }: OpenStore, { partition, id, epoch, leaseMs, nowMs }: Extract<Call, { op: 'renew' }>): Answer {
  const extended = sqlite.run('UPDATE record SET lease_until = ? WHERE partition = ? AND id = ? AND epoch = ? AND owner IS NOT NULL', [
    nowMs + leaseMs,
    partition,
    id,
    epoch,
  ]);
  const held = extended === 1;
  return { op: 'renew', held, mail: held && hasMail(sqlite, partition, id) };
}

function read({ sqlite }: OpenStore, call: Extract<Call, { op: 'get' | 'entries' | 'mail' | 'counts' | 'partitions' }>): Answer {
  switch (call.op) {
    case 'get': {
      const row = sqlite.get(`SELECT ${RECORD_COLUMNS} FROM record WHERE partition = ? AND id = ?`, [call.partition, call.id]);
      return row === undefined ? { op: 'get' } : { op: 'get', record: recordOf(row) };
    }
    case 'entries': {
      const rows = sqlite.all('SELECT n, at, type, data, hash FROM entry WHERE partition = ? AND journal = ? AND n > ? ORDER BY n LIMIT ?', [
        call.partition,
        call.of,
        call.afterN,
        call.limit,
      ]);
      const entries = rows.map((row) => ({
        n: number(row, 'n'),
        atMs: number(row, 'at'),
        type: text(row, 'type'),
        data: text(row, 'data'),
        hash: text(row, 'hash'),
      }));
      return { op: 'entries', entries };
    }
    case 'mail':
      return { op: 'mail', mail: mailOf(sqlite, { partition: call.partition, id: call.reader }, -1) };
    case 'counts':
      return { op: 'counts', totals: call.ids.map((id) => totalOf(sqlite, call.partition, id)) };
    case 'partitions':
      return { op: 'partitions', partitions: partitions(sqlite) };
  }
}
