import { SalvorError } from '../../model/error.ts';
import type { CommitResult, Guard } from '../../port/store.ts';
import type { ChangeTexts, CommitTexts } from '../texts.ts';
import { noteDue, type OpenStore } from './open-store.ts';
import { kindOf } from './rows.ts';
import { number, optionalText, type Row, type Sqlite, text } from './sqlite.ts';
import { addToCount, putRecord, REMOVE_COLUMNS, removeMail, removeRecord, WRITTEN_OVER } from './write-record.ts';

type Op = CommitTexts & { readonly nowMs: number };

/** If every guard holds and every entry number is free, makes all changes; else none. */
export function commit(store: OpenStore, op: Op): CommitResult {
  const { sqlite } = store;
  // What a guard looked at is mostly what is written over next.
  const seen = new Map<string, Row | undefined>();
  for (const guard of op.guards) {
    const failure = failureOf(sqlite, op.partition, { guard, seen });
    if (failure !== undefined) return wasApplied(sqlite, op) ? { kind: 'done' } : { kind: failure, guard };
  }
  if (hasTakenNumber(sqlite, op)) return wasApplied(sqlite, op) ? { kind: 'done' } : { kind: 'conflict' };
  for (const [index, change] of op.changes.entries()) {
    apply(store, op, { change, seen });
    if (change.do !== 'mail') continue;
    // Letters to one reader come in a row: the last of them wakes.
    const next = op.changes[index + 1];
    if (next?.do !== 'mail' || next.to !== change.to) wake(store, { partition: op.partition, id: change.to }, op.nowMs);
  }
  for (const change of op.changes) if (change.do === 'put' && (change.dueMs === undefined || change.dueMs > op.nowMs)) wakeForMail(store, op, change.id);
  return { kind: 'done' };
}

type Seen = Map<string, Row | undefined>;

function failureOf(
  sqlite: Sqlite,
  partition: string,
  { guard, seen }: { readonly guard: Guard; readonly seen: Seen },
): 'fenced' | 'conflict' | 'full' | undefined {
  if (guard.is === 'room') return totalOf(sqlite, partition, guard.count) + guard.add <= guard.limit ? undefined : 'full';
  const row = sqlite.get(`SELECT ${WRITTEN_OVER} FROM record WHERE partition = ? AND id = ?`, [partition, guard.id]);
  seen.set(guard.id, row);
  switch (guard.is) {
    case 'absent':
      return row === undefined ? undefined : 'conflict';
    case 'seq':
      return row !== undefined && number(row, 'seq') === guard.seq ? undefined : 'conflict';
    case 'held': {
      // Without an owner the lease was given back, or was lost to a restart.
      const held = row !== undefined && optionalText(row, 'owner') !== undefined && number(row, 'epoch') === guard.epoch && number(row, 'seq') === guard.seq;
      return held ? undefined : 'fenced';
    }
  }
}

/** The total of a count; 0 where nothing was counted yet. */
export function totalOf(sqlite: Sqlite, partition: string, id: string): number {
  const row = sqlite.get('SELECT total FROM count WHERE partition = ? AND id = ?', [partition, id]);
  return row === undefined ? 0 : number(row, 'total');
}

function hasTakenNumber(sqlite: Sqlite, op: Op): boolean {
  const numbers = new Set<string>();
  for (const change of op.changes) {
    if (change.do !== 'append' || change.entries.length === 0) continue;
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { n } of change.entries) {
      const name = `${n} ${change.of}`;
      if (numbers.has(name)) return true;
      numbers.add(name);
      first = Math.min(first, n);
      last = Math.max(last, n);
    }
    // Nearly always none between them is taken: one look says so for all.
    const between = 'SELECT 1 FROM entry WHERE partition = ? AND journal = ? AND n BETWEEN ? AND ? LIMIT 1';
    if (sqlite.get(between, [op.partition, change.of, first, last]) === undefined) continue;
    if (change.entries.some(({ n }) => entryOpId(sqlite, { partition: op.partition, of: change.of, n }) !== undefined)) return true;
  }
  return false;
}

function entryOpId(sqlite: Sqlite, entry: { readonly partition: string; readonly of: string; readonly n: number }): string | undefined {
  const row = sqlite.get('SELECT op_id FROM entry WHERE partition = ? AND journal = ? AND n = ?', [entry.partition, entry.of, entry.n]);
  return row === undefined ? undefined : text(row, 'op_id');
}

/** An op id is written only together with everything else of its commit: one place that carries it proves that all was stored, and the answer got lost. */
function wasApplied(sqlite: Sqlite, op: Op): boolean {
  const carries = (id: string): boolean => {
    const row = sqlite.get('SELECT op_id FROM record WHERE partition = ? AND id = ?', [op.partition, id]);
    return row !== undefined && text(row, 'op_id') === op.opId;
  };
  if (op.guards.some((guard) => guard.is !== 'room' && carries(guard.id))) return true;
  return op.changes.some((change) => {
    if (change.do === 'put') return carries(change.id);
    if (change.do !== 'append') return false;
    return change.entries.some(({ n }) => entryOpId(sqlite, { partition: op.partition, of: change.of, n }) === op.opId);
  });
}

function apply(store: OpenStore, op: Op, { change, seen }: { readonly change: ChangeTexts; readonly seen: Seen }): void {
  const { sqlite } = store;
  const { partition, opId, nowMs } = op;
  switch (change.do) {
    case 'put': {
      const { id } = change;
      const old = seen.has(id) ? seen.get(id) : sqlite.get(`SELECT ${WRITTEN_OVER} FROM record WHERE partition = ? AND id = ?`, [partition, id]);
      seen.delete(id);
      return putRecord(store, op, { put: change, old });
    }
    case 'delete': {
      seen.delete(change.id);
      const row = sqlite.get(`SELECT ${REMOVE_COLUMNS} FROM record WHERE partition = ? AND id = ?`, [partition, change.id]);
      return row === undefined ? removeMail(sqlite, partition, change.id) : removeRecord(store, row);
    }
    case 'append':
      for (const { n, atMs, type, data, hash } of change.entries) {
        sqlite.run('INSERT INTO entry (partition, journal, n, at, type, data, hash, op_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
          partition,
          change.of,
          n,
          atMs,
          type,
          data,
          hash,
          opId,
        ]);
      }
      return;
    case 'count':
      return addToCount(sqlite, { partition, id: change.id }, change.add);
    case 'mail':
      // Not `ON CONFLICT`: a refused insert would use up a number.
      sqlite.run(
        `INSERT INTO mail (partition, reader, key, at, value) SELECT ?, ?, ?, ?, ?
         WHERE NOT EXISTS (SELECT 1 FROM mail WHERE partition = ? AND reader = ? AND key = ?)`,
        [partition, change.to, change.key, nowMs, change.value, partition, change.to, change.key],
      );
      return;
    case 'read':
      sqlite.run('DELETE FROM mail WHERE partition = ? AND reader = ? AND n <= ?', [partition, change.reader, change.upTo]);
      return;
    case 'wake':
      return wake(store, { partition, id: change.id }, change.atMs ?? nowMs);
    default:
      throw new SalvorError('internal', `unknown change ${JSON.stringify(change)}`);
  }
}

function wake({ sqlite, memory }: OpenStore, record: { readonly partition: string; readonly id: string }, atMs: number): void {
  const woken = sqlite.get('UPDATE record SET due = ? WHERE partition = ? AND id = ? AND (due IS NULL OR due > ?) RETURNING kind', [
    atMs,
    record.partition,
    record.id,
    atMs,
  ]);
  if (woken !== undefined) noteDue(memory, kindOf(woken), atMs);
}

/** A record that has unread mail is due: no mail falls between a reader's last look and its release. */
function wakeForMail({ sqlite, memory }: OpenStore, { partition, nowMs }: Op, id: string): void {
  const woken = sqlite.get(
    `UPDATE record SET due = ? WHERE partition = ? AND id = ? AND (due IS NULL OR due > ?)
     AND EXISTS (SELECT 1 FROM mail WHERE mail.partition = record.partition AND mail.reader = record.id) RETURNING kind`,
    [nowMs, partition, id, nowMs],
  );
  if (woken !== undefined) noteDue(memory, kindOf(woken), nowMs);
}
