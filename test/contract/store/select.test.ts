import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ListQuery, Store } from '../../../src/port/store.ts';
import { absent, type Bench, closeAll, commitOf, drivers, mailTo, P, put, scratchFolder } from './drivers.ts';

afterEach(closeAll);

async function idsOf(store: Store, query: Partial<ListQuery> = {}): Promise<readonly string[]> {
  return (await store.list({ kind: 'run', limit: 100, ...query })).records.map(({ id }) => id);
}

/** Runs r1 … r6 in turn in `prod`, each a ms younger, with states and nodes; one in `dr` between, one incident. */
async function filled({ store, clock }: Bench): Promise<void> {
  const states = ['done', 'proposed', 'done', 'failed', 'proposed', 'done'];
  for (const [index, state] of states.entries()) {
    clock.pass(1);
    const id = `r${index + 1}`;
    await store.commit(commitOf([absent(id)], [put(id, { indexed: { state, node: index % 2 === 0 ? 'w1' : 'w2' } })]));
  }
  await store.commit({ ...commitOf([absent('x')], [put('x', { indexed: { state: 'done' } })]), partition: 'dr' });
  await store.commit(commitOf([absent('i')], [put('i', { kind: 'incident' })]));
}

describe.each(drivers)('$name store: lists', ({ open }) => {
  test('come by kind and partition, oldest or newest first', async () => {
    const bench = await open();
    await filled(bench);
    expect(await idsOf(bench.store, { partition: P })).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'r6']);
    expect(await idsOf(bench.store)).toEqual(['r1', 'r2', 'r3', 'r4', 'r5', 'x', 'r6']);
    expect(await idsOf(bench.store, { newestFirst: true, limit: 3 })).toEqual(['r6', 'x', 'r5']);
    expect(await idsOf(bench.store, { kind: 'incident' })).toEqual(['i']);
    expect(await idsOf(bench.store, { partition: 'none' })).toEqual([]);
    const { records } = await bench.store.list({ kind: 'run', partition: P, limit: 1 });
    expect(records).toEqual([await bench.store.get(P, 'r1')]);
  });

  test('every field must match; several values of one field mean any of them', async () => {
    const bench = await open();
    await filled(bench);
    const where = (fields: ListQuery['where']) => idsOf(bench.store, { partition: P, ...(fields === undefined ? {} : { where: fields }) });
    expect(await where({ state: 'done' })).toEqual(['r1', 'r3', 'r6']);
    expect(await where({ state: ['failed', 'done', 'done'] })).toEqual(['r1', 'r3', 'r4', 'r6']);
    expect(await where({ state: ['done', 'proposed'], node: 'w2' })).toEqual(['r2', 'r6']);
    expect(await where({ state: [] })).toEqual([]);
    expect(await where({ state: 'none' })).toEqual([]);
    expect(await where({ toString: 'x' })).toEqual([]);
    expect(await where({})).toHaveLength(6);
    expect(await idsOf(bench.store, { where: { state: 'done' } })).toEqual(['r1', 'r3', 'x', 'r6']);
    expect(await idsOf(bench.store, { where: { state: ['done', 'failed'] }, newestFirst: true, limit: 3 })).toEqual(['r6', 'x', 'r4']);
  });

  test('a put that changes a field moves the record between lists, and keeps its place', async () => {
    const bench = await open();
    await filled(bench);
    await bench.store.commit(commitOf([{ is: 'seq', id: 'r2', seq: 1 }], [put('r2', { indexed: { state: 'done' } })]));
    expect(await idsOf(bench.store, { where: { state: 'proposed' } })).toEqual(['r5']);
    expect(await idsOf(bench.store, { partition: P, where: { state: 'done' } })).toEqual(['r1', 'r2', 'r3', 'r6']);
    expect(await idsOf(bench.store, { where: { node: 'w2' } })).toEqual(['r4', 'r6']);
    await bench.store.commit(commitOf([{ is: 'seq', id: 'r2', seq: 2 }], [put('r2', { kind: 'incident', indexed: { state: 'done' } })]));
    expect(await idsOf(bench.store, { kind: 'incident' })).toEqual(['r2', 'i']);
    expect(await idsOf(bench.store, { kind: 'incident', where: { state: 'done' } })).toEqual(['r2']);
    expect((await bench.store.check()).problems).toEqual([]);
  });

  test.each([true, false])('a cursor goes on where the page ended, whatever is inserted meanwhile (newest first: %s)', async (newestFirst) => {
    const { store, clock } = await open();
    const made = Array.from({ length: 10 }, (_, n) => `m${n}`);
    for (const [index, id] of made.entries()) {
      if (index % 3 === 0) clock.pass(1); // three records share each moment
      await store.commit(commitOf([absent(id)], [put(id, { indexed: { state: 's' } })]));
    }
    for (const where of [{}, { state: 's' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ kind: 'run', limit: 4, newestFirst, where, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.records.map(({ id }) => id));
        cursor = page.cursor;
        clock.pass(1);
        const late = `late-${seen.length}-${Object.keys(where).length}`;
        await store.commit(commitOf([absent(late)], [put(late, { indexed: { state: 's' } })]));
        if (seen.length > 40) break;
      } while (cursor !== undefined);
      const early = seen.filter((id) => id.startsWith('m'));
      expect(early).toEqual(newestFirst ? made.toReversed() : made);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  test('the last page has no cursor, also where it is exactly full', async () => {
    const bench = await open();
    await filled(bench);
    expect((await bench.store.list({ kind: 'run', limit: 7 })).cursor).toBeUndefined();
    expect((await bench.store.list({ kind: 'run', limit: 6 })).cursor).toBeTypeOf('string');
  });

  test('a text that is no cursor is a bad request', async () => {
    const { store } = await open();
    for (const cursor of ['', 'x', Buffer.from('[1,2,3]').toString('base64url')]) {
      await expect(store.list({ kind: 'run', limit: 1, cursor })).rejects.toMatchObject({ code: 'request.invalid' });
    }
  });
});

describe.each(drivers)('$name store: pruning', ({ open }) => {
  test('removes old records with mail and entries, keeps what is named, and counts', async () => {
    const bench = await open();
    const { store, clock } = bench;
    await filled(bench);
    const append = { do: 'append', of: 'r1', entries: [{ n: 1, atMs: 1, type: 't', data: {}, hash: 'h' }] } as const;
    await store.commit(commitOf([], [mailTo('r1', 'k')]));
    await store.commit(commitOf([absent('-')], [append]));
    const old = { partition: P, kind: 'run', where: { state: ['done', 'failed'] }, updatedBeforeMs: clock.nowMs(), keep: ['r3'], limit: 10 } as const;
    expect(await store.prune({ ...old, limit: 1 })).toBe(1);
    expect(await store.prune(old)).toBe(1);
    expect(await store.prune(old)).toBe(0);
    expect(await idsOf(store)).toEqual(['r2', 'r3', 'r5', 'x', 'r6']);
    expect(await store.mail(P, 'r1')).toEqual([]);
    expect(await store.entries({ partition: P, of: 'r1' })).toEqual([]);
    expect(await store.prune({ partition: P, kind: 'run', updatedBeforeMs: clock.nowMs() + 1, limit: 10 })).toBe(4);
    expect(await idsOf(store)).toEqual(['x']);
    expect((await store.check()).ok).toBe(true);
  });

  test('age is the time of the last put', async () => {
    const bench = await open();
    await filled(bench);
    bench.clock.pass(10);
    await bench.store.commit(commitOf([{ is: 'seq', id: 'r1', seq: 1 }], [put('r1')]));
    expect(await bench.store.prune({ partition: P, kind: 'run', updatedBeforeMs: bench.clock.nowMs(), limit: 10 })).toBe(5);
    expect(await idsOf(bench.store, { partition: P })).toEqual(['r1']);
  });
});

describe.each(drivers)('$name store: backup', ({ open }) => {
  test('writes a copy and tells its size', async () => {
    const bench = await open();
    await filled(bench);
    const file = join(scratchFolder(), 'copy');
    const { sizeBytes } = await bench.store.backup(file);
    expect(sizeBytes).toBe(statSync(file).size);
    expect(sizeBytes).toBeGreaterThan(100);
  });
});
