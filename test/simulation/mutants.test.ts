import { expect, test } from 'vitest';
import { playMany } from './many.ts';
import { MUTANTS } from './mutants.ts';

/** Seeds whose histories keep every promise without the bug: `seeds.test.ts` plays them. */
const SEEDS = 300;

/** A test of the simulation itself: a planted bug that it does not find is a promise that it does not watch. */
test.each(MUTANTS)('finds that $words', async ({ id }) => {
  const { violations } = await playMany({ from: 1, count: SEEDS, bug: id, onlyFirst: true });
  expect(violations.map(({ violation }) => violation?.invariant)).not.toEqual([]);
});
