import { expect, test } from 'vitest';
import { ladder } from '../../../src/escalate/ladder.ts';

const ladders = {
  default: [
    { page: 'secondary', afterMs: 900_000 },
    { page: 'primary', afterMs: 0 },
    { page: 'command', afterMs: 1_800_000 },
  ],
  empty: [],
};
const climb = { key: 'k', ladder: 'default', reason: 'nobody answered', sinceMs: 1000, walked: 0 };

test('the first rung is paged at once, the next when its time comes', () => {
  expect(ladder(climb, ladders, 1000)).toEqual({ page: [{ page: 'primary', afterMs: 0 }], walked: 1, nextMs: 901_000 });
  expect(ladder({ ...climb, walked: 1 }, ladders, 900_999)).toEqual({ page: [], walked: 1, nextMs: 901_000 });
  expect(ladder({ ...climb, walked: 1 }, ladders, 901_000)).toMatchObject({ page: [{ page: 'secondary' }], walked: 2, nextMs: 1_801_000 });
});

test('when nobody looked for a while, all whose time came are paged', () => {
  expect(ladder(climb, ladders, 1_000_000)).toMatchObject({ page: [{ page: 'primary' }, { page: 'secondary' }], walked: 2 });
});

test('at the top there is nobody left to page', () => {
  expect(ladder({ ...climb, walked: 3 }, ladders, 9_000_000)).toEqual({ page: [], walked: 3 });
});

test('a stopped climb pages nobody', () => {
  expect(ladder({ ...climb, stoppedMs: 2000 }, ladders, 9_000_000)).toEqual({ page: [], walked: 0 });
});

test.each(['night', 'empty', 'constructor'])('a ladder that is not there (%s) is answered by the default one, and said', (name) => {
  expect(ladder({ ...climb, ladder: name }, ladders, 1000)).toMatchObject({
    page: [{ page: 'primary' }],
    problem: `the ladder "${name}" is not configured; "default" is climbed`,
  });
});

test('where no ladder is configured nobody is paged, and that is said', () => {
  expect(ladder(climb, {}, 1000)).toEqual({ page: [], walked: 0, problem: 'no ladder is configured, so nobody is paged' });
});
