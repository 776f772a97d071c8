import { MOST_MAIL, type RecordKind } from '../../port/store.ts';
import { inTurns } from '../in-turns.ts';
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
  const candidates = call.inTurnBy === undefined ? dueRows(sqlite, call) : dueInTurn(store, call, call.inTurnBy);
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
  if (call.inTurnBy !== undefined) noteTurn(store, call.inTurnBy, claimed);
  const nextMs = nextClaimable(sqlite, call);
  return { op: 'claim', claimed, ...(nextMs === undefined ? {} : { nextMs }) };
}

/** Keeps in mind whose turn it was last. */
function noteTurn({ memory }: OpenStore, field: string, claimed: readonly { readonly record: RecordTexts }[]): void {
  for (const { record } of claimed.toReversed()) {
    const indexed: { readonly [name: string]: string } = JSON.parse(record.indexed);
    if (!Object.hasOwn(indexed, field)) continue;
    memory.turns.set(field, indexed[field] ?? '');
    return;
  }
}

/** What the choice among claimable records needs: never their values, of which most are not taken. */
const CHOICE = 'r.n, r.partition, r.id, r.due, r.created, octet_length(r.value) AS bytes';

/** Claimable records of all kinds: the longest due first, then the oldest. */
function dueRows(sqlite: Sqlite, call: Claim): readonly Row[] {
  const sql = `SELECT ${CHOICE} FROM record r WHERE r.kind = ? AND ${CLAIMABLE} ORDER BY r.due, r.created, r.partition, r.id LIMIT ?`;
  const rows = kindsOf(call).flatMap((kind) => sqlite.all(sql, [kind, ...times(call), call.limit]));
  return rows.sort((a, b) => number(a, 'due') - number(b, 'due') || byAge(a, b)).slice(0, call.limit);
}

/** Claimable records in turn by a field; records without the field come after all that have it. */
function dueInTurn({ sqlite, memory }: OpenStore, call: Claim, field: string): readonly Row[] {
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
  const others = dueRows(sqlite, { ...call, limit: call.limit + taken.size }).filter((row) => !taken.has(number(row, 'n')));
  return [...picked, ...others].slice(0, call.limit);
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
  for (const kind of kindsOf(call)) {
    if (sqlite.get(`SELECT 1 FROM record r WHERE r.kind = ? AND ${CLAIMABLE} LIMIT 1`, [kind, ...times(call)]) !== undefined) return nowMs;
    const free = sqlite.get(
      'SELECT due FROM record WHERE kind = ? AND due > ? AND (lease_until IS NULL OR lease_until <= due OR lease_until > due + ?) ORDER BY due LIMIT 1',
      [kind, nowMs, 2 * leaseMs],
    );
    if (free !== undefined) found.push(number(free, 'due'));
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

function byAge(a: Row, b: Row): number {
  return number(a, 'created') - number(b, 'created') || compareText(text(a, 'partition'), text(b, 'partition')) || compareText(text(a, 'id'), text(b, 'id'));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
