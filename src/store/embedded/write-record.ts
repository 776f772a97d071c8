import type { PutTexts } from '../texts.ts';
import { noteDue, type OpenStore, tally } from './open-store.ts';
import { number, type Row, type Sqlite, text } from './sqlite.ts';

type Where = { readonly partition: string; readonly opId: string; readonly nowMs: number };

/** The columns of a record's row that its guards and `putRecord` read. */
export const WRITTEN_OVER = 'n, kind, created, indexed, owner, seq, epoch';

/** Makes a record, or writes over the row `old`: seq + 1, epoch and creation stay, the lease too unless it is released. */
export function putRecord(store: OpenStore, { partition, opId, nowMs }: Where, { put, old }: { readonly put: PutTexts; readonly old: Row | undefined }): void {
  if (old === undefined) return insertRecord(store, { partition, opId, nowMs }, put);
  const { sqlite } = store;
  // What its holder keeps is nobody else's to claim.
  if (put.dueMs !== undefined && (put.release === true || old['owner'] === null)) noteDue(store.memory, put.kind, put.dueMs);
  const n = number(old, 'n');
  const lease = put.release === true ? ', owner = NULL, lease_until = NULL' : '';
  sqlite.run(`UPDATE record SET kind = ?, version = ?, seq = seq + 1, due = ?, op_id = ?, updated = ?, indexed = ?, value = ?${lease} WHERE n = ?`, [
    put.kind,
    put.version ?? 1,
    put.dueMs ?? null,
    opId,
    nowMs,
    put.indexed,
    put.value,
    n,
  ]);
  const before = { partition, kind: text(old, 'kind'), indexed: text(old, 'indexed'), created: number(old, 'created'), n };
  if (before.kind === put.kind && before.indexed === put.indexed) return;
  const after = { ...before, kind: put.kind, indexed: put.indexed };
  removeFields(sqlite, before, after);
  addFields(sqlite, after, before);
  tally(store, before, -1);
  tally(store, { partition, kind: put.kind }, 1);
}

/** Makes a record whose id is known to be new. */
export function insertRecord(store: OpenStore, { partition, opId, nowMs }: Where, put: PutTexts): void {
  const { sqlite } = store;
  const made = sqlite.get(
    `INSERT INTO record (partition, id, kind, version, seq, epoch, due, op_id, created, updated, indexed, value)
     VALUES (?, ?, ?, ?, 1, 0, ?, ?, ?, ?, ?, ?) RETURNING n`,
    [partition, put.id, put.kind, put.version ?? 1, put.dueMs ?? null, opId, nowMs, nowMs, put.indexed, put.value],
  );
  if (made !== undefined) addFields(sqlite, { partition, kind: put.kind, indexed: put.indexed, created: nowMs, n: number(made, 'n') });
  tally(store, { partition, kind: put.kind }, 1);
  if (put.dueMs !== undefined) noteDue(store.memory, put.kind, put.dueMs);
}

/** The columns that `removeRecord` reads. */
export const REMOVE_COLUMNS = 'n, partition, id, kind, created, indexed';

/** Removes a record with its mail; its journal stays. */
export function removeRecord(store: OpenStore, row: Row): void {
  const { sqlite } = store;
  const found = {
    partition: text(row, 'partition'),
    kind: text(row, 'kind'),
    indexed: text(row, 'indexed'),
    created: number(row, 'created'),
    n: number(row, 'n'),
  };
  removeFields(sqlite, found);
  sqlite.run('DELETE FROM record WHERE n = ?', [found.n]);
  removeMail(sqlite, found.partition, text(row, 'id'));
  tally(store, found, -1);
}

export function removeMail(sqlite: Sqlite, partition: string, reader: string): void {
  sqlite.run('DELETE FROM mail WHERE partition = ? AND reader = ?', [partition, reader]);
}

/** Adds to a count, which starts at 0 and stops there on its way down. */
export function addToCount(sqlite: Sqlite, count: { readonly partition: string; readonly id: string }, add: number): void {
  sqlite.run('INSERT INTO count (partition, id, total) VALUES (?, ?, max(0, ?)) ON CONFLICT (partition, id) DO UPDATE SET total = max(0, total + ?)', [
    count.partition,
    count.id,
    add,
    add,
  ]);
}

type Fields = { readonly partition: string; readonly kind: string; readonly indexed: string; readonly created: number; readonly n: number };

/** Adds what `before` has not. Most commits of a run change one field of seven. */
function addFields(sqlite: Sqlite, of: Fields, before?: Fields): void {
  for (const [name, value] of fieldsOf(of, before)) {
    sqlite.run('INSERT INTO field (partition, kind, name, value, created, n) VALUES (?, ?, ?, ?, ?, ?)', [
      of.partition,
      of.kind,
      name,
      value,
      of.created,
      of.n,
    ]);
  }
}

/** Removes what `after` has not. */
function removeFields(sqlite: Sqlite, of: Fields, after?: Fields): void {
  for (const [name, value] of fieldsOf(of, after)) {
    sqlite.run('DELETE FROM field WHERE partition = ? AND kind = ? AND name = ? AND value = ? AND created = ? AND n = ?', [
      of.partition,
      of.kind,
      name,
      value,
      of.created,
      of.n,
    ]);
  }
}

function fieldsOf({ kind, indexed }: Fields, without?: Fields): readonly (readonly [string, string])[] {
  const fields = entriesOf(indexed);
  if (without?.kind !== kind) return fields;
  const others = new Map(entriesOf(without.indexed));
  return fields.filter(([name, value]) => others.get(name) !== value);
}

function entriesOf(indexed: string): readonly (readonly [string, string])[] {
  const fields: { readonly [name: string]: string } = JSON.parse(indexed);
  return Object.entries(fields);
}
