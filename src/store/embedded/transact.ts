import { SalvorError } from '../../model/error.ts';
import { countArrived } from './accept.ts';
import { type Fault, faultOf } from './fault.ts';
import type { Answer, Call, Reply } from './message.ts';
import type { OpenStore } from './open-store.ts';
import { type Performed, perform, writes } from './perform.ts';

type BatchReply = Extract<Reply, { kind: 'batch' }>;

/** What a batch needs beside the store: the file's name for sentences, and a way to make room on a full disk. */
export type Surroundings = { readonly file: string; readonly makeRoom: () => void };

/**
 * Runs a batch as one transaction: one sync for all its writes, none where it only reads. No answer leaves before the commit.
 * A call that fails alone is undone alone. Where the storage refuses, everything is undone and each call tries by itself.
 */
export function runBatch(store: OpenStore, calls: readonly Call[], surroundings: Surroundings): BatchReply {
  const { file, makeRoom } = surroundings;
  store.memory.due.clear();
  try {
    return together(store, calls, file);
  } catch (error) {
    const fault = faultOf(error, file);
    undo(store, fault);
    if (fault.fatal) return failed(store, calls, fault);
    if (fault.code === 'store.full') makeRoom();
    return oneByOne(store, calls, file);
  }
}

function together(store: OpenStore, calls: readonly Call[], file: string): BatchReply {
  const { sqlite } = store;
  // A lease need not outlive a power cut: every opening ends all of them, and whatever its holder does is behind a commit that syncs both.
  setSync(store, calls.every((call) => !writes(call) || call.op === 'claim' || call.op === 'renew') ? 'NORMAL' : 'FULL');
  sqlite.run('BEGIN');
  const performed = calls.map((call) => {
    if (call.op === 'accept') return accepted(store, call, file);
    return writes(call) ? guarded(store, call, file) : attempt(store, call, file);
  });
  countArrived(store);
  sqlite.run('COMMIT');
  return { kind: 'batch', answers: performed.map(({ answer }) => answer), changed: performed.some(({ changed }) => changed), due: [...store.memory.due] };
}

function setSync({ sqlite, memory }: OpenStore, sync: 'NORMAL' | 'FULL'): void {
  if (memory.sync === sync) return;
  // Not prepared: this pragma takes effect when it is compiled.
  sqlite.exec(`PRAGMA synchronous = ${sync}`);
  memory.sync = sync;
}

/** A webhook needs no savepoint: a refusal comes before anything is written, and whatever else goes wrong undoes the whole batch. */
function accepted(store: OpenStore, call: Call, file: string): Performed {
  try {
    return perform(store, call);
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    return { answer: { op: 'fault', fault: faultOf(error, file) }, changed: false };
  }
}

/** One call in a savepoint, so that its failure leaves its neighbours whole. */
function guarded(store: OpenStore, call: Call, file: string): Performed {
  const { sqlite } = store;
  sqlite.run('SAVEPOINT call');
  const performed = attempt(store, call, file);
  if (performed.answer.op === 'fault') {
    sqlite.run('ROLLBACK TO call');
    store.memory.waiting = undefined;
  }
  sqlite.run('RELEASE call');
  return performed;
}

/** Answers a call's own failure; throws where the storage refuses, because then the whole transaction is in doubt. */
function attempt(store: OpenStore, call: Call, file: string): Performed {
  try {
    return perform(store, call);
  } catch (error) {
    const fault = faultOf(error, file);
    if (fault.storage || !store.sqlite.inTransaction) throw error;
    return { answer: { op: 'fault', fault }, changed: false };
  }
}

function oneByOne(store: OpenStore, calls: readonly Call[], file: string): BatchReply {
  const { sqlite } = store;
  const answers: Answer[] = [];
  let anyChanged = false;
  setSync(store, 'FULL');
  for (const call of calls) {
    try {
      sqlite.run('BEGIN');
      const { answer, changed } = perform(store, call);
      countArrived(store);
      sqlite.run('COMMIT');
      answers.push(answer);
      anyChanged ||= changed;
    } catch (error) {
      const fault = faultOf(error, file);
      undo(store, fault);
      if (fault.fatal) return { ...failed(store, calls, fault), answers: calls.map((_, at) => answers[at] ?? { op: 'fault', fault }), changed: anyChanged };
      answers.push({ op: 'fault', fault });
    }
  }
  return { kind: 'batch', answers, changed: anyChanged, due: [...store.memory.due] };
}

/** Takes back what is open. After a fatal fault nothing more is asked of the disk: the next opening finds what was committed. */
function undo({ sqlite, memory }: OpenStore, fault: Fault): void {
  memory.waiting = undefined;
  memory.arrived = 0;
  if (!fault.fatal && sqlite.inTransaction) sqlite.run('ROLLBACK');
}

function failed({ memory }: OpenStore, calls: readonly Call[], fault: Fault): BatchReply {
  return { kind: 'batch', answers: calls.map(() => ({ op: 'fault', fault })), changed: false, due: [...memory.due], fatal: fault };
}
