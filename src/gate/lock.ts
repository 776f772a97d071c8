import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { Hold } from '../model/gate.ts';
import { lockId } from '../model/identity.ts';
import type { JsonObject } from '../model/json.ts';
import type { RunMail } from '../model/mail.ts';
import { formatTime } from '../model/time.ts';
import type { Change, Guard, StoredRecord } from '../port/store.ts';
import { conflicts, containersOf, isContainer, parseLockKey } from './lock-key.ts';

/**
 * Locks on what runs touch, as the guards and changes of commits: taken all or none, so no run waits with a lock in hand and none can deadlock.
 * A lock on a Namespace or Cluster conflicts with every lock inside: a lock inside asks for the container's lock to be absent, and counts itself
 * in `inside/<container>`; a lock on a container asks for that count to be zero. Both are asked in the commit that takes.
 */
export type LockValue = { readonly run: string; readonly sinceMs: number; readonly waiting: readonly LockWaiter[] };

/**
 * `key` is what the run wants: this lock, or one that conflicts with it. `sinceMs` keeps its place over all its tries.
 * `home`: the cluster that the run lives in, where it is another one: no mail reaches it from here, so it looks again by itself.
 */
export type LockWaiter = { readonly run: string; readonly key: string; readonly sinceMs: number; readonly home?: string | undefined };

/** A lock as read from the store. */
export type Lock = LockValue & { readonly key: string; readonly seq: number };

/** A run that waits for all of these keys of one cluster. */
export type Waiting = { readonly run: string; readonly keys: readonly string[]; readonly sinceMs: number; readonly home?: string };

export type LockChanges = { readonly guards: readonly Guard[]; readonly changes: readonly Change[] };

const Waiter = z.object({ run: z.string(), key: z.string(), sinceMs: z.number(), home: z.string().optional() });
const Value = z.object({ run: z.string(), sinceMs: z.number(), waiting: z.array(Waiter) });

/** The count of locks held inside a container. */
export const insideCount = (container: string): string => `inside/${container}`;

/** A lock record as a value; undefined for a record that is none. */
export function readLock(record: Pick<StoredRecord, 'id' | 'seq' | 'value'>): Lock | undefined {
  const value = Value.safeParse(record.value);
  if (!value.success || !record.id.startsWith('lock/')) return undefined;
  return { key: record.id.slice('lock/'.length), seq: record.seq, ...value.data };
}

/**
 * Takes every key for one run, or none. All keys are of one cluster: a commit touches one partition.
 * `passed` are locks that another run handed over to this one; the rest must be free.
 */
export function lockGuards(
  keys: readonly string[],
  run: string,
  { nowMs, passed = [] }: { readonly nowMs: number; readonly passed?: readonly Lock[] },
): LockChanges {
  const wanted = [...new Set(keys)].sort();
  const clusters = new Set(wanted.map((key) => known(key).cluster));
  if (clusters.size > 1) throw new SalvorError('internal', 'Locks of two clusters cannot be taken in one commit');
  const own = passed.filter((lock) => lock.run === run && wanted.includes(lock.key));
  const guards: Guard[] = [];
  const changes: Change[] = [];
  const mustBeAbsent = new Set<string>();
  for (const key of wanted) {
    const handed = own.find((lock) => lock.key === key);
    if (handed === undefined) mustBeAbsent.add(key);
    else guards.push({ is: 'seq', id: lockId(key), seq: handed.seq });
    for (const container of containersOf(key)) if (!wanted.includes(container)) mustBeAbsent.add(container);
    // A lock that was handed over is counted already: its own inside-ness may not keep its run out.
    const counted = own.filter((lock) => containersOf(lock.key).includes(key)).length;
    if (isContainer(key)) guards.push({ is: 'room', count: insideCount(key), add: 0, limit: counted });
    changes.push(put(key, { run, sinceMs: nowMs, waiting: handed?.waiting ?? [] }));
    if (handed === undefined) changes.push(...countInside(key, 1));
  }
  return { guards: [...[...mustBeAbsent].sort().map((key) => ({ is: 'absent' as const, id: lockId(key) })), ...guards], changes };
}

/**
 * Gives back every lock that the run holds among those read. A lock goes straight to the first who waits for it; who waits for something else
 * that it kept away is told to look again. Guarded by what was read: on a conflict read again and build it again.
 */
export function unlockChanges(locks: readonly Lock[], run: string, nowMs: number): LockChanges {
  const own = locks.filter((lock) => lock.run === run);
  const heirs = heirsOf(own, run);
  const changes = own.flatMap((lock) => {
    const waiting = inOrder(lock.waiting.filter((waiter) => waiter.run !== run));
    const heir = heirs.get(lock.key);
    if (heir !== undefined)
      return [put(lock.key, { run: heir.run, sinceMs: nowMs, waiting: waiting.filter((waiter) => waiter.run !== heir.run) }), ...tell(heir, lock)];
    return [{ do: 'delete', id: lockId(lock.key) } as const, ...countInside(lock.key, -1), ...waiting.flatMap((waiter) => tell(waiter, lock))];
  });
  return { guards: own.map((lock) => ({ is: 'seq', id: lockId(lock.key), seq: lock.seq })), changes };
}

/** Who gets which lock: the first in its queue, if it is this lock that he wants, and if nobody who waits longer gets one that conflicts. */
function heirsOf(own: readonly Lock[], run: string): ReadonlyMap<string, LockWaiter> {
  const firsts = own.flatMap((lock) => {
    const [first] = inOrder(lock.waiting.filter((waiter) => waiter.run !== run));
    return first?.key === lock.key ? [first] : [];
  });
  const heirs = new Map<string, LockWaiter>();
  for (const first of inOrder(firsts)) {
    const taken = [...heirs.values()].some((heir) => heir.run !== first.run && conflicts(heir.key, first.key));
    if (!taken) heirs.set(first.key, first);
  }
  return heirs;
}

/** The locks of other runs that keep these keys from being taken. */
export function blockersOf(keys: readonly string[], run: string, locks: readonly Lock[]): readonly Lock[] {
  return locks.filter((lock) => lock.run !== run && keys.some((key) => conflicts(key, lock.key)));
}

/** Puts a run in the queues of what keeps it away; where it waits already it keeps its place. `sinceMs`: when it first asked. */
export function waitChanges(blockers: readonly Lock[], waiter: Waiting): LockChanges {
  const guards: Guard[] = [];
  const changes: Change[] = [];
  for (const lock of blockers) {
    guards.push({ is: 'seq', id: lockId(lock.key), seq: lock.seq });
    if (lock.waiting.some((one) => one.run === waiter.run)) continue;
    const key = waiter.keys.find((one) => one === lock.key) ?? waiter.keys.find((one) => conflicts(one, lock.key)) ?? lock.key;
    changes.push(
      put(lock.key, {
        run: lock.run,
        sinceMs: lock.sinceMs,
        waiting: inOrder([...lock.waiting, { run: waiter.run, key, sinceMs: waiter.sinceMs, home: waiter.home }]),
      }),
    );
  }
  return { guards, changes };
}

/**
 * What a run does that cannot take all of its keys now: it gives back what was handed to it, and stands in the queues of what keeps it away,
 * in one commit. Who waited with a lock in hand could be waited for by the one he waits for.
 */
export function yieldLocks(locks: readonly Lock[], waiter: Waiting, nowMs: number): LockChanges {
  const given = unlockChanges(locks, waiter.run, nowMs);
  const waits = waitChanges(blockersOf(waiter.keys, waiter.run, locks), waiter);
  return { guards: [...given.guards, ...waits.guards], changes: [...given.changes, ...waits.changes] };
}

/** Takes a run that gave up out of every queue it stands in. */
export function leaveQueues(locks: readonly Lock[], run: string): LockChanges {
  const standing = locks.filter((lock) => lock.run !== run && lock.waiting.some((waiter) => waiter.run === run));
  return {
    guards: standing.map((lock) => ({ is: 'seq', id: lockId(lock.key), seq: lock.seq })),
    changes: standing.map((lock) => put(lock.key, { run: lock.run, sinceMs: lock.sinceMs, waiting: lock.waiting.filter((waiter) => waiter.run !== run) })),
  };
}

/** Why a run cannot take its locks, in words: who holds what since when. */
export function lockHold(blockers: readonly Lock[]): Hold {
  const words = blockers.slice(0, 3).map((lock) => `${lock.key} is held by ${lock.run} since ${formatTime(lock.sinceMs)}`);
  const more = blockers.length > 3 ? ` and ${blockers.length - 3} more` : '';
  return { kind: 'hold', gate: 'lock', reason: words.length === 0 ? 'another run took a lock at the same moment' : words.join('; ') + more };
}

function known(key: string): { readonly cluster: string } {
  const parsed = parseLockKey(key);
  if (parsed === undefined) throw new SalvorError('internal', `"${key}" is no lock key: expected cluster/Kind/namespace/name`);
  return parsed;
}

function put(key: string, value: LockValue): Change {
  const json: JsonObject = {
    run: value.run,
    sinceMs: value.sinceMs,
    waiting: value.waiting.map(({ run, key: wants, sinceMs, home }) => ({ run, key: wants, sinceMs, home })),
  };
  return { do: 'put', id: lockId(key), kind: 'lock', value: json };
}

function countInside(key: string, add: 1 | -1): readonly Change[] {
  return containersOf(key).map((container) => ({ do: 'count', id: insideCount(container), add }));
}

function inOrder(waiting: readonly LockWaiter[]): readonly LockWaiter[] {
  return [...waiting].sort((a, b) => a.sinceMs - b.sinceMs || (a.run < b.run ? -1 : 1));
}

/** The mail's key names the lock and its state: the same release tells once. */
function tell(waiter: LockWaiter, lock: Lock): readonly Change[] {
  if (waiter.home !== undefined && waiter.home !== parseLockKey(lock.key)?.cluster) return [];
  const value: RunMail = { kind: 'look', why: `${lock.key} was given back by ${lock.run}` };
  return [{ do: 'mail', to: waiter.run, key: `lock/${lock.key}/${lock.seq}`, value }];
}
