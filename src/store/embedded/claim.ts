import { MOST_MAIL, type RecordKind } from '../../port/store.ts';
import { inTurns, PARTITIONS } from '../in-turns.ts';
import type { RecordTexts } from '../texts.ts';
import { withinBytes } from '../within-bytes.ts';
import type { Answer, Call } from './message.ts';
import type { OpenStore } from './open-store.ts';
import { partitions } from './partitions.ts';
import { mailOf, RECORD_COLUMNS, recordOf } from './rows.ts';
import { number, optionalNumber, type Row, type Sqlite, text } from './sqlite.ts';

type Claim = Extract<Call, { op: 'claim' }>;

// Parameters: now, now, now + two leases. A lease further ahead than two was given before the clock went back.
const CLAIMABLE = 'r.due <= ? AND (r.lease_until IS NULL OR r.lease_until <= ? OR r.lease_until > ?)';

/** Takes due records for an owner: raises the epoch and starts the lease. */
export function claim(store: OpenStore, call: Claim): Answer {
  const { sqlite } = store;
  const candidates = call.inTurnBy === undefined ? dueRows(store, call) : dueInTurn(store, call, call.inTurnBy);
  const sized = candidates.map((row) => ({ n: number(row, 'n'), partition: text(row, 'partition'), bytes: number(row, 'bytes') }));
  const leaseUntilMs = call.nowMs + call.leaseMs;
  const claimed = withinBytes(sized, call.mostBytes).flatMap(({ n }) => {
    const row = sqlite.get(`UPDATE record SET epoch = epoch + 1, owner = ?, lease_until = ? WHERE n = ? RETURNING ${RECORD_COLUMNS}`, [
      call.owner,
      leaseUntilMs,
      n,
    ]);
    if (row === undefined) return [];
    const record = recordOf(row);
    return [{ record, mail: mailOf(sqlite, record, MOST_MAIL) }];
  });
  noteTurn(store, call, claimed);
  const nextMs = nextClaimable(sqlite, call);
  return { op: 'claim', claimed, ...(nextMs === undefined ? {} : { nextMs }) };
}

/** Keeps in mind whose turn it was last. */
function noteTurn({ memory }: OpenStore, { inTurnBy: field }: Claim, claimed: readonly { readonly record: RecordTexts }[]): void {
  if (field === undefined) {
    const last = claimed.at(-1);
    if (last !== undefined) memory.turns.set(PARTITIONS, last.record.partition);
    return;
  }
  for (const { record } of claimed.toReversed()) {
    const indexed: { readonly [name: string]: string } = JSON.parse(record.indexed);
    if (!Object.hasOwn(indexed, field)) continue;
    memory.turns.set(field, indexed[field] ?? '');
    return;
  }
}

/** What the choice among claimable records needs: never their values, of which most are not taken. */
const CHOICE = 'r.n, r.partition, r.id, r.due, r.created, octet_length(r.value) AS bytes';

/** Claimable records of all kinds, from each partition in turn: the longest due first, then the oldest; no more rows are read than that takes. */
function dueRows({ sqlite, memory }: OpenStore, call: Claim, taken: ReadonlySet<number> = new Set()): readonly Row[] {
  const sql = `SELECT ${CHOICE} FROM record r WHERE r.kind = ? AND r.partition = ? AND ${CLAIMABLE} ORDER BY r.due, r.created, r.id LIMIT ?`;
  const groups = new Map<string, readonly Row[]>();
  for (const partition of partitions(sqlite)) {
    const rows = kindsOf(call).flatMap((kind) => sqlite.all(sql, [kind, partition, ...times(call), call.limit + taken.size]));
    groups.set(partition, rows.filter((row) => !taken.has(number(row, 'n'))).sort(byDue));
  }
  return inTurns(groups, { after: memory.turns.get(PARTITIONS), limit: call.limit });
}

/** Claimable records in turn by a field; records without the field come after all that have it. */
function dueInTurn(store: OpenStore, call: Claim, field: string): readonly Row[] {
  const { sqlite, memory } = store;
  const groups = new Map<string, Row[]>();
  for (const partition of partitions(sqlite)) {
    for (const kind of kindsOf(call)) {
      for (const value of valuesOf(sqlite, { partition, kind, name: field })) {
        const rows = oldestOf(sqlite, call, [partition, kind, field, value]);
        groups.set(value, [...(groups.get(value) ?? []), ...rows]);
      }
    }
  }
  for (const rows of groups.values()) rows.sort(byAge);
  const picked = inTurns(groups, { after: memory.turns.get(field), limit: call.limit });
  if (picked.length >= call.limit) return picked;
  const taken = new Set(picked.map((row) => number(row, 'n')));
  return [...picked, ...dueRows(store, call, taken)].slice(0, call.limit);
}

function oldestOf(sqlite: Sqlite, call: Claim, group: readonly [string, RecordKind, string, string]): readonly Row[] {
  return sqlite.all(
    `SELECT ${CHOICE} FROM field f CROSS JOIN record r ON r.n = f.n
     WHERE f.partition = ? AND f.kind = ? AND f.name = ? AND f.value = ? AND ${CLAIMABLE} ORDER BY f.created, r.id LIMIT ?`,
    [...group, ...times(call), call.limit],
  );
}

/** The values that a field has, one index step each. */
function valuesOf(sqlite: Sqlite, field: { readonly partition: string; readonly kind: RecordKind; readonly name: string }): readonly string[] {
  const values: string[] = [];
  const smallest = 'SELECT min(value) AS value FROM field WHERE partition = ? AND kind = ? AND name = ?';
  for (;;) {
    const last = values.at(-1);
    const row =
      last === undefined
        ? sqlite.get(smallest, [field.partition, field.kind, field.name])
        : sqlite.get(`${smallest} AND value > ?`, [field.partition, field.kind, field.name, last]);
    if (row === undefined || row['value'] === null) return values;
    values.push(text(row, 'value'));
  }
}

/** When the next record of these kinds becomes claimable: now, where some are left. */
function nextClaimable(sqlite: Sqlite, call: Claim): number | undefined {
  const { nowMs, leaseMs } = call;
  const found: number[] = [];
  const all = partitions(sqlite);
  const isReady = `SELECT 1 FROM record r WHERE r.kind = ? AND r.partition = ? AND ${CLAIMABLE} LIMIT 1`;
  const nextFree =
    'SELECT due FROM record WHERE kind = ? AND partition = ? AND due > ? AND (lease_until IS NULL OR lease_until <= due OR lease_until > due + ?) ORDER BY due LIMIT 1';
  for (const kind of kindsOf(call)) {
    if (all.some((partition) => sqlite.get(isReady, [kind, partition, ...times(call)]) !== undefined)) return nowMs;
    for (const partition of all) {
      const free = sqlite.get(nextFree, [kind, partition, nowMs, 2 * leaseMs]);
      if (free !== undefined) found.push(number(free, 'due'));
    }
    // Only held records have a lease, so this looks at few.
    const held = sqlite.get(
      `SELECT min(CASE WHEN lease_until > max(due, ?) + ? THEN max(due, ?) ELSE max(due, lease_until) END) AS at
       FROM record WHERE kind = ? AND lease_until IS NOT NULL AND due IS NOT NULL`,
      [nowMs, 2 * leaseMs, nowMs, kind],
    );
    const heldMs = held === undefined ? undefined : optionalNumber(held, 'at');
    if (heldMs !== undefined) found.push(heldMs);
  }
  return found.length === 0 ? undefined : Math.max(nowMs, Math.min(...found));
}

function kindsOf(call: Claim): readonly RecordKind[] {
  return [...new Set(call.kinds)];
}

function times({ nowMs, leaseMs }: Claim): readonly [number, number, number] {
  return [nowMs, nowMs, nowMs + 2 * leaseMs];
}

function byDue(a: Row, b: Row): number {
  return number(a, 'due') - number(b, 'due') || byAge(a, b);
}

function byAge(a: Row, b: Row): number {
  return number(a, 'created') - number(b, 'created') || compareText(text(a, 'partition'), text(b, 'partition')) || compareText(text(a, 'id'), text(b, 'id'));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
