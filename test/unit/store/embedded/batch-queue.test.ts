import { describe, expect, test } from 'vitest';
import { BatchQueue } from '../../../../src/store/embedded/batch-queue.ts';
import type { Answer, Call } from '../../../../src/store/embedded/message.ts';

const call = (id: string): Call => ({ op: 'get', partition: 'p', id });
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose batches are answered by the test. */
function queueByHand() {
  const batches: { readonly ids: readonly string[]; readonly answer: () => void; readonly fail: (error: Error) => void }[] = [];
  const queue = new BatchQueue(
    (calls) =>
      new Promise<readonly Answer[]>((resolve, reject) => {
        const ids = calls.map((one) => ('id' in one ? one.id : ''));
        batches.push({ ids, answer: () => resolve(ids.map((id) => ({ op: 'partitions', partitions: [id] }))), fail: reject });
      }),
  );
  return { queue, batches };
}

describe('the queue of calls', () => {
  test('sends all calls of a tick as one batch, and what comes meanwhile as the next', async () => {
    const { queue, batches } = queueByHand();
    const first = [queue.call(call('a')), queue.call(call('b'))];
    expect(batches).toHaveLength(0);
    await tick();
    const second = [queue.call(call('c')), queue.call(call('d'))];
    await tick();
    expect(batches.map(({ ids }) => ids)).toEqual([['a', 'b']]);
    batches[0]?.answer();
    expect(await Promise.all(first)).toEqual([
      { op: 'partitions', partitions: ['a'] },
      { op: 'partitions', partitions: ['b'] },
    ]);
    await tick();
    expect(batches.map(({ ids }) => ids)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    batches[1]?.answer();
    expect(await Promise.all(second)).toHaveLength(2);
  });

  test('cuts a flood into batches, in order', async () => {
    const { queue, batches } = queueByHand();
    const all = Array.from({ length: 1300 }, (_, n) => queue.call(call(String(n))));
    for (let n = 0; n < 3; n += 1) {
      await tick();
      await tick();
      batches[n]?.answer();
    }
    expect((await Promise.all(all)).length).toBe(1300);
    expect(batches.map(({ ids }) => ids.length)).toEqual([512, 512, 276]);
    expect(batches.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 1300 }, (_, n) => String(n)));
  });

  test('a batch that fails refuses its own calls only', async () => {
    const { queue, batches } = queueByHand();
    const lost = queue.call(call('a'));
    await tick();
    const next = queue.call(call('b'));
    batches[0]?.fail(new Error('the worker is gone'));
    await expect(lost).rejects.toThrow('the worker is gone');
    await tick();
    batches[1]?.answer();
    expect(await next).toEqual({ op: 'partitions', partitions: ['b'] });
  });

  test('drains: answers what was taken, refuses what comes later', async () => {
    const { queue, batches } = queueByHand();
    const taken = queue.call(call('a'));
    let drained = false;
    const draining = queue.drain().then(() => (drained = true));
    await expect(queue.call(call('late'))).rejects.toMatchObject({ code: 'store.unavailable' });
    await tick();
    expect(drained).toBe(false);
    batches[0]?.answer();
    expect(await taken).toBeDefined();
    await draining;
    expect(drained).toBe(true);
    await queue.drain();
  });
});
