import { expect, test } from 'vitest';
import { cut } from '../../../src/model/cut.ts';

test('a cut text says that it was cut, and no character is cut in two', () => {
  expect([cut('abc', 3), cut('abcd', 3), cut('a bcd', 3)]).toEqual(['abc', 'ab…', 'a…']);
  expect([cut('😀😀😀', 3), cut('😀😀😀😀', 3)]).toEqual(['😀😀😀', '😀😀…']);
});
