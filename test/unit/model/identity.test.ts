import { expect, test } from 'vitest';
import { makeStepKey } from '../../../src/model/identity.ts';

const of = { run: 'run/a-1', bornMs: 1, step: 'create', params: { schedule: 'daily' }, generation: 1 };

test('a step has one key for all of its tries, and another for each generation, parameter, step and run', () => {
  expect(makeStepKey({ ...of })).toBe(makeStepKey(of));
  const others = [
    { ...of, generation: 2 },
    { ...of, params: { schedule: 'weekly' } },
    { ...of, step: 'delete' },
    { ...of, run: 'run/a-2' },
  ];
  expect(new Set([of, ...others].map(makeStepKey)).size).toBe(5);
});

test('after the store was lost, the first run of its name makes new objects and adopts none of the old', () => {
  expect(makeStepKey({ ...of, bornMs: 2 })).not.toBe(makeStepKey(of));
});
