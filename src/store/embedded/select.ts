import type { RecordKind } from '../../port/store.ts';
import type { Place } from '../cursor.ts';
import type { Answer, Call } from './message.ts';
import type { OpenStore } from './open-store.ts';
import { partitions } from './partitions.ts';
import { RECORD_COLUMNS, recordOf } from './rows.ts';
import { number, type Row, type Sqlite, text } from './sqlite.ts';
import { REMOVE_COLUMNS, removeRecord } from './write-record.ts';

type Where = { readonly [field: string]: string | readonly string[] };
type Filter = readonly [name: string, values: readonly string[]];
type Search = {
  readonly partition: string | undefined;
  readonly kind: RecordKind;
  readonly where: Where | undefined;
  readonly newestFirst: boolean;
  readonly after: Place | undefined;
  readonly updatedBeforeMs: number;
  readonly keep: readonly string[];
  readonly limit: number;
};

/** One page of records of a kind, by age. */
export function list({ sqlite }: OpenStore, call: Extract<Call, { op: 'list' }>): Answer {
  const { partition, kind, where, after, limit } = call;
  const newestFirst = call.newestFirst === true;
  const found = search(sqlite, { partition, kind, where, newestFirst, after, updatedBeforeMs: Number.POSITIVE_INFINITY, keep: [], limit: limit + 1 });
  const records = found.slice(0, limit).flatMap((row) => sqlite.all(`SELECT ${RECORD_COLUMNS} FROM record WHERE n = ?`, [number(row, 'n')]).map(recordOf));
  return { op: 'list', records, more: found.length > limit };
}

/** Removes records that nobody put for long, with their mail and journals. */
export function prune(store: OpenStore, call: Extract<Call, { op: 'prune' }>): number {
  const { sqlite } = store;
  const { partition, kind, where, updatedBeforeMs, limit } = call;
  const old = search(sqlite, { partition, kind, where, newestFirst: false, after: undefined, updatedBeforeMs, keep: call.keep ?? [], limit });
  for (const { n, id } of old.map((row) => ({ n: number(row, 'n'), id: text(row, 'id') }))) {
    for (const row of sqlite.all(`SELECT ${REMOVE_COLUMNS} FROM record WHERE n = ?`, [n])) removeRecord(store, row);
    sqlite.run('DELETE FROM entry WHERE partition = ? AND journal = ?', [partition, id]);
  }
  return old.length;
}

/** Finds keys (n, created, partition, id) in the order of lists. Each look is one index range that stops at the limit; they are merged here. */
function search(sqlite: Sqlite, { where, partition, ...rest }: Search): readonly Row[] {
  const filters: readonly Filter[] = Object.entries(where ?? {}).map(([name, values]) => [name, typeof values === 'string' ? [values] : [...new Set(values)]]);
  // The field with the fewest values leads; the others only check what it finds.
  const [leading, ...others] = filters.toSorted(([, a], [, b]) => a.length - b.length);
  const found: Row[] = [];
  for (const place of partition === undefined ? partitions(sqlite) : [partition]) {
    if (leading === undefined) found.push(...look(sqlite, { ...rest, partition: place, others }));
    for (const value of leading?.[1] ?? []) found.push(...look(sqlite, { ...rest, partition: place, others, leading: { name: leading?.[0] ?? '', value } }));
  }
  const sign = rest.newestFirst ? -1 : 1;
  return found.sort((a, b) => sign * comparePlaces(a, b)).slice(0, rest.limit);
}

type Look = Omit<Search, 'where' | 'partition'> & {
  readonly partition: string;
  readonly others: readonly Filter[];
  readonly leading?: { readonly name: string; readonly value: string };
};

function look(sqlite: Sqlite, { partition, kind, others, leading, newestFirst, after, updatedBeforeMs, keep, limit }: Look): readonly Row[] {
  const compare = newestFirst ? '<' : '>';
  const order = newestFirst ? 'DESC' : 'ASC';
  const start = after ?? { createdMs: newestFirst ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY, partition: '', id: '' };
  const from = leading === undefined ? 'record r' : 'field l CROSS JOIN record r ON r.n = l.n';
  const by = leading === undefined ? 'r' : 'l';
  const checks = others.map(
    () =>
      `AND EXISTS (SELECT 1 FROM field f WHERE f.partition = r.partition AND f.kind = r.kind AND f.name = ?
        AND f.value IN (SELECT value FROM json_each(?)) AND f.created = r.created AND f.n = r.n)`,
  );
  return sqlite.all(
    `SELECT r.n, r.created, r.partition, r.id FROM ${from}
     WHERE ${by}.partition = ? AND ${by}.kind = ? ${leading === undefined ? '' : 'AND l.name = ? AND l.value = ?'}
     AND ${by}.created ${compare}= ? AND (r.created, r.partition, r.id) ${compare} (?, ?, ?)
     AND r.updated < ? AND r.id NOT IN (SELECT value FROM json_each(?)) ${checks.join(' ')}
     ORDER BY ${by}.created ${order}, r.id ${order} LIMIT ?`,
    [
      partition,
      kind,
      ...(leading === undefined ? [] : [leading.name, leading.value]),
      start.createdMs,
      start.createdMs,
      start.partition,
      start.id,
      updatedBeforeMs,
      JSON.stringify(keep),
      ...others.flatMap(([name, values]) => [name, JSON.stringify(values)]),
      limit,
    ],
  );
}

function comparePlaces(a: Row, b: Row): number {
  const [x, y] = [`${text(a, 'partition')}\0${text(a, 'id')}`, `${text(b, 'partition')}\0${text(b, 'id')}`];
  return number(a, 'created') - number(b, 'created') || (x < y ? -1 : x > y ? 1 : 0);
}
