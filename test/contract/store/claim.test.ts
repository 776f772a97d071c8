import { afterEach, describe, expect, test } from 'vitest';
import { MOST_MAIL } from '../../../src/port/store.ts';
import { absent, type Bench, closeAll, commitOf, drivers, mailTo, P, put, runs, wake, webhook } from './drivers.ts';

afterEach(closeAll);

const ids = ({ claimed }: { readonly claimed: readonly { readonly record: { readonly id: string } }[] }): string[] => claimed.map(({ record }) => record.id);
const held = (epoch: number, seq: number) => ({ is: 'held', id: 'a', epoch, seq }) as const;

async function withRun(bench: Bench, dueMs = 1): Promise<Bench> {
  await bench.store.commit(commitOf([absent('a')], [put('a', { dueMs })]));
  return bench;
}

describe.each(drivers)('$name store: claims', ({ open }) => {
  test('takes what is due, raises the epoch, and tells when the next becomes claimable', async () => {
    const { store, clock } = await open();
    const dues = { past: 5, now: clock.nowMs(), later: clock.nowMs() + 50 };
    for (const [id, dueMs] of Object.entries(dues)) await store.commit(commitOf([absent(id)], [put(id, { dueMs })]));
    await store.commit(commitOf([absent('never')], [put('never')]));
    await store.commit(commitOf([absent('lane')], [put('lane', { kind: 'lane', dueMs: 1 })]));

    const first = await store.claim(runs);
    expect(ids(first)).toEqual(['past', 'now']);
    expect(first.claimed[0]?.record).toMatchObject({ owner: 'me', epoch: 1, seq: 1, leaseUntilMs: clock.nowMs() + 6000, dueMs: 5 });
    expect(await store.get(P, 'past')).toEqual(first.claimed[0]?.record);
    expect(first.nextMs).toBe(clock.nowMs() + 50);
    expect(await store.claim(runs)).toEqual({ claimed: [], nextMs: clock.nowMs() + 50 });
    expect(ids(await store.claim({ ...runs, kinds: ['lane', 'run'] }))).toEqual(['lane']);
  });

  test('nothing due is nothing next', async () => {
    const { store } = await open();
    await store.commit(commitOf([absent('never')], [put('never')]));
    expect(await store.claim(runs)).toEqual({ claimed: [] });
  });

  test('takes the longest due first, then the oldest, at most the limit; what is left is claimable now', async () => {
    const { store, clock } = await open();
    const make = async (id: string, dueMs: number, kind: 'run' | 'episode' = 'run'): Promise<void> => {
      clock.pass(1);
      await store.commit(commitOf([absent(id)], [put(id, { dueMs, kind })]));
    };
    await make('z-older', 20);
    await make('a-younger', 20);
    await make('other-kind', 15, 'episode');
    await make('first', 10);
    await make('last', 30);
    const request = { ...runs, kinds: ['run', 'episode'], limit: 2 } as const;
    const taken = await store.claim(request);
    expect(ids(taken)).toEqual(['first', 'other-kind']);
    expect(taken.nextMs).toBe(clock.nowMs());
    expect(ids(await store.claim(request))).toEqual(['z-older', 'a-younger']);
    expect(ids(await store.claim(request))).toEqual(['last']);
  });

  test('however much is due in one cluster, another gets its turn at the next claim', async () => {
    const { store } = await open();
    for (let n = 0; n < 5; n += 1) await store.commit(commitOf([absent(`noisy-${n}`)], [put(`noisy-${n}`, { dueMs: n })]));
    await store.commit({ ...commitOf([absent('quiet')], [put('quiet', { dueMs: 900 })]), partition: 'quiet' });
    const one = { ...runs, limit: 2 };
    expect(ids(await store.claim(one)).toSorted()).toEqual(['noisy-0', 'quiet']);
    expect(ids(await store.claim(one))).toEqual(['noisy-1', 'noisy-2']);
    await store.commit({ ...commitOf([absent('quiet-2')], [put('quiet-2', { dueMs: 901 })]), partition: 'quiet' });
    // Also where only one is taken at once: whoever was served last waits.
    expect(ids(await store.claim({ ...runs, limit: 1 }))).toEqual(['quiet-2']);
    expect(ids(await store.claim(one))).toEqual(['noisy-3', 'noisy-4']);
  });

  test('a held record is not taken before its lease is past, and then with a new epoch', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    const leaseEndMs = clock.nowMs() + 6000;
    expect(await store.claim({ ...runs, owner: 'you' })).toEqual({ claimed: [], nextMs: leaseEndMs });
    clock.pass(5999);
    expect(await store.claim({ ...runs, owner: 'you' })).toEqual({ claimed: [], nextMs: leaseEndMs });
    clock.pass(1);
    expect((await store.claim({ ...runs, owner: 'you' })).claimed[0]?.record).toMatchObject({ owner: 'you', epoch: 2 });
  });

  test('a held record that is due later becomes claimable when both its due time and its lease are past', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    const at = (dueMs: number) => commitOf([held(1, dueMs < 2_000_000 ? 1 : 2)], [put('a', { dueMs })]);
    await store.commit(at(clock.nowMs() + 100));
    expect((await store.claim(runs)).nextMs).toBe(clock.nowMs() + 6000);
    await store.commit(at(clock.nowMs() + 5_000_000));
    expect((await store.claim(runs)).nextMs).toBe(clock.nowMs() + 5_000_000);
  });

  test('a lease more than two leases ahead is of a clock that went back: it is taken', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    clock.pass(-6000);
    expect(ids(await store.claim(runs))).toEqual([]);
    clock.pass(-1);
    expect((await store.claim(runs)).claimed[0]?.record).toMatchObject({ epoch: 2, leaseUntilMs: clock.nowMs() + 6000 });
  });

  test('senders come in turn, oldest first within each, also over several claims; records without the field come last', async () => {
    const { store, clock } = await open();
    const accept = async (sender: string): Promise<string> => {
      clock.pass(1);
      return (await store.accept(webhook({ sender }))).id;
    };
    const loud = [await accept('loud'), await accept('loud'), await accept('loud'), await accept('loud'), await accept('loud')];
    const mild = [await accept('mild'), await accept('mild')];
    const soft = await accept('soft');
    await store.commit({ partition: 'inbox', opId: 'bare', guards: [absent('inbox/0')], changes: [put('inbox/0', { kind: 'inbox', dueMs: 1 })] });

    const request = { kinds: ['inbox'], owner: 'me', leaseMs: 6000, inTurnBy: 'sender' } as const;
    expect(ids(await store.claim({ ...request, limit: 4 }))).toEqual([loud[0], mild[0], soft, loud[1]]);
    expect(ids(await store.claim({ ...request, limit: 1 }))).toEqual([mild[1]]);
    expect(ids(await store.claim({ ...request, limit: 10 }))).toEqual([loud[2], loud[3], loud[4], 'inbox/0']);
  });

  test('a claim hands over no more bytes than it asks for, but always something, and the sender with large webhooks keeps its turn', async () => {
    const { store, clock } = await open();
    const accept = async (sender: string, length: number): Promise<string> => {
      clock.pass(1);
      return (await store.accept(webhook({ sender, body: 'ä'.repeat(length) }))).id;
    };
    const large = [await accept('large', 5000), await accept('large', 5000)];
    const small = [await accept('small', 10), await accept('small', 10), await accept('small', 10)];
    const request = { kinds: ['inbox'], owner: 'me', leaseMs: 6000, inTurnBy: 'sender', limit: 10, mostBytes: 2000 } as const;
    const first = await store.claim(request);
    expect(ids(first)).toEqual([large[0]]);
    expect(first.nextMs).toBe(clock.nowMs());
    expect(ids(await store.claim(request))).toEqual([small[0]]);
    expect(ids(await store.claim(request))).toEqual([large[1]]);
    expect(ids(await store.claim(request))).toEqual(small.slice(1));
  });

  test('a claim hands over unread mail, oldest first, at most so much at once', async () => {
    const { store, clock } = await withRun(await open());
    const many = Array.from({ length: MOST_MAIL + 5 }, (_, n) => mailTo('a', `k${n}`));
    await store.commit(commitOf([], many));
    const { claimed } = await store.claim(runs);
    const mail = claimed[0]?.mail ?? [];
    expect(mail.map(({ key }) => key)).toEqual(Array.from({ length: MOST_MAIL }, (_, n) => `k${n}`));
    expect(mail[0]).toMatchObject({ to: 'a', key: 'k0', value: 'k0', atMs: clock.nowMs() });
    expect(mail.every(({ order }, n) => n === 0 || order > (mail[n - 1]?.order ?? 0))).toBe(true);
  });
});

describe.each(drivers)('$name store: leases', ({ open }) => {
  test('the holder writes and stays the holder; release gives the lease back', async () => {
    const { store } = await withRun(await open());
    await store.claim(runs);
    expect(await store.commit(commitOf([held(1, 1)], [put('a', { dueMs: 1 })]))).toEqual({ kind: 'done' });
    expect(await store.get(P, 'a')).toMatchObject({ owner: 'me', leaseUntilMs: 1_006_000, seq: 2, epoch: 1 });
    expect(await store.commit(commitOf([held(1, 2)], [put('a', { dueMs: 2, release: true })]))).toEqual({ kind: 'done' });
    const free = await store.get(P, 'a');
    expect(free).toMatchObject({ seq: 3, epoch: 1, dueMs: 2 });
    expect(free).not.toHaveProperty('owner');
    expect(free).not.toHaveProperty('leaseUntilMs');
    expect(await store.commit(commitOf([held(1, 3)], [put('a')]))).toEqual({ kind: 'fenced', guard: held(1, 3) });
    expect(ids(await store.claim(runs))).toEqual(['a']);
  });

  test('who does not hold may put by seq, and the holder keeps the lease but must look again', async () => {
    const { store } = await withRun(await open());
    await store.claim(runs);
    expect(await store.commit(commitOf([{ is: 'seq', id: 'a', seq: 1 }], [put('a')]))).toEqual({ kind: 'done' });
    expect(await store.get(P, 'a')).toMatchObject({ owner: 'me', leaseUntilMs: 1_006_000, epoch: 1, seq: 2 });
    expect(await store.commit(commitOf([held(1, 1)], [put('a')]))).toEqual({ kind: 'fenced', guard: held(1, 1) });
    expect(await store.commit(commitOf([held(1, 2)], [put('a')]))).toEqual({ kind: 'done' });
  });

  test('an owner whose lease was taken over can write no more, whatever else the commit holds', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    clock.pass(6000);
    await store.claim({ ...runs, owner: 'heir' });
    const late = [put('b'), mailTo('c', 'k'), { do: 'count', id: 'n', add: 1 }, put('a', { value: 'late' })] as const;
    expect(await store.commit(commitOf([held(1, 1)], late))).toEqual({ kind: 'fenced', guard: held(1, 1) });
    expect(await store.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 6000 })).toEqual({ held: false, mail: false });
    expect(await store.commit(commitOf([held(2, 1)], [put('a', { value: 'heir' })]))).toEqual({ kind: 'done' });
    expect((await store.get(P, 'a'))?.value).toBe('heir');
    expect([await store.get(P, 'b'), await store.mail(P, 'c'), await store.counts(P, ['n'])]).toEqual([undefined, [], [0]]);
  });

  test('a lease that is past but that nobody took is still mine: by commit and by renew', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    clock.pass(7000);
    expect(await store.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 6000 })).toEqual({ held: true, mail: false });
    expect(ids(await store.claim({ ...runs, owner: 'you' }))).toEqual([]);
    clock.pass(7000);
    expect(await store.commit(commitOf([held(1, 1)], [put('a')]))).toEqual({ kind: 'done' });
  });

  test('renew extends, tells of unread mail, and changes nothing else', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    clock.pass(2000);
    expect(await store.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 6000 })).toEqual({ held: true, mail: false });
    expect(await store.get(P, 'a')).toMatchObject({ leaseUntilMs: clock.nowMs() + 6000, seq: 1, epoch: 1, updatedMs: 1_000_000 });
    await store.commit(commitOf([], [mailTo('a', 'cancel')]));
    expect(await store.renew({ partition: P, id: 'a', epoch: 1, leaseMs: 6000 })).toEqual({ held: true, mail: true });
    expect(await store.renew({ partition: P, id: 'none', epoch: 1, leaseMs: 6000 })).toEqual({ held: false, mail: false });
  });
});

describe.each(drivers)('$name store: mail', ({ open }) => {
  test('is stored once per reader and key, and wakes the reader without touching seq, epoch or lease', async () => {
    const { store, clock } = await withRun(await open(), 9_000_000);
    clock.pass(3);
    await store.commit(commitOf([], [mailTo('a', 'k', 'first'), mailTo('b', 'k', 'for b')]));
    await store.commit(commitOf([], [mailTo('a', 'k', 'again'), mailTo('a', 'l')]));
    expect((await store.mail(P, 'a')).map(({ key, value, atMs }) => [key, value, atMs])).toEqual([
      ['k', 'first', 1_000_003],
      ['l', 'l', 1_000_003],
    ]);
    expect(await store.get(P, 'a')).toMatchObject({ dueMs: 1_000_003, seq: 1, epoch: 0, updatedMs: 1_000_000 });
    expect(await store.mail('other', 'a')).toEqual([]);
  });

  test('read removes up to an order; a number is never given twice', async () => {
    const { store } = await withRun(await open());
    await store.commit(commitOf([], [mailTo('a', '1'), mailTo('a', '2'), mailTo('a', '3')]));
    const [, second, third] = await store.mail(P, 'a');
    const read = (upTo: number) => commitOf([{ is: 'seq', id: 'a', seq: 1 }], [{ do: 'read', reader: 'a', upTo }]);
    await store.commit(read(second?.order ?? 0));
    expect((await store.mail(P, 'a')).map(({ key }) => key)).toEqual(['3']);
    await store.commit(read(third?.order ?? 0));
    await store.commit(commitOf([], [mailTo('a', '4')]));
    await store.commit(read(third?.order ?? 0));
    expect((await store.mail(P, 'a')).map(({ key }) => key)).toEqual(['4']);
  });

  test('mail that comes before its reader waits for it', async () => {
    const { store, clock } = await open();
    await store.commit(commitOf([], [mailTo('a', 'early')]));
    await store.commit(commitOf([absent('a')], [put('a', { dueMs: 9_000_000 })]));
    expect((await store.get(P, 'a'))?.dueMs).toBe(clock.nowMs());
    expect((await store.claim(runs)).claimed[0]?.mail).toMatchObject([{ key: 'early' }]);
  });

  test('a release with unread mail is due now; with all mail read in the same commit it is due when it says', async () => {
    const { store, clock } = await withRun(await open());
    await store.claim(runs);
    await store.commit(commitOf([], [mailTo('a', 'k')]));
    await store.commit(commitOf([held(1, 1)], [put('a', { dueMs: 9_000_000, release: true })]));
    expect((await store.get(P, 'a'))?.dueMs).toBe(clock.nowMs());

    const mail = (await store.claim(runs)).claimed[0]?.mail ?? [];
    const upTo = mail.at(-1)?.order ?? 0;
    await store.commit(commitOf([held(2, 2)], [put('a', { dueMs: 9_000_000, release: true }), { do: 'read', reader: 'a', upTo }]));
    expect((await store.get(P, 'a'))?.dueMs).toBe(9_000_000);
  });

  test('a put never puts a record with unread mail to sleep, whoever made it', async () => {
    const { store, clock } = await withRun(await open());
    await store.commit(commitOf([], [mailTo('a', 'k')]));
    await store.commit(commitOf([{ is: 'seq', id: 'a', seq: 1 }], [put('a')]));
    expect((await store.get(P, 'a'))?.dueMs).toBe(clock.nowMs());
  });

  test('mail to a held record leaves it to its holder until the release', async () => {
    const { store } = await withRun(await open());
    await store.claim(runs);
    await store.commit(commitOf([], [mailTo('a', 'k')]));
    expect(ids(await store.claim({ ...runs, owner: 'you' }))).toEqual([]);
    expect(await store.commit(commitOf([held(1, 1)], [put('a', { release: true })]))).toEqual({ kind: 'done' });
    expect(ids(await store.claim({ ...runs, owner: 'you' }))).toEqual(['a']);
  });

  test('wake makes due no later than now or its time, and nothing else', async () => {
    const { store, clock } = await withRun(await open(), 9_000_000);
    const dueAfter = async (change: ReturnType<typeof wake>): Promise<number | undefined> => {
      await store.commit(commitOf([], [change]));
      return (await store.get(P, 'a'))?.dueMs;
    };
    expect(await dueAfter(wake('a', 8_000_000))).toBe(8_000_000);
    expect(await dueAfter(wake('a', 8_500_000))).toBe(8_000_000);
    expect(await dueAfter(wake('a'))).toBe(clock.nowMs());
    expect(await dueAfter(wake('a', 5))).toBe(5);
    expect(await dueAfter(wake('a'))).toBe(5);
    expect(await dueAfter(wake('nobody'))).toBe(5);
    expect(await store.get(P, 'a')).toMatchObject({ seq: 1, epoch: 0 });
    expect(await store.get(P, 'nobody')).toBeUndefined();
  });
});
