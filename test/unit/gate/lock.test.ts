import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockersOf, type Lock, leaveQueues, lockGuards, lockHold, readLock, unlockChanges, waitChanges, yieldLocks } from '../../../src/gate/lock.ts';
import { conflicts, containersOf, lockKey, parseLockKey } from '../../../src/gate/lock-key.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';

const W1 = 'prod/Node//w1';
const SHOP = 'prod/Namespace//shop';
const DATA = 'prod/PersistentVolumeClaim/shop/data-0';
const OTHER = 'prod/PersistentVolumeClaim/blog/data-0';
const ALL = 'prod/Cluster//prod';

/** The engine's use of the locks, on the store's oracle. */
function locksmith() {
  const store: Store = oracleStore({ clock: systemClock });
  let ops = 0;
  const commit = async (built: { guards: Parameters<Store['commit']>[0]['guards']; changes: Parameters<Store['commit']>[0]['changes'] }) => {
    if (built.guards.length === 0) return 'done';
    ops += 1;
    return (await store.commit({ partition: 'prod', opId: `op-${ops}`, ...built })).kind;
  };
  const locks = async (): Promise<readonly Lock[]> =>
    (await store.list({ partition: 'prod', kind: 'lock', limit: 1000 })).records.flatMap((record) => readLock(record) ?? []);
  const take = async (run: string, keys: readonly string[], nowMs = 0) => commit(lockGuards(keys, run, { nowMs, passed: await locks() }));
  const give = async (run: string, nowMs = 0) => commit(unlockChanges(await locks(), run, nowMs));
  const wait = async (run: string, keys: readonly string[], sinceMs = 0) => commit(waitChanges(blockersOf(keys, run, await locks()), { run, keys, sinceMs }));
  const yields = async (run: string, keys: readonly string[], sinceMs = 0) => commit(yieldLocks(await locks(), { run, keys, sinceMs }, sinceMs));
  const leave = async (run: string) => commit(leaveQueues(await locks(), run));
  const mailOf = async (run: string) => (await store.mail('prod', run)).map(({ value }) => value);
  const held = async () => (await locks()).map(({ key, run }) => `${key} ${run}`).sort();
  return { store, locks, take, give, wait, yields, leave, mailOf, held };
}

test('keys are written one way, and read back', () => {
  expect(lockKey({ cluster: 'prod', kind: 'Node', name: 'w1' })).toBe(W1);
  expect(lockKey({ cluster: 'prod', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data-0' })).toBe(DATA);
  expect(lockKey({ cluster: 'prod', kind: 'Cluster', name: '' })).toBe(ALL);
  expect(parseLockKey(DATA)).toEqual({ cluster: 'prod', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data-0' });
  expect(parseLockKey('w1')).toBeUndefined();
});

test('what lies in a namespace lies in its cluster, too', () => {
  expect(containersOf(DATA)).toEqual([SHOP, ALL]);
  expect(containersOf(SHOP)).toEqual([ALL]);
  expect(containersOf(W1)).toEqual([ALL]);
  expect(containersOf(ALL)).toEqual([]);
  expect(conflicts(DATA, SHOP)).toBe(true);
  expect(conflicts(ALL, W1)).toBe(true);
  expect(conflicts(DATA, OTHER)).toBe(false);
  expect(conflicts(SHOP, W1)).toBe(false);
});

test('one key has one holder', async () => {
  const { take, held } = locksmith();
  expect(await take('run/a', [W1])).toBe('done');
  expect(await take('run/b', [W1])).toBe('conflict');
  expect(await held()).toEqual([`${W1} run/a`]);
});

test('all keys are taken or none', async () => {
  const { take, held } = locksmith();
  await take('run/a', [DATA]);
  expect(await take('run/b', [W1, DATA, OTHER])).toBe('conflict');
  expect(await held()).toEqual([`${DATA} run/a`]);
});

test.each([
  ['a namespace keeps out what lies in it', SHOP, DATA, 'conflict'],
  ['a cluster keeps out its nodes', ALL, W1, 'conflict'],
  ['a cluster keeps out what lies in its namespaces', ALL, DATA, 'conflict'],
  ['a volume keeps out its namespace', DATA, SHOP, 'full'],
  ['a volume keeps out its cluster', DATA, ALL, 'full'],
  ['a namespace keeps out its cluster', SHOP, ALL, 'full'],
  ['a node leaves a namespace alone', W1, SHOP, 'done'],
  ['a namespace leaves another namespace alone', SHOP, OTHER, 'done'],
])('%s', async (_, first, second, outcome) => {
  const { take, give, held } = locksmith();
  await take('run/a', [first]);
  expect(await take('run/b', [second])).toBe(outcome);
  if (outcome === 'done') return;
  await give('run/a');
  expect(await take('run/b', [second])).toBe('done');
  expect(await held()).toEqual([`${second} run/b`]);
});

test('one run may hold a namespace and what lies in it', async () => {
  const { take, give, held } = locksmith();
  expect(await take('run/a', [SHOP, DATA])).toBe('done');
  expect(await take('run/b', [ALL])).toBe('full');
  await give('run/a');
  expect(await held()).toEqual([]);
  expect(await take('run/b', [ALL])).toBe('done');
});

test('a lock goes to the first who waits for it, and he is told', async () => {
  const { take, give, wait, held, locks, mailOf } = locksmith();
  await take('run/a', [W1]);
  await wait('run/c', [W1], 20);
  await wait('run/b', [W1], 10);
  await give('run/a', 30);
  expect(await held()).toEqual([`${W1} run/b`]);
  expect(await mailOf('run/b')).toEqual([{ kind: 'look', why: `${W1} was given back by run/a` }]);
  expect(await mailOf('run/c')).toEqual([]);
  expect(await take('run/c', [W1])).toBe('conflict');
  expect(await take('run/b', [W1], 40)).toBe('done');
  expect((await locks())[0]).toMatchObject({ run: 'run/b', sinceMs: 40, waiting: [{ run: 'run/c' }] });
});

test('two who wait for keys that conflict do not both get them', async () => {
  const { take, give, wait, held, mailOf } = locksmith();
  await take('run/x', [DATA]);
  await wait('run/a', [SHOP, DATA], 10);
  await wait('run/b', [DATA], 20);
  await give('run/x');
  expect(await take('run/a', [SHOP, DATA])).toBe('done');
  await wait('run/c', [SHOP], 30);
  await give('run/a');
  expect(await held()).toEqual([`${DATA} run/b`]);
  expect(await mailOf('run/c')).toHaveLength(1);
});

test('a lock handed over is given on when the rest cannot be had', async () => {
  const { take, give, wait, held } = locksmith();
  await take('run/a', [W1]);
  await wait('run/b', [W1, DATA]);
  await take('run/c', [DATA]);
  await give('run/a');
  expect(await take('run/b', [W1, DATA])).toBe('conflict');
  await give('run/b');
  expect(await held()).toEqual([`${DATA} run/c`]);
});

test('two runs that want the same two keys never wait for each other with one in hand', async () => {
  const { take, give, yields, held } = locksmith();
  await take('run/x', [W1]);
  await take('run/y', [DATA]);
  await yields('run/a', [W1, DATA], 10);
  await yields('run/b', [W1, DATA], 20);
  await give('run/x');
  expect(await held()).toEqual([`${DATA} run/y`, `${W1} run/a`].sort());
  expect(await take('run/a', [W1, DATA])).toBe('conflict');
  await yields('run/a', [W1, DATA], 10);
  await give('run/y');
  // Whoever was handed something looks again: one takes both, or gives back what it has.
  for (const run of ['run/a', 'run/b', 'run/a', 'run/b']) if ((await take(run, [W1, DATA])) !== 'done') await yields(run, [W1, DATA], 10);
  expect(new Set((await held()).map((line) => line.split(' ')[1])).size).toBe(1);
  expect(await held()).toHaveLength(2);
});

test('who waits for a namespace is told when a lock inside is given back, and does not get that lock', async () => {
  const { take, give, wait, held, mailOf } = locksmith();
  await take('run/a', [DATA]);
  await wait('run/b', [SHOP]);
  await give('run/a');
  expect(await held()).toEqual([]);
  expect(await mailOf('run/b')).toHaveLength(1);
  expect(await take('run/b', [SHOP])).toBe('done');
});

test('all who wait inside a namespace are told when the namespace is given back', async () => {
  const { take, give, wait, mailOf } = locksmith();
  await take('run/a', [SHOP]);
  await wait('run/b', [DATA]);
  await wait('run/c', ['prod/Deployment/shop/api']);
  await give('run/a');
  expect(await mailOf('run/b')).toHaveLength(1);
  expect(await mailOf('run/c')).toHaveLength(1);
});

test('who waits twice stands in the queue once; who gives up stands in none', async () => {
  const { take, give, wait, leave, locks } = locksmith();
  await take('run/a', [W1]);
  await wait('run/b', [W1], 10);
  await wait('run/b', [W1], 99);
  expect((await locks())[0]?.waiting).toEqual([{ run: 'run/b', key: W1, sinceMs: 10 }]);
  await leave('run/b');
  await give('run/a');
  expect(await locks()).toEqual([]);
});

test('a run of another cluster gets the lock without mail: it looks by itself', async () => {
  const { store, take, give, held, mailOf, locks } = locksmith();
  await take('run/a', [W1]);
  await store.commit({ partition: 'prod', opId: 'x', ...waitChanges(await locks(), { run: 'run/b', keys: [W1], sinceMs: 0, home: 'staging' }) });
  await give('run/a');
  expect(await held()).toEqual([`${W1} run/b`]);
  expect(await mailOf('run/b')).toEqual([]);
});

test('a release that read stale locks changes nothing', async () => {
  const { store, take, wait, locks } = locksmith();
  await take('run/a', [W1]);
  const stale = unlockChanges(await locks(), 'run/a', 0);
  await wait('run/b', [W1]);
  expect((await store.commit({ partition: 'prod', opId: 'stale', ...stale })).kind).toBe('conflict');
});

test('keys of two clusters, or texts that are no keys, cannot be taken', () => {
  expect(() => lockGuards([W1, 'staging/Node//w1'], 'run/a', { nowMs: 0 })).toThrow('two clusters');
  expect(() => lockGuards(['w1'], 'run/a', { nowMs: 0 })).toThrow('no lock key');
});

test('the hold names who holds what since when', () => {
  const lock = { key: W1, seq: 1, run: 'run/a', sinceMs: 0, waiting: [] };
  expect(lockHold([lock])).toEqual({ kind: 'hold', gate: 'lock', reason: `${W1} is held by run/a since 1970-01-01 00:00:00 UTC` });
  expect(lockHold([lock, lock, lock, lock, lock]).reason).toContain('and 2 more');
});

const anyKey = fc.constantFrom(ALL, SHOP, SHOP, 'prod/Namespace//blog', W1, DATA, DATA, 'prod/Deployment/shop/api');
const anyRun = fc.constantFrom('run/a', 'run/b', 'run/c', 'run/d');
const anyMove = fc.record({
  run: anyRun,
  keys: fc.uniqueArray(anyKey, { minLength: 1, maxLength: 3 }),
  what: fc.constantFrom('take', 'take', 'take', 'give', 'leave'),
});

test('whatever runs do, no two hold what conflicts, and the counts say how many are inside', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { maxLength: 40 }), async (moves) => {
      const { store, take, give, yields, leave, locks } = locksmith();
      let nowMs = 0;
      for (const { run, keys, what } of moves) {
        nowMs += 1;
        if (what === 'leave') await leave(run);
        else if (what === 'give') await give(run, nowMs);
        else if ((await take(run, keys, nowMs)) !== 'done') await yields(run, keys, nowMs);
        const held = await locks();
        for (const one of held) for (const other of held) if (one.run !== other.run) expect(conflicts(one.key, other.key)).toBe(false);
        for (const container of [ALL, SHOP, 'prod/Namespace//blog']) {
          const inside = held.filter(({ key }) => containersOf(key).includes(container)).length;
          expect(await store.counts('prod', [`inside/${container}`])).toEqual([inside]);
        }
      }
      // When all give back, nothing is left behind.
      for (let round = 0; round < 5; round += 1) for (const run of ['run/a', 'run/b', 'run/c', 'run/d']) await give(run, nowMs);
      expect(await locks()).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
