import { redactJson } from '../domain/redact.ts';
import { sha256 } from '../model/digest.ts';
import { chain, ENTRY_LIMIT_BYTES, type EntryDraft } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { blobId } from '../model/identity.ts';
import { isObject } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';
import { isOpen, RUN_VERSION, type Run } from '../model/run.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Change, CommitResult, Guard, Store, StoredRecord } from '../port/store.ts';
import { readRun } from './stored.ts';
import { reportOf } from './words.ts';

/** A lease covers seconds of work, never hours of waiting. */
export const LEASE_MS = 6000;
const RENEW_MS = 2000;
/** No write starts this close to the end of a lease. */
const MARGIN_MS = 1500;

export type SessionDeps = { readonly store: Store; readonly clock: Clock; readonly ids: Ids };

type Extra = {
  readonly guards?: readonly Guard[];
  readonly changes?: readonly Change[];
  readonly release?: boolean;
  /** Taken with this commit, and only where it is done: where a guard refuses, it was never said. */
  readonly taking?: { readonly run: Run; readonly drafts: readonly EntryDraft[] };
};

/** One holding of one run: who has it may write its record and journal, until the lease is lost. */
export type Session = {
  /** Aborts when the lease is lost or the server stops. */
  readonly signal: AbortSignal;
  readonly epoch: number;
  run(): Run;
  /** Takes the next value and its journal lines; they become durable with the next commit. */
  take(run: Run, drafts: readonly EntryDraft[], tell: readonly IncidentMail[]): void;
  /** The run has judged its mail up to this order: it goes with the next commit, so nothing is judged twice. */
  read(order: number): void;
  readUpTo(): number;
  /** Stores what was taken. Throws `run.fenced` when the run is not ours any more; other refusals are the caller's guards. */
  commit(extra?: Extra): Promise<CommitResult>;
  /** Throws `run.fenced` when a write could outlive the lease. */
  assertMargin(): void;
  /** True once unread mail waits. */
  mailWaits(): boolean;
  close(): void;
};

export function openSession({ store, clock, ids }: SessionDeps, record: StoredRecord, stop: AbortSignal): Session {
  const over = new AbortController();
  const { signal } = over;
  let isLost = false;
  const lose = (): void => {
    isLost = true;
    over.abort();
  };
  const stopNow = (): void => over.abort(stop.reason);
  if (stop.aborted) stopNow();
  else stop.addEventListener('abort', stopNow, { once: true });
  let run = readRun(record);
  let { seq } = record;
  const { partition, id, epoch } = record;
  let leaseEndMs = clock.monotonicMs() + LEASE_MS;
  let waits = false;
  let readUpTo: number | undefined;
  let drafts: readonly EntryDraft[] = [];
  let tell: readonly IncidentMail[] = [];
  let isOver = false;
  let cancelRenewal = (): void => {};

  const renewLater = (): void => {
    cancelRenewal = clock.after(RENEW_MS, () => void renew());
  };
  const renew = async (): Promise<void> => {
    // Measured from before the request: what the store counts from is never earlier.
    const askedMs = clock.monotonicMs();
    // Who slept through its end does not go on, also where nobody took over.
    if (askedMs > leaseEndMs) return lose();
    const answer = await store.renew({ partition, id, epoch, leaseMs: LEASE_MS }).catch(() => undefined);
    if (answer?.held === false) lose();
    else if (answer !== undefined) leaseEndMs = askedMs + LEASE_MS;
    if (answer?.mail === true) waits = true;
    if (clock.monotonicMs() > leaseEndMs) lose();
    if (!isOver && !isLost) renewLater();
  };
  renewLater();

  const commit = async ({ guards = [], changes = [], release = false, taking }: Extra): Promise<CommitResult> => {
    const upTo = readUpTo;
    const [lines, messages] = [drafts.length, tell.length];
    const bounded = [...drafts, ...(taking?.drafts ?? [])].map(boundDraft);
    const { entries, head } = chain(
      id,
      run.chain,
      bounded.map(({ draft }) => draft),
    );
    const next: Run = { ...(taking?.run ?? run), chain: head };
    const reports: readonly IncidentMail[] = [...reportOf(next, entries), ...tell];
    const mails: Change[] = reports.map((value, at) => ({ do: 'mail', to: next.incident, key: `${id}/${head.n}/${seq}/${at}`, value }));
    // While it is held it is due: where this holder dies, the end of its lease is enough for the next one to take it up.
    const dueMs = release ? next.dueMs : clock.nowMs();
    const result = await store.commit({
      partition,
      opId: ids.next(),
      guards: [{ is: 'held', id, epoch, seq }, ...guards],
      changes: [
        {
          do: 'put',
          id,
          kind: 'run',
          version: RUN_VERSION,
          indexed: indexOf(next),
          value: next,
          ...(dueMs === undefined ? {} : { dueMs }),
          ...(release ? { release: true } : {}),
        },
        ...(entries.length === 0 ? [] : [{ do: 'append' as const, of: id, entries }]),
        ...mails,
        ...bounded.flatMap(({ blob }) => (blob === undefined ? [] : [blob])),
        ...(upTo === undefined ? [] : [{ do: 'read' as const, reader: id, upTo }]),
        ...changes,
      ],
    });
    if (result.kind === 'fenced' || (result.kind === 'conflict' && result.guard === undefined)) {
      lose();
      throw new SalvorError('run.fenced', 'Another holder drives this run now');
    }
    if (result.kind !== 'done') return result;
    // What was taken while the store worked stays for the next commit.
    run = { ...(taking?.run ?? run), chain: head };
    seq += 1;
    drafts = drafts.slice(lines);
    tell = tell.slice(messages);
    return result;
  };
  let before: Promise<unknown> = Promise.resolve();

  return {
    signal,
    epoch,
    run: () => run,
    take(next, lines, messages) {
      run = next;
      drafts = [...drafts, ...lines];
      tell = [...tell, ...messages];
    },
    read(order) {
      readUpTo = order;
    },
    readUpTo: () => readUpTo ?? 0,
    // One at a time: a handler may write several things at once, and each commit is numbered behind the one before it.
    commit(extra = {}) {
      const mine = before.then(() => commit(extra));
      before = mine.catch(() => undefined);
      return mine;
    },
    assertMargin() {
      if (signal.aborted || clock.monotonicMs() + MARGIN_MS > leaseEndMs)
        throw new SalvorError('run.fenced', 'The lease is about to end; whoever holds the run next goes on');
    },
    mailWaits: () => waits,
    close() {
      isOver = true;
      cancelRenewal();
      stop.removeEventListener('abort', stopNow);
    },
  };
}

/** A line that is too long for the journal keeps its beginning; the whole goes into a blob by its SHA-256. */
function boundDraft(told: EntryDraft): { readonly draft: EntryDraft; readonly blob?: Change } {
  // What clusters and handlers say may hold a token; a journal is kept for years and read by many.
  const data = redactJson(told.data);
  const draft = isObject(data) ? { ...told, data } : told;
  const text = JSON.stringify(draft.data);
  if (Buffer.byteLength(text) <= ENTRY_LIMIT_BYTES) return { draft };
  const sha = sha256(text);
  const short = { blob: sha, beginning: text.slice(0, 2000) };
  return { draft: { ...draft, data: short }, blob: { do: 'put', id: blobId(sha), kind: 'blob', value: draft.data } };
}

/** What lists of runs are asked by. */
export function indexOf(run: Run): { readonly [field: string]: string } {
  return {
    state: run.state,
    open: isOpen(run.state) ? 'yes' : 'no',
    playbook: run.playbook,
    target: run.target,
    incident: run.incident,
  };
}
