import { beforeEach, describe, expect, test } from 'vitest';
import { sealAudit, sealsOf } from '../../../src/command/seal.ts';
import { problemOf, verifyAudit } from '../../../src/command/verify.ts';
import { chain, type Entry, emptyChain } from '../../../src/model/entry.ts';
import { systemIds } from '../../../src/port/ids.ts';
import type { Store } from '../../../src/port/store.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';
import { line, openIncident, proposedRun, putIncident, putRun } from '../../contract/api/site.ts';

let clock: VirtualClock;
let store: Store;
let seal: (cluster: string) => Promise<number>;
beforeEach(() => {
  clock = virtualClock();
  store = oracleStore({ clock });
  seal = sealAudit({ store, clock, ids: systemIds });
});

const said = (...texts: readonly string[]) => texts.map((text) => line('note', { text }, clock.nowMs()));

describe('sealing', () => {
  test('takes the heads of the journals that grew, and nothing when none did', async () => {
    let run = await putRun(store, proposedRun(), said('one'));
    await putIncident(store, openIncident(), said('x'));
    expect(await seal('prod')).toBe(2);
    expect(await seal('prod')).toBe(0);
    run = await putRun(store, run, said('two'));
    expect(await seal('prod')).toBe(1);
    const seals = sealsOf(await store.entries({ partition: 'prod', of: 'audit/prod' }));
    expect(seals.map(({ journal, n }) => [journal, n])).toEqual([
      [openIncident().id, 1],
      [run.id, 1],
      [run.id, 2],
    ]);
    expect(await verifyAudit(store)).toMatchObject({ ok: true, journals: 3, sealed: 2 });
  });

  test('sees a run that was made and ended between two looks, and one that ended while nothing ran', async () => {
    await seal('prod');
    await clock.pass(10_000);
    await putRun(store, proposedRun({ state: 'done', endedMs: clock.nowMs(), createdMs: clock.nowMs() }), said('quick'));
    expect(await seal('prod')).toBe(1);
    await clock.pass(3_600_000 * 24);
    await putRun(store, proposedRun({ target: 'w9', state: 'done', endedMs: 1, createdMs: 1 }), said('slow'));
    await clock.pass(3_600_000 * 24);
    expect(await sealAudit({ store, clock, ids: systemIds })('prod')).toBe(1);
  });

  test('takes the last lines of a run that ended since the look before', async () => {
    const run = await putRun(store, proposedRun(), said('one'));
    await seal('prod');
    await clock.pass(120_000);
    await seal('prod');
    await putRun(store, { ...run, state: 'done', endedMs: clock.nowMs() }, said('ended'));
    await clock.pass(10_000);
    expect(await seal('prod')).toBe(1);
  });

  test('by two replicas at once keeps one chain', async () => {
    await putRun(store, proposedRun(), said('one'));
    const other = sealAudit({ store, clock, ids: systemIds });
    const counts = await Promise.all([seal('prod'), other('prod')]);
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await verifyAudit(store)).toMatchObject({ ok: true });
  });

  test('of a storm is split, so that no line is too long', async () => {
    for (let number = 0; number < 250; number += 1) await putRun(store, proposedRun({ target: `w${number}` }), said('one'));
    expect(await seal('prod')).toBe(250);
    const lines = await store.entries({ partition: 'prod', of: 'audit/prod' });
    expect(lines.map(({ data }) => JSON.stringify(data).length < 16_384)).toEqual([true, true, true]);
  });
});

describe('verifying', () => {
  test('finds a journal that was written anew together with its record', async () => {
    const run = proposedRun();
    await putRun(store, run, said('one', 'two', 'three'));
    await seal('prod');
    await clock.pass(1000);
    // As somebody with the store's file in hand could: everything of the run is taken away, and made again a little different.
    expect(await store.prune({ partition: 'prod', kind: 'run', updatedBeforeMs: clock.nowMs(), limit: 10 })).toBe(1);
    await putRun(store, run, said('one', 'other', 'three'));
    expect((await verifyAudit(store)).problems).toEqual([
      { cluster: 'prod', journal: run.id, n: 3, reason: 'entry 3 or one before it is not the one that was sealed' },
    ]);
  });

  test('a journal that is gone is missed, unless it may have been pruned by then', async () => {
    const run = await putRun(store, proposedRun(), said('one'));
    await seal('prod');
    const sealedMs = clock.nowMs();
    await store.commit({ partition: 'prod', opId: 'x', guards: [{ is: 'seq', id: run.id, seq: 1 }], changes: [{ do: 'delete', id: run.id }] });
    expect((await verifyAudit(store)).problems).toMatchObject([{ journal: run.id, reason: expect.stringContaining('the whole journal is missing') }]);
    expect((await verifyAudit(store, { keptSinceMs: sealedMs - 7_200_000 })).ok).toBe(false);
    expect((await verifyAudit(store, { keptSinceMs: sealedMs + 1 })).ok).toBe(true);
  });
});

describe('one journal', () => {
  const drafts = [line('a', { x: 1 }, 1), line('b', { x: 2 }, 2), line('c', { x: 3 }, 3)];
  const { entries, head } = chain('run/1', emptyChain, drafts);
  const seals = [{ journal: 'run/1', n: 3, hash: head.hash, atMs: 4 }];
  const [first, second, third] = entries;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were made');
  const short = chain('run/1', emptyChain, drafts.slice(0, 2));
  const other = chain('run/1', emptyChain, [...drafts.slice(0, 2), line('c', { x: 4 }, 3)]);
  const longer = chain('run/1', head, [line('d', {}, 5)]);

  test('that nobody touched has no problem', () => {
    expect(problemOf('run/1', { lines: entries, head, seals })).toBeUndefined();
    expect(problemOf('run/1', { lines: [...entries, ...longer.entries], head: longer.head, seals })).toBeUndefined();
  });

  const cases: readonly (readonly [string, readonly Entry[], { readonly n: number; readonly hash: string }, string])[] = [
    ['an edited entry', [first, { ...second, data: { x: 9 } }, third], head, 'entry 2 was changed'],
    ['an entry with another time', [first, { ...second, atMs: 9 }, third], head, 'entry 2 was changed'],
    ['a dropped entry', [first, third], head, 'entry 2 is missing'],
    ['swapped entries', [second, first, third], head, 'entry 1 is missing'],
    ['swapped contents', [first, { ...third, n: 2 }, { ...second, n: 3 }], head, 'entry 2 was changed'],
    ['a cut tail', [first, second], head, 'the tail was cut off: 2 of 3'],
    ['a cut tail with its record', short.entries, short.head, '3 entries were sealed, 2 are left'],
    ['another tail with its record', other.entries, other.head, 'entry 3 or one before it is not the one that was sealed'],
    ['an entry of another hand', [...entries, ...longer.entries], head, 'appended by another hand behind entry 3'],
    ['another record', entries, { n: 3, hash: other.head.hash }, 'entry 3 is not the one that its writer stored'],
    ['no entries at all', [], { n: 0, hash: emptyChain.hash }, '3 entries were sealed, 0 are left'],
    ['the journal of another run', chain('run/2', emptyChain, drafts).entries, head, 'entry 1 was changed'],
  ];
  test.each(cases)('with %s has one', (_, lines, where, reason) => {
    expect(problemOf('run/1', { lines, head: where, seals })?.reason).toContain(reason);
  });
});
