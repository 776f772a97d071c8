import type { RecordKind } from '../../port/store.ts';
import { kindNamed } from '../kinds.ts';
import type { MailTexts, RecordTexts } from '../texts.ts';
import { number, optionalNumber, optionalText, type Row, type Sqlite, text } from './sqlite.ts';

/** The columns of a record that `recordOf` reads. */
export const RECORD_COLUMNS = 'n, partition, id, kind, version, seq, epoch, due, owner, lease_until, op_id, created, updated, indexed, value';

export function kindOf(row: Row): RecordKind {
  return kindNamed(text(row, 'kind'));
}

export function recordOf(row: Row): RecordTexts {
  return {
    partition: text(row, 'partition'),
    kind: kindOf(row),
    id: text(row, 'id'),
    version: number(row, 'version'),
    seq: number(row, 'seq'),
    epoch: number(row, 'epoch'),
    dueMs: optionalNumber(row, 'due'),
    owner: optionalText(row, 'owner'),
    leaseUntilMs: optionalNumber(row, 'lease_until'),
    opId: text(row, 'op_id'),
    createdMs: number(row, 'created'),
    updatedMs: number(row, 'updated'),
    indexed: text(row, 'indexed'),
    value: text(row, 'value'),
  };
}

/** Unread mail of one reader, oldest first. */
export function mailOf(sqlite: Sqlite, reader: { readonly partition: string; readonly id: string }, limit: number): readonly MailTexts[] {
  const rows = sqlite.all('SELECT n, key, at, value FROM mail WHERE partition = ? AND reader = ? ORDER BY n LIMIT ?', [reader.partition, reader.id, limit]);
  return rows.map((row) => ({ order: number(row, 'n'), to: reader.id, key: text(row, 'key'), atMs: number(row, 'at'), value: text(row, 'value') }));
}

/** Whether a reader has unread mail. */
export function hasMail(sqlite: Sqlite, partition: string, reader: string): boolean {
  return sqlite.get('SELECT 1 FROM mail WHERE partition = ? AND reader = ? LIMIT 1', [partition, reader]) !== undefined;
}
