import { writeFile } from 'node:fs/promises';
import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import { INBOX, LEDGER, MOST_MAIL, type Store } from '../port/store.ts';
import { checkCommit } from './commit-rules.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { inboxFull } from './inbox-full.ts';
import { inboxId } from './inbox-id.ts';
import { ledgerProblems } from './ledger.ts';
import { defaultLimits, type StoreLimits } from './limits.ts';
import { commit as carryOut } from './oracle/commit.ts';
import { chosen, claimableMs, listed, ofKinds, prunable } from './oracle/select.ts';
import { addToCount, hasMail, keyOf, type OracleState, oracleState, remove } from './oracle/state.ts';
import { commitTexts, readEntry, readMail, readRecord } from './texts.ts';

export type OracleOptions = {
  readonly clock: Clock;
  readonly limits?: Partial<Pick<StoreLimits, 'inbox'>>;
  /** What an earlier oracle left: opening it again is a restart. The earlier one can no longer use it, and all its leases are gone. */
  readonly state?: OracleState;
};

/**
 * The store in memory, as plainly as it can be said: what the drivers are compared with, and what simulations and tests run on.
 * A call takes effect when it is made and answers a microtask later, so one order of calls has one outcome. Texts are stored, never references.
 */
export function oracleStore({ clock, limits, state = oracleState() }: OracleOptions): Store {
  const inboxLimit = limits?.inbox ?? defaultLimits.inbox;
  const listeners = new Set<() => void>();
  state.boot += 1;
  const boot = state.boot;
  let closed = false;
  let telling = false;
  state.turns.clear();
  for (const [key, record] of state.records) state.records.set(key, { ...record, owner: undefined, leaseUntilMs: undefined });

  const alive = (): void => {
    if (closed || state.boot !== boot) throw new SalvorError('store.unavailable', 'The store is closed.');
  };
  const changed = (): void => {
    if (telling) return;
    telling = true;
    queueMicrotask(() => {
      telling = false;
      for (const listener of listeners) listener();
    });
  };
  const total = (partition: string, id: string): number => state.counts.get(keyOf(partition, id)) ?? 0;

  return {
    async accept(webhook) {
      alive();
      const waiting = [...state.records.values()].filter((record) => record.partition === INBOX && record.kind === 'inbox').length;
      if (waiting >= inboxLimit) throw inboxFull(inboxLimit);
      const nowMs = clock.nowMs();
      state.webhooks += 1;
      state.lastMs = Math.max(state.lastMs, nowMs);
      const id = inboxId({ atMs: state.lastMs, boot, number: state.webhooks });
      const put = { do: 'put', id, kind: 'inbox', indexed: { sender: webhook.sender }, dueMs: nowMs, value: webhook } as const;
      carryOut(state, { ...commitTexts({ partition: INBOX, opId: id, guards: [], changes: [put] }), nowMs });
      addToCount(state, keyOf(INBOX, LEDGER.accepted), webhook.alerts);
      addToCount(state, keyOf(INBOX, LEDGER.pending), webhook.alerts);
      changed();
      return { id };
    },
    async claim(request) {
      alive();
      const claim = { ...request, nowMs: clock.nowMs() };
      const claimed = chosen(state, claim).map((before) => {
        const key = keyOf(before.partition, before.id);
        const record = { ...before, epoch: before.epoch + 1, owner: claim.owner, leaseUntilMs: claim.nowMs + claim.leaseMs };
        state.records.set(key, record);
        return { record: readRecord(record), mail: (state.mail.get(key) ?? []).slice(0, MOST_MAIL).map(readMail) };
      });
      const times = ofKinds(state, claim).flatMap((record) => claimableMs(record, claim) ?? []);
      return { claimed, ...(times.length === 0 ? {} : { nextMs: Math.min(...times) }) };
    },
    async commit(commit) {
      alive();
      checkCommit(commit);
      const result = carryOut(state, { ...commitTexts(commit), nowMs: clock.nowMs() });
      if (result.kind === 'done' && commit.changes.length > 0) changed();
      return result;
    },
    async renew({ partition, id, epoch, leaseMs }) {
      alive();
      const key = keyOf(partition, id);
      const record = state.records.get(key);
      if (record?.owner === undefined || record.epoch !== epoch) return { held: false, mail: false };
      state.records.set(key, { ...record, leaseUntilMs: clock.nowMs() + leaseMs });
      return { held: true, mail: hasMail(state, partition, id) };
    },
    async get(partition, id) {
      alive();
      const record = state.records.get(keyOf(partition, id));
      return record === undefined ? undefined : readRecord(record);
    },
    async list(query) {
      alive();
      const found = listed(state, query, query.cursor === undefined ? undefined : readCursor(query.cursor));
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return { records: page.map(readRecord), ...(last !== undefined && found.length > page.length ? { cursor: writeCursor(last) } : {}) };
    },
    async entries({ partition, of, afterN = 0, limit }) {
      alive();
      const after = (state.entries.get(keyOf(partition, of)) ?? []).filter((entry) => entry.n > afterN);
      return after.slice(0, limit).map(({ n, atMs, type, data, hash }) => readEntry({ n, atMs, type, data, hash }));
    },
    async mail(partition, reader) {
      alive();
      return (state.mail.get(keyOf(partition, reader)) ?? []).map(readMail);
    },
    async counts(partition, ids) {
      alive();
      return ids.map((id) => total(partition, id));
    },
    async partitions() {
      alive();
      return [...new Set([...state.records.values()].map((record) => record.partition))].sort();
    },
    async prune(request) {
      alive();
      const old = prunable(state, request);
      for (const { partition, id } of old) {
        remove(state, partition, id);
        state.entries.delete(keyOf(partition, id));
      }
      if (old.length > 0) changed();
      return old.length;
    },
    onChange(listener) {
      const own = (): void => listener();
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async backup(file) {
      alive();
      const copy = JSON.stringify({ records: [...state.records.values()], mail: [...state.mail], entries: [...state.entries], counts: [...state.counts] });
      await writeFile(file, copy);
      return { sizeBytes: Buffer.byteLength(copy) };
    },
    async check() {
      alive();
      const problems = ledgerProblems(Object.values(LEDGER).map((id) => total(INBOX, id)));
      return { ok: problems.length === 0, problems };
    },
    async close() {
      closed = true;
      listeners.clear();
    },
  };
}
