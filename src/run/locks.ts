import { blastGuards, blastReturn, drawsOf } from '../gate/blast-radius.ts';
import { blockersOf, type Lock, leaveQueues, lockGuards, lockHold, readLock, unlockChanges, yieldLocks } from '../gate/lock.ts';
import { containersOf, isContainer, parseLockKey } from '../gate/lock-key.ts';
import { errorCode, SalvorError } from '../model/error.ts';
import type { Hold } from '../model/gate.ts';
import { lockId } from '../model/identity.ts';
import { isOpen, type Run } from '../model/run.ts';
import { listAll } from '../port/list-all.ts';
import type { Change, Guard } from '../port/store.ts';
import type { Engine } from './engine.ts';
import type { Session } from './session.ts';
import { readRun } from './stored.ts';

const TRIES = 5;

/** What a start takes beside the locks: budgets that must have room, counted in the same commit. */
export type Budget = { readonly guards: readonly Guard[]; readonly changes: readonly Change[] };

/**
 * Takes every lock and budget of a run, all or none, together with the run's own next value. Locks of other clusters come first, in their own
 * partitions: each names its run, so a crash in between leaves nothing without an owner. Undefined when it holds them.
 */
export async function takeLocks(engine: Engine, session: Session, budget: Budget): Promise<Hold | undefined> {
  const run = session.run();
  if (run.locked) return charge(session, budget);
  try {
    return await takeAll(engine, session, budget);
  } catch (error) {
    if (errorCode(error) === 'run.fenced') await leaveElsewhere(engine, run);
    throw error;
  }
}

async function takeAll(engine: Engine, session: Session, budget: Budget): Promise<Hold | undefined> {
  const run = session.run();
  for (const cluster of clustersElsewhere(run)) {
    const hold = await takeElsewhere(engine, run, cluster);
    if (hold !== undefined) return giveUp(engine, run, hold);
  }
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    // Nearly always they are free: only where they are not, is it looked what is in the way, or was handed over.
    const locks = attempt === 0 ? [] : await locksNear(engine, run.cluster, keysIn(run, run.cluster));
    const own = lockGuards(keysIn(run, run.cluster), run.id, { nowMs: engine.clock.nowMs(), passed: locks.filter((lock) => lock.run === run.id) });
    const radius = blastGuards(drawsOf(keysIn(run, run.cluster), engine.policy().gates.blastRadius));
    // The run's own word that it holds them is stored in the very commit that takes them.
    const result = await session.commit({
      guards: [...own.guards, ...radius.guards, ...budget.guards],
      changes: [...own.changes, ...radius.changes, ...budget.changes],
      taking: { run: { ...session.run(), locked: true, charged: run.generation }, drafts: [] },
    });
    if (result.kind === 'done') return undefined;
    if (result.guard?.is === 'room' && !result.guard.count.startsWith('inside/')) {
      if (await giveBackForgotten(engine, run.cluster, await locksOf(engine, run.cluster))) continue;
      return giveUp(engine, run, fullHold(result.guard.count, run.cluster));
    }
    const now = await locksOf(engine, run.cluster);
    const blockers = blockersOf(keysIn(run, run.cluster), run.id, now);
    if (await giveBackForgotten(engine, run.cluster, blockers)) continue;
    if (blockers.length > 0 && (await queue({ engine, session, run }, now))) return giveUp(engine, run, lockHold(blockers));
  }
  return giveUp(engine, run, lockHold([]));
}

/** A later stage of a run that holds its locks takes only what is counted for each proposal. */
async function charge(session: Session, budget: Budget): Promise<Hold | undefined> {
  const run = session.run();
  if (budget.changes.length === 0) return undefined;
  const result = await session.commit({ ...budget, taking: { run: { ...run, charged: run.generation }, drafts: [] } });
  return result.kind === 'done' ? undefined : fullHold(result.guard?.is === 'room' ? result.guard.count : 'auto/', run.cluster);
}

/** A run that waits holds nothing in other clusters: who waits with a lock in hand could be waited for by the one it waits for. */
async function giveUp(engine: Engine, run: Run, hold: Hold): Promise<Hold> {
  await giveUpElsewhere(engine, run);
  return hold;
}

async function giveUpElsewhere(engine: Engine, run: Run): Promise<void> {
  for (const cluster of clustersElsewhere(run)) await releaseElsewhere(engine, run, cluster);
}

function fullHold(count: string, cluster: string): Hold {
  if (count.startsWith('auto/')) return { kind: 'hold', gate: 'budget', reason: `The limit of automatic changes on ${cluster} is reached for now (${count})` };
  return { kind: 'hold', gate: 'blast-radius', reason: `As many as may be touched at once on ${cluster} are being worked on (${count})` };
}

type Queueing = { readonly engine: Engine; readonly session: Session; readonly run: Run };

/** Gives back what was handed over and stands in the queues of what keeps the run away; false where that moved meanwhile. */
async function queue({ engine, session, run }: Queueing, locks: readonly Lock[]): Promise<boolean> {
  const sinceMs = run.approval?.grantedMs ?? run.createdMs;
  const waits = yieldLocks(locks, { run: run.id, keys: keysIn(run, run.cluster), sinceMs }, engine.clock.nowMs());
  const result = await session.commit({ guards: waits.guards, changes: waits.changes });
  return result.kind === 'done';
}

async function takeElsewhere(engine: Engine, run: Run, cluster: string): Promise<Hold | undefined> {
  const keys = keysIn(run, cluster);
  const locks = await locksOf(engine, cluster);
  if (keys.every((key) => locks.some((lock) => lock.key === key && lock.run === run.id))) return undefined;
  const own = lockGuards(keys, run.id, { nowMs: engine.clock.nowMs(), passed: locks.filter((lock) => lock.run === run.id) });
  const radius = blastGuards(drawsOf(keys, engine.policy().gates.blastRadius));
  const result = await engine.store.commit({
    partition: cluster,
    opId: engine.ids.next(),
    guards: [...own.guards, ...radius.guards],
    changes: [...own.changes, ...radius.changes],
  });
  if (result.kind === 'done') return undefined;
  // What is given back now is free at the next look, a moment later.
  await giveBackForgotten(engine, cluster, locks);
  return result.guard?.is === 'room' && !result.guard.count.startsWith('inside/')
    ? fullHold(result.guard.count, cluster)
    : lockHold(blockersOf(keys, run.id, locks));
}

/**
 * A lock in another cluster is not fenced by its run's lease: who stood still while another drove the run to its end wakes and takes it once more, for
 * nobody. It is found out a moment later, when the run itself cannot be written.
 */
async function leaveElsewhere(engine: Engine, run: Run): Promise<void> {
  const record = await engine.store.get(run.cluster, run.id);
  // Where the run goes on in other hands, its end gives back all that it holds.
  if (record !== undefined && !isOpen(readRun(record).state)) await giveUpElsewhere(engine, run);
}

/** Who was killed in that moment left it there: whoever finds it in the way, or its place in a budget taken, gives it back. True: something was. */
async function giveBackForgotten(engine: Engine, cluster: string, locks: readonly Lock[]): Promise<boolean> {
  let given = false;
  for (const id of new Set(locks.map((lock) => lock.run))) {
    const homes = [...engine.clusters.names()].filter((name) => name !== cluster);
    const records = await Promise.all(homes.map((home) => engine.store.get(home, id)));
    const [run] = records.flatMap((record) => (record === undefined ? [] : [readRun(record)]));
    if (run === undefined || isOpen(run.state)) continue;
    engine.log.warn('lock.forgotten', { runId: id, cluster });
    await releaseElsewhere(engine, run, cluster);
    given = true;
  }
  return given;
}

/**
 * What gives everything back in the commit that ends the run. At the first attempt as if nobody had queued for its locks since it took them, which is
 * nearly always so; on a conflict read again and build again.
 */
export async function releaseLocks(engine: Engine, run: Run, attempt: number): Promise<Budget> {
  const nowMs = engine.clock.nowMs();
  await giveUpElsewhere(engine, run);
  // Who took its locks stands in no queue: nothing that conflicts with them can be there.
  const keys = keysIn(run, run.cluster);
  const locks = !run.locked
    ? await locksOf(engine, run.cluster)
    : attempt === 0
      ? keys.map((key) => ({ key, run: run.id, sinceMs: run.createdMs, waiting: [], seq: 1 }))
      : await locksNear(engine, run.cluster, keys);
  const given = unlockChanges(locks, run.id, nowMs);
  const left = leaveQueues(locks, run.id);
  // A lock that was only handed over has drawn on no budget yet.
  const radius = run.locked ? blastReturn(drawsOf(keys, engine.policy().gates.blastRadius)) : [];
  return { guards: [...given.guards, ...left.guards], changes: [...given.changes, ...left.changes, ...radius] };
}

async function releaseElsewhere(engine: Engine, run: Run, cluster: string): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const given = unlockChanges(await locksOf(engine, cluster), run.id, engine.clock.nowMs());
    if (given.changes.length === 0) return;
    const radius = blastReturn(drawsOf(keysIn(run, cluster), engine.policy().gates.blastRadius));
    const changes = [...given.changes, ...radius];
    const result = await engine.store.commit({ partition: cluster, opId: engine.ids.next(), guards: given.guards, changes });
    if (result.kind === 'done') return;
  }
  throw new SalvorError('internal', `the locks in ${cluster} keep changing under the hands of ${run.id}`, { retry: 'later' });
}

/** The locks that conflict with these keys, their own among them. */
export async function locksNear(engine: Engine, cluster: string, keys: readonly string[]): Promise<readonly Lock[]> {
  // Everything inside a container conflicts with it.
  if (keys.some(isContainer)) return locksOf(engine, cluster);
  const near = new Set(keys.flatMap((key) => [key, ...containersOf(key)]));
  const records = await Promise.all([...near].map((key) => engine.store.get(cluster, lockId(key))));
  return records.flatMap((record) => (record === undefined ? [] : (readLock(record) ?? [])));
}

/** Every lock of a cluster. */
export async function locksOf(engine: Engine, cluster: string): Promise<readonly Lock[]> {
  const records = await listAll(engine.store, { partition: cluster, kind: 'lock' });
  return records.flatMap((record) => readLock(record) ?? []);
}

function clustersElsewhere(run: Run): readonly string[] {
  return clustersOf(run).filter((name) => name !== run.cluster);
}

function clustersOf(run: Run): readonly string[] {
  return [...new Set(run.lockKeys.map((key) => parseLockKey(key)?.cluster ?? run.cluster))].sort();
}

/** The run's lock keys in one cluster. */
export function keysIn(run: Run, cluster: string): readonly string[] {
  return run.lockKeys.filter((key) => (parseLockKey(key)?.cluster ?? run.cluster) === cluster);
}
