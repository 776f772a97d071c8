import { describe, expect, test } from 'vitest';
import { inTurns } from '../../../src/store/in-turns.ts';

const groups = new Map([
  ['b', ['b1']],
  ['a', ['a1', 'a2', 'a3']],
  ['c', ['c1', 'c2']],
]);

describe('turns', () => {
  test('take one of each, by name, until nothing is left', () => {
    expect(inTurns(groups, { after: undefined, limit: 99 })).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
  });

  test.each([
    ['a', ['b1', 'c1', 'a1']],
    ['b', ['c1', 'a1', 'b1']],
    ['bb', ['c1', 'a1', 'b1']],
    ['c', ['a1', 'b1', 'c1']],
    ['zzz', ['a1', 'b1', 'c1']],
  ])('begin behind %s, who was served last', (after, picked) => {
    expect(inTurns(groups, { after, limit: 3 })).toEqual(picked);
  });

  test('of nobody serve nobody', () => {
    expect(inTurns(new Map(), { after: 'a', limit: 3 })).toEqual([]);
    expect(inTurns(groups, { after: undefined, limit: 0 })).toEqual([]);
  });
});
