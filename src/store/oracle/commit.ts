import type { CommitResult, Guard } from '../../port/store.ts';
import type { ChangeTexts, CommitTexts, RecordTexts } from '../texts.ts';
import { addToCount, hasMail, keyOf, type OracleState, remove } from './state.ts';

type Op = CommitTexts & { readonly nowMs: number };

/** The port's commit, in the order in which the port tells it. */
export function commit(state: OracleState, op: Op): CommitResult {
  const failing = op.guards.find((guard) => !holds(state, op.partition, guard));
  const refused: CommitResult | undefined =
    failing !== undefined ? { kind: refusal(failing), guard: failing } : numbersAreTaken(state, op) ? { kind: 'conflict' } : undefined;
  if (refused !== undefined) return isMyLostReply(state, op) ? { kind: 'done' } : refused;
  for (const change of op.changes) apply(state, op, change);
  for (const change of op.changes) {
    if (change.do === 'put' && hasMail(state, op.partition, change.id)) wake(state, keyOf(op.partition, change.id), op.nowMs);
  }
  return { kind: 'done' };
}

function holds(state: OracleState, partition: string, guard: Guard): boolean {
  if (guard.is === 'room') return (state.counts.get(keyOf(partition, guard.count)) ?? 0) + guard.add <= guard.limit;
  const record = state.records.get(keyOf(partition, guard.id));
  if (guard.is === 'absent') return record === undefined;
  if (guard.is === 'seq') return record?.seq === guard.seq;
  return record?.owner !== undefined && record.epoch === guard.epoch && record.seq === guard.seq;
}

function refusal(guard: Guard): 'fenced' | 'conflict' | 'full' {
  if (guard.is === 'held') return 'fenced';
  return guard.is === 'room' ? 'full' : 'conflict';
}

function numbersOf(op: Op): readonly (readonly [journal: string, n: number])[] {
  return op.changes.flatMap((change) => (change.do === 'append' ? change.entries.map(({ n }) => [keyOf(op.partition, change.of), n] as const) : []));
}

function numbersAreTaken(state: OracleState, op: Op): boolean {
  const numbers = numbersOf(op);
  const twice = new Set(numbers.map(([journal, n]) => `${journal}\0${n}`)).size < numbers.length;
  return twice || numbers.some(([journal, n]) => (state.entries.get(journal) ?? []).some((entry) => entry.n === n));
}

function isMyLostReply(state: OracleState, op: Op): boolean {
  const guarded = op.guards.flatMap((guard) => (guard.is === 'room' ? [] : [guard.id]));
  const put = op.changes.flatMap((change) => (change.do === 'put' ? [change.id] : []));
  if ([...guarded, ...put].some((id) => state.records.get(keyOf(op.partition, id))?.opId === op.opId)) return true;
  return numbersOf(op).some(([journal, n]) => (state.entries.get(journal) ?? []).some((entry) => entry.n === n && entry.opId === op.opId));
}

function apply(state: OracleState, op: Op, change: ChangeTexts): void {
  const { partition, opId, nowMs } = op;
  switch (change.do) {
    case 'put': {
      const key = keyOf(partition, change.id);
      const old = state.records.get(key);
      const kept: Pick<RecordTexts, 'epoch' | 'createdMs' | 'owner' | 'leaseUntilMs' | 'seq'> = old ?? {
        seq: 0,
        epoch: 0,
        createdMs: nowMs,
        owner: undefined,
        leaseUntilMs: undefined,
      };
      const { id, kind, version = 1, dueMs, indexed, value } = change;
      const lease = change.release === true ? { owner: undefined, leaseUntilMs: undefined } : { owner: kept.owner, leaseUntilMs: kept.leaseUntilMs };
      const { epoch, createdMs } = kept;
      state.records.set(key, { partition, id, kind, version, seq: kept.seq + 1, epoch, dueMs, ...lease, opId, createdMs, updatedMs: nowMs, indexed, value });
      return;
    }
    case 'delete':
      return remove(state, partition, change.id);
    case 'append': {
      const key = keyOf(partition, change.of);
      const entries = [...(state.entries.get(key) ?? []), ...change.entries.map((entry) => ({ ...entry, opId }))];
      state.entries.set(
        key,
        entries.sort((a, b) => a.n - b.n),
      );
      return;
    }
    case 'count':
      return addToCount(state, keyOf(partition, change.id), change.add);
    case 'mail': {
      const key = keyOf(partition, change.to);
      const unread = state.mail.get(key) ?? [];
      if (!unread.some((mail) => mail.key === change.key)) {
        state.mailOrder += 1;
        state.mail.set(key, [...unread, { order: state.mailOrder, to: change.to, key: change.key, atMs: nowMs, value: change.value }]);
      }
      return wake(state, key, nowMs);
    }
    case 'read': {
      const key = keyOf(partition, change.reader);
      state.mail.set(
        key,
        (state.mail.get(key) ?? []).filter((mail) => mail.order > change.upTo),
      );
      return;
    }
    case 'wake':
      return wake(state, keyOf(partition, change.id), change.atMs ?? nowMs);
  }
}

function wake(state: OracleState, key: string, atMs: number): void {
  const record = state.records.get(key);
  if (record !== undefined) state.records.set(key, { ...record, dueMs: Math.min(record.dueMs ?? atMs, atMs) });
}
