import { expect, test } from 'vitest';
import { nextBatch } from '../../../../src/store/embedded/next-batch.ts';

const MIB = 1024 * 1024;
const from = (sender: string, name: string, length = 1000) => ({
  name,
  call: { op: 'accept', nowMs: 0, sender, alerts: 1, value: 'x'.repeat(length) } as const,
});
const read = (name: string) => ({ name, call: { op: 'get', partition: 'prod', id: name } as const });
const names = ({ batch }: ReturnType<typeof nextBatch<{ name: string; call: ReturnType<typeof from>['call'] | ReturnType<typeof read>['call'] }>>) =>
  batch.map(({ name }) => name);

test('a webhook behind ten thousand of another sender is the second that goes', () => {
  const flood = Array.from({ length: 10_000 }, (_, at) => from('noisy', `n${at}`));
  const { batch, last } = nextBatch([...flood, from('quiet', 'q')], undefined);
  expect(batch).toHaveLength(512);
  expect(batch.slice(0, 3).map(({ name }) => name)).toEqual(['n0', 'q', 'n1']);
  expect(last).toBe('noisy');
});

test('turns go on where they ended, and each sender keeps its order', () => {
  const waiting = [from('a', 'a1'), from('a', 'a2'), from('b', 'b1'), from('c', 'c1')];
  expect(names(nextBatch(waiting, 'a'))).toEqual(['b1', 'c1', 'a1', 'a2']);
});

test('large webhooks go a few at a time, and one that is larger than that by itself', () => {
  const waiting = [from('a', 'large', 5 * MIB), from('a', 'two', 2 * MIB), from('a', 'too', 2 * MIB), from('a', 'more', MIB)];
  expect(names(nextBatch(waiting, undefined))).toEqual(['large']);
  expect(names(nextBatch(waiting.slice(1), undefined))).toEqual(['two', 'too']);
});

test('what is no webhook goes as it came, 512 at once, however many webhooks wait', () => {
  const waiting = Array.from({ length: 600 }, (_, at) => read(`r${at}`));
  const flood = Array.from({ length: 600 }, (_, at) => from('a', `w${at}`));
  expect(nextBatch([...flood, ...waiting], undefined).batch).toHaveLength(1024);
  expect(names(nextBatch([read('r'), from('a', 'w'), read('s')], undefined))).toEqual(['w', 'r', 's']);
});
