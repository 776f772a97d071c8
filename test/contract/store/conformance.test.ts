import { afterEach, describe, expect, test } from 'vitest';
import { INBOX, LEDGER } from '../../../src/port/store.ts';
import { absent, closeAll, commitOf, drivers, mailTo, P, put, runs, wake, webhook } from './drivers.ts';

afterEach(closeAll);

const ledger = [LEDGER.accepted, LEDGER.pending, LEDGER.handled, LEDGER.quarantined];

describe.each(drivers)('$name store: accepting', ({ open }) => {
  test('an accepted webhook lies in the inbox as it came, due now, and its alerts are in the ledger', async () => {
    const { store, clock } = await open();
    const body = JSON.stringify({ text: 'a "quote", a \u0000, a lone \ud800, ünï', ['__proto__']: 1 });
    const { id } = await store.accept(webhook({ body, alerts: 3 }));

    expect(id).toMatch(/^inbox\//);
    const record = await store.get(INBOX, id);
    expect(record).toMatchObject({ kind: 'inbox', partition: INBOX, id, seq: 1, epoch: 0, version: 1, dueMs: clock.nowMs(), createdMs: clock.nowMs() });
    expect(record?.indexed).toEqual({ sender: 'am' });
    expect(record?.value).toEqual(webhook({ body, alerts: 3 }));
    expect(record).not.toHaveProperty('owner');
    expect(await store.counts(INBOX, ledger)).toEqual([3, 3, 0, 0]);
    expect(await store.check()).toEqual({ ok: true, problems: [] });
  });

  test('ids are unique and sort by arrival, also when the clock goes back over a restart', async () => {
    const { store, clock, restart } = await open();
    const first = await Promise.all(Array.from({ length: 40 }, () => store.accept(webhook())));
    clock.pass(5);
    first.push(await store.accept(webhook()));
    const ids = first.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(ids);
    clock.pass(-5);
    const again = await restart();
    ids.push((await again.accept(webhook())).id, (await again.accept(webhook())).id);
    expect(new Set(ids).size).toBe(43);
    expect(new Set(await Promise.all(ids.map(async (id) => (await again.get(INBOX, id))?.opId))).size).toBe(43);
  });

  test('a full inbox refuses, and takes again when one was handled', async () => {
    const { store } = await open({ inbox: 2 });
    const { id } = await store.accept(webhook());
    await store.accept(webhook());
    await expect(store.accept(webhook())).rejects.toMatchObject({ code: 'store.full', retry: 'later' });
    expect(await store.counts(INBOX, ledger)).toEqual([2, 2, 0, 0]);

    const handled = { partition: INBOX, opId: 'h', guards: [{ is: 'seq', id, seq: 1 }] } as const;
    const moves = [
      { do: 'delete', id },
      { do: 'count', id: LEDGER.pending, add: -1 },
      { do: 'count', id: LEDGER.handled, add: 1 },
    ] as const;
    expect(await store.commit({ ...handled, changes: moves })).toEqual({ kind: 'done' });
    await store.accept(webhook());
    await expect(store.accept(webhook())).rejects.toMatchObject({ code: 'store.full' });
    expect(await store.counts(INBOX, ledger)).toEqual([3, 2, 1, 0]);
    expect(await store.check()).toEqual({ ok: true, problems: [] });
  });

  test('what was handled makes room at once, also when nothing was refused yet', async () => {
    const { store } = await open({ inbox: 2 });
    for (let turn = 0; turn < 3; turn += 1) {
      const [one, two] = await Promise.all([store.accept(webhook()), store.accept(webhook())]);
      const changes = [one.id, two.id].map((id) => ({ do: 'delete', id }) as const);
      expect(await store.commit({ partition: INBOX, opId: `h${turn}`, guards: [{ is: 'seq', id: one.id, seq: 1 }], changes })).toEqual({ kind: 'done' });
    }
    expect(await store.prune({ partition: INBOX, kind: 'inbox', updatedBeforeMs: 9e9, limit: 5 })).toBe(0);
  });

  test('a refused accept in the middle leaves its neighbours stored', async () => {
    const { store } = await open({ inbox: 3 });
    const settled = await Promise.allSettled(Array.from({ length: 5 }, () => store.accept(webhook())));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect((await store.list({ kind: 'inbox', limit: 10 })).records).toHaveLength(3);
  });

  test('a ledger that does not add up is reported by the check', async () => {
    const { store } = await open();
    await store.commit({ partition: INBOX, opId: 'x', guards: [absent('nothing')], changes: [{ do: 'count', id: LEDGER.accepted, add: 2 }] });
    const { ok, problems } = await store.check();
    expect(ok).toBe(false);
    expect(problems.join()).toContain('2 accepted, 0 pending, 0 handled, 0 quarantined');
  });
});

describe.each(drivers)('$name store: commits', ({ open }) => {
  test('the first put makes seq 1 and epoch 0; the next ones count up, and keep creation', async () => {
    const { store, clock } = await open();
    const value = { list: [], deep: { a: [1, null, 'x', { b: true }] } };
    await store.commit(commitOf([absent('a')], [put('a', { version: 3, indexed: { state: 'queued' }, dueMs: 9_000_000, value })], 'one'));
    const first = await store.get(P, 'a');
    const fields = {
      partition: P,
      kind: 'run',
      id: 'a',
      version: 3,
      seq: 1,
      epoch: 0,
      dueMs: 9_000_000,
      opId: 'one',
      createdMs: 1_000_000,
      updatedMs: 1_000_000,
    };
    expect(first).toEqual({ ...fields, indexed: { state: 'queued' }, value });

    clock.pass(10);
    expect(await store.commit(commitOf([{ is: 'seq', id: 'a', seq: 1 }], [put('a', { value: null })], 'two'))).toEqual({ kind: 'done' });
    const second = await store.get(P, 'a');
    expect(second).toEqual({ ...fields, version: 1, seq: 2, dueMs: undefined, opId: 'two', updatedMs: 1_000_010, indexed: {}, value: null });
    expect(second).not.toHaveProperty('dueMs');
  });

  test('absent refuses where a record is; seq refuses another seq and a missing record; the failing guard is named', async () => {
    const { store } = await open();
    await store.commit(commitOf([absent('a')], [put('a')]));
    expect(await store.commit(commitOf([absent('b'), absent('a')], [put('b')]))).toEqual({ kind: 'conflict', guard: absent('a') });
    const old = { is: 'seq', id: 'a', seq: 2 } as const;
    expect(await store.commit(commitOf([old], [put('b')]))).toEqual({ kind: 'conflict', guard: old });
    const none = { is: 'seq', id: 'none', seq: 1 } as const;
    expect(await store.commit(commitOf([none], [put('b')]))).toEqual({ kind: 'conflict', guard: none });
    expect(await store.get(P, 'b')).toBeUndefined();
  });

  test('room counts what is there plus what would come, and nothing is changed where it is full', async () => {
    const { store } = await open();
    const room = { is: 'room', count: 'rate', add: 2, limit: 3 } as const;
    const spend = { do: 'count', id: 'rate', add: 2 } as const;
    expect(await store.commit(commitOf([room], [spend]))).toEqual({ kind: 'done' });
    expect(await store.commit(commitOf([room], [spend, put('x')]))).toEqual({ kind: 'full', guard: room });
    expect(await store.commit(commitOf([{ ...room, add: 1 }], [{ ...spend, add: 1 }]))).toEqual({ kind: 'done' });
    expect(await store.counts(P, ['rate', 'other'])).toEqual([3, 0]);
    expect(await store.get(P, 'x')).toBeUndefined();
  });

  test('counts stop at 0', async () => {
    const { store } = await open();
    const count = (id: string, add: number) => ({ do: 'count', id, add }) as const;
    await store.commit(commitOf([absent('-')], [count('a', -5), count('b', 3)]));
    await store.commit(commitOf([absent('-')], [count('a', 2), count('b', -9)]));
    expect(await store.counts(P, ['a', 'b'])).toEqual([2, 0]);
    expect(await store.counts('other', ['a'])).toEqual([0]);
  });

  test('a failed guard on a record with my op id is my own lost reply: done, and nothing is done twice', async () => {
    const { store } = await open();
    const mine = commitOf([{ is: 'room', count: 'n', add: 1, limit: 1 }, absent('a')], [put('a'), { do: 'count', id: 'n', add: 1 }], 'mine');
    expect(await store.commit(mine)).toEqual({ kind: 'done' });
    expect(await store.commit(mine)).toEqual({ kind: 'done' });
    expect(await store.counts(P, ['n'])).toEqual([1]);
    expect((await store.get(P, 'a'))?.seq).toBe(1);
    expect(await store.commit({ ...mine, opId: 'yours' })).toMatchObject({ kind: 'full' });
  });

  test('entries are kept in order; a number that exists refuses the whole commit', async () => {
    const { store } = await open();
    const entry = (n: number) => ({ n, atMs: n, type: 'run.seen', data: { n, list: [] }, hash: `h${n}` });
    const append = (...numbers: number[]) => ({ do: 'append', of: 'a', entries: numbers.map(entry) }) as const;
    expect(await store.commit(commitOf([absent('a')], [put('a'), append(1, 2)], 'first'))).toEqual({ kind: 'done' });
    expect(await store.commit(commitOf([absent('b')], [put('b'), append(3, 2)]))).toEqual({ kind: 'conflict' });
    expect(await store.commit(commitOf([absent('b')], [put('b'), append(3), append(3)]))).toEqual({ kind: 'conflict' });
    expect(await store.get(P, 'b')).toBeUndefined();
    await store.commit(commitOf([absent('b')], [append(10, 3)]));
    expect(await store.entries({ partition: P, of: 'a' })).toEqual([1, 2, 3, 10].map(entry));
    expect(await store.entries({ partition: P, of: 'a', afterN: 1, limit: 2 })).toEqual([2, 3].map(entry));
    expect(await store.entries({ partition: 'other', of: 'a' })).toEqual([]);
  });

  test('an entry number that my own op id wrote is my own lost reply', async () => {
    const { store } = await open();
    const append = { do: 'append', of: 'a', entries: [{ n: 1, atMs: 1, type: 't', data: {}, hash: 'h' }] } as const;
    const onlyEntries = commitOf([absent('never')], [append], 'mine');
    expect(await store.commit(onlyEntries)).toEqual({ kind: 'done' });
    expect(await store.commit(onlyEntries)).toEqual({ kind: 'done' });
    expect(await store.commit({ ...onlyEntries, opId: 'other' })).toEqual({ kind: 'conflict' });
    expect(await store.entries({ partition: P, of: 'a' })).toHaveLength(1);
  });

  test('delete removes the record and its mail; its entries stay', async () => {
    const { store } = await open();
    const append = { do: 'append', of: 'a', entries: [{ n: 1, atMs: 1, type: 't', data: {}, hash: 'h' }] } as const;
    await store.commit(commitOf([absent('a')], [put('a', { indexed: { state: 'x' } }), append, mailTo('a', 'k')]));
    await store.commit(commitOf([{ is: 'seq', id: 'a', seq: 1 }], [{ do: 'delete', id: 'a' }]));
    expect(await store.get(P, 'a')).toBeUndefined();
    expect(await store.mail(P, 'a')).toEqual([]);
    expect(await store.entries({ partition: P, of: 'a' })).toHaveLength(1);
    expect((await store.list({ kind: 'run', where: { state: 'x' }, limit: 5 })).records).toEqual([]);
    await store.commit(commitOf([absent('a')], [put('a')]));
    expect((await store.get(P, 'a'))?.seq).toBe(1);
    expect((await store.check()).ok).toBe(true);
  });

  test('all changes of a commit happen in their order', async () => {
    const { store } = await open();
    await store.commit(commitOf([absent('a')], [put('a', { value: 1 }), put('a', { value: 2 }), { do: 'delete', id: 'a' }, put('a', { value: 3 })]));
    expect(await store.get(P, 'a')).toMatchObject({ seq: 1, value: 3 });
  });

  test('one commit touches one partition', async () => {
    const { store } = await open();
    await store.commit({ ...commitOf([absent('a')], [put('a', { value: 'prod' })]) });
    await store.commit({ ...commitOf([absent('a')], [put('a', { value: 'dr' })]), partition: 'dr' });
    expect((await store.get(P, 'a'))?.value).toBe('prod');
    expect((await store.get('dr', 'a'))?.value).toBe('dr');
    expect(await store.partitions()).toEqual(['dr', 'prod']);
  });

  test('a commit without a guard is refused, unless it only wakes or mails', async () => {
    const { store } = await open();
    await expect(store.commit(commitOf([], [put('a')]))).rejects.toMatchObject({ code: 'internal', retry: 'never' });
    expect(await store.commit(commitOf([], [wake('a'), mailTo('a', 'k')]))).toEqual({ kind: 'done' });
    expect(await store.mail(P, 'a')).toHaveLength(1);
  });

  test('what the caller changes afterwards changes nothing that is stored', async () => {
    const { store } = await open();
    const value = { list: ['kept'] };
    await store.commit(commitOf([absent('a')], [put('a', { value })]));
    value.list.push('added');
    expect((await store.get(P, 'a'))?.value).toEqual({ list: ['kept'] });
  });
});

describe.each(drivers)('$name store: life', ({ open, alone }) => {
  test('a restart keeps everything; leases too, where others may hold them', async () => {
    const { store, clock, restart } = await open();
    await store.accept(webhook());
    await store.commit(commitOf([absent('a')], [put('a', { dueMs: 1 }), mailTo('a', 'k'), { do: 'count', id: 'n', add: 4 }]));
    const { claimed } = await store.claim(runs);
    expect(claimed).toHaveLength(1);

    const again = await restart();
    expect(await again.counts(P, ['n'])).toEqual([4]);
    const record = await again.get(P, 'a');
    expect(record).toMatchObject({ seq: 1, epoch: 1, dueMs: 1 });
    expect([record?.owner, record?.leaseUntilMs]).toEqual(alone ? [undefined, undefined] : ['me', clock.nowMs() + runs.leaseMs]);
    expect(await again.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 6000 })).toEqual({ held: !alone, mail: !alone });
    clock.pass(runs.leaseMs);
    if (!alone) expect((await again.claim(runs)).claimed[0]).toMatchObject({ record: { epoch: 2 }, mail: [{ key: 'k' }] });
    expect(await again.commit(commitOf([{ is: 'held', id: 'a', epoch: 1, seq: 1 }], [put('a')]))).toMatchObject({ kind: 'fenced' });
    clock.pass(runs.leaseMs);
    expect((await again.claim(runs)).claimed[0]).toMatchObject({ record: { epoch: alone ? 2 : 3 }, mail: [{ key: 'k' }] });
  });

  test('a closed store answers nobody', async () => {
    const { store } = await open();
    await store.close();
    await expect(store.get(P, 'a')).rejects.toMatchObject({ code: 'store.unavailable' });
    await expect(store.accept(webhook())).rejects.toMatchObject({ code: 'store.unavailable' });
    await store.close();
  });

  test('tells of a change after it happened, and not of looks, leases and refusals', async () => {
    const { store } = await open();
    let heard = 0;
    const stop = store.onChange(() => (heard += 1));
    const wasHeard = async (action: () => Promise<unknown>): Promise<boolean> => {
      heard = 0;
      await action();
      await new Promise((resolve) => setImmediate(resolve));
      return heard > 0;
    };
    expect(await wasHeard(() => store.accept(webhook()))).toBe(true);
    expect(await wasHeard(() => store.commit(commitOf([absent('a')], [put('a', { dueMs: 1 })])))).toBe(true);
    expect(await wasHeard(() => store.commit(commitOf([], [wake('a')])))).toBe(true);
    expect(await wasHeard(() => store.commit(commitOf([absent('a')], [put('a')])))).toBe(false);
    expect(await wasHeard(() => store.claim(runs))).toBe(false);
    expect(await wasHeard(() => store.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 1 }))).toBe(false);
    expect(await wasHeard(() => store.list({ kind: 'run', limit: 1 }))).toBe(false);
    expect(await wasHeard(() => store.prune({ partition: P, kind: 'run', updatedBeforeMs: 9e9, limit: 5 }))).toBe(true);
    stop();
    expect(await wasHeard(() => store.accept(webhook()))).toBe(false);
  });
});
