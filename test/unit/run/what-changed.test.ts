import { describe, expect, test } from 'vitest';
import { changedFacts, whatChanged } from '../../../src/run/what-changed.ts';
import { plan, plannedStep } from './samples.ts';

describe('what a new proposal changes', () => {
  test('is named: writes that came, writes that went, facts that moved', () => {
    const before = plan(['one']);
    const [step] = before.steps;
    const now = {
      ...before,
      steps: [
        {
          ...plannedStep('one'),
          ...step,
          changes: [{ verb: 'delete', object: 'ConfigMap/app/two' } as const],
          facts: { uid: 'b' },
        },
      ],
    };
    expect(whatChanged({ ...before, steps: before.steps.map((each) => ({ ...each, facts: { uid: 'a' } })) }, now)).toEqual([
      'it would now also delete ConfigMap/app/two',
      'it would no longer create ConfigMap/app/one',
      'uid was "a" and is "b"',
    ]);
  });

  test('names a step that is new, and at most five writes of each kind', () => {
    const many = Array.from({ length: 8 }, (_, at) => ({ verb: 'delete', object: `ConfigMap/app/x${at}` }) as const);
    const before = plan(['one']);
    const now = { ...plan(['one', 'two']), steps: [{ ...plannedStep('one'), changes: [...plannedStep('one').changes, ...many] }, plannedStep('two')] };
    const words = whatChanged(before, now);
    expect(words).toHaveLength(6);
    expect(words.at(-1)).toBe('two was not in the plan');
  });

  test('is never empty: people are asked again, and have to be told something', () => {
    expect(whatChanged(plan(['one']), plan(['one'], 2))).toEqual(['details of the plan changed']);
  });
});

test('facts are compared by name: those that came and those that went count, too', () => {
  const before = { ...plannedStep('one'), facts: { a: 1, b: [1, 2], c: 'x' } };
  expect(changedFacts(before, { facts: { a: 1, b: [1, 2], c: 'x' } })).toEqual([]);
  expect(changedFacts(before, { facts: { a: 2, b: [2, 1], d: true } })).toEqual([
    'a was 1 and is 2',
    'b was [1,2] and is [2,1]',
    'c was "x" and is absent',
    'd was absent and is true',
  ]);
});
