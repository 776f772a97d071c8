import { expect, test } from 'vitest';
import { runWork } from '../../../bench/measure.ts';
import { inTurns, type Work } from '../../../bench/work.ts';

const ASKED = { rounds: 3, stores: ['embedded'], quick: false } as const;
const LINES = [{ figure: 'ms', what: 'it', unit: 'ms' }];

function workOf(open: Work['open'], more: Partial<Work> = {}): Work {
  return { name: 'test', about: 'A work.', lines: LINES, boundS: 10, open, ...more };
}

test('those that are compared take turns in every round, another one first each time', async () => {
  const order: string[] = [];
  const subject = (name: string) =>
    [
      name,
      async (round: number) => {
        order.push(`${name}${round}`);
        return { ms: round };
      },
    ] as const;
  const { rounds, rows } = await runWork(
    workOf(async () => inTurns(['a', 'b', 'c'].map(subject))),
    ASKED,
  );
  expect(order).toEqual(['b1', 'c1', 'a1', 'c2', 'a2', 'b2', 'a3', 'b3', 'c3']);
  expect(rounds.map((round) => Object.keys(round))).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  expect(rows.map(({ of, values }) => [of, values])).toEqual(['a', 'b', 'c'].map((of) => [of, [1, 2, 3]]));
});

test('the round that warms up is not counted', async () => {
  const seen: number[] = [];
  const measure = async (round: number) => {
    seen.push(round);
    return { embedded: { ms: round } };
  };
  const { rounds } = await runWork(
    workOf(async () => measure, { warmsUp: true }),
    ASKED,
  );
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(rounds).toHaveLength(3);
});

test('a work that hangs ends with its reason, keeps what it measured, and what it started is put away', async () => {
  let closed = 0;
  const given = Promise.withResolvers<void>();
  const late = Promise.withResolvers<string>();
  const open: Work['open'] = async ({ scope }) => {
    scope.onClose(() => (closed += 1));
    return async (round) => {
      if (round < 2) return { embedded: { ms: 1 } };
      await given.promise;
      scope.onClose(() => late.resolve('put away'));
      return {};
    };
  };
  const report = await runWork(workOf(open, { boundS: 0.05 }), ASKED);
  expect(report).toMatchObject({ failed: 'did not end within 0.05 s', rows: [{ values: [1] }] });
  expect(closed).toBe(1);
  // It goes on behind our back: what it starts then is put away, too.
  given.resolve();
  expect(await late.promise).toBe('put away');
});

test('a work that cannot be measured here says why, and opens nothing', async () => {
  const open: Work['open'] = () => Promise.reject(new Error('opened'));
  expect(await runWork(workOf(open, { missing: () => 'Go is not installed' }), ASKED)).toMatchObject({ skipped: 'Go is not installed', rounds: [] });
});
