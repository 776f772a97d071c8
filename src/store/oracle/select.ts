import type { ClaimRequest, Indexed, ListQuery, PruneRequest } from '../../port/store.ts';
import type { Place } from '../cursor.ts';
import { inTurns, PARTITIONS } from '../in-turns.ts';
import type { RecordTexts } from '../texts.ts';
import { withinBytes } from '../within-bytes.ts';
import { byAge, type OracleState } from './state.ts';

type Claim = ClaimRequest & { readonly nowMs: number };

/** When a record becomes claimable: due, and its lease absent, past, or further ahead than any lease of ours can be. */
export function claimableMs(record: RecordTexts, { nowMs, leaseMs }: Claim): number | undefined {
  if (record.dueMs === undefined) return undefined;
  const dueMs = Math.max(nowMs, record.dueMs);
  const { leaseUntilMs } = record;
  return leaseUntilMs === undefined || leaseUntilMs <= dueMs || leaseUntilMs > dueMs + 2 * leaseMs ? dueMs : leaseUntilMs;
}

export function ofKinds(state: OracleState, { kinds }: Claim): readonly RecordTexts[] {
  return [...state.records.values()].filter((record) => kinds.includes(record.kind));
}

/** The records that a claim takes. */
export function chosen(state: OracleState, claim: Claim): readonly RecordTexts[] {
  const sized = inOrder(state, claim).map((record) => ({ record, partition: record.partition, bytes: Buffer.byteLength(record.value) }));
  const taken = withinBytes(sized, claim.mostBytes).map(({ record }) => record);
  const last = taken.findLast((record) => groupOf(record, claim) !== undefined);
  if (last !== undefined) state.turns.set(claim.inTurnBy ?? PARTITIONS, groupOf(last, claim) ?? '');
  return taken;
}

function inOrder(state: OracleState, claim: Claim): readonly RecordTexts[] {
  const claimable = ofKinds(state, claim).filter((record) => (claimableMs(record, claim) ?? Number.POSITIVE_INFINITY) <= claim.nowMs);
  const byDue = claimable.toSorted((a, b) => (a.dueMs ?? 0) - (b.dueMs ?? 0) || byAge(a, b));
  const picked = inTurn(state, claim, claim.inTurnBy === undefined ? byDue : claimable.toSorted(byAge));
  const others = { ...claim, inTurnBy: undefined };
  return [
    ...picked,
    ...inTurn(
      state,
      others,
      byDue.filter((record) => !picked.includes(record)),
    ),
  ].slice(0, claim.limit);
}

/** One of each group in turn, as far as the limit goes. */
function inTurn(state: OracleState, claim: Omit<Claim, 'inTurnBy'> & { readonly inTurnBy?: string | undefined }, records: readonly RecordTexts[]) {
  const groups = new Map<string, RecordTexts[]>();
  for (const record of records) {
    const group = groupOf(record, claim);
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), record]);
  }
  return inTurns(groups, { after: state.turns.get(claim.inTurnBy ?? PARTITIONS), limit: claim.limit });
}

function groupOf(record: RecordTexts, { inTurnBy: field }: { readonly inTurnBy?: string | undefined }): string | undefined {
  return field === undefined ? record.partition : indexedOf(record, field);
}

type Where = ListQuery['where'];

function matches(record: RecordTexts, where: Where): boolean {
  return Object.entries(where ?? {}).every(([field, wanted]) => {
    const value = indexedOf(record, field);
    return value !== undefined && (typeof wanted === 'string' ? wanted === value : wanted.includes(value));
  });
}

function indexedOf(record: RecordTexts, field: string): string | undefined {
  const indexed: Indexed = JSON.parse(record.indexed);
  return Object.hasOwn(indexed, field) ? indexed[field] : undefined;
}

/** Everything behind `after` in the order of the list; the caller cuts it into pages. */
export function listed(state: OracleState, query: ListQuery, after: Place | undefined): readonly RecordTexts[] {
  const sign = query.newestFirst === true ? -1 : 1;
  return [...state.records.values()]
    .filter((record) => record.kind === query.kind && (query.partition ?? record.partition) === record.partition && matches(record, query.where))
    .filter((record) => after === undefined || sign * byAge(record, after) > 0)
    .sort((a, b) => sign * byAge(a, b));
}

export function prunable(state: OracleState, { partition, kind, where, updatedBeforeMs, keep = [], limit }: PruneRequest): readonly RecordTexts[] {
  const old = listed(state, { partition, kind, ...(where === undefined ? {} : { where }), limit }, undefined);
  return old.filter((record) => record.updatedMs < updatedBeforeMs && !keep.includes(record.id)).slice(0, limit);
}
