import { expect, test } from 'vitest';
import { proveKills } from '../../scripts/prove/kills.ts';
import { holds, tableOf } from '../../scripts/prove/proof.ts';
import { KILL_BUGS } from '../crash/kills/bugs.ts';

test('killed fifty times at random over a mixed load, a real server loses nothing and does nothing twice', { timeout: 1_200_000 }, async () => {
  const row = await proveKills({ kills: 50, seed: 'ci' });
  console.log(tableOf([row]));
  expect(row).toMatchObject({ lost: 0, twice: 0, wrong: 0, lines: [] });
  expect(row.counts[0]).toEqual(['kills', 50]);
});

/** A test of the one above: a server that breaks its promise, killed in the same way. */
test.each(KILL_BUGS)('it is found out when $words', { timeout: 1_200_000 }, async ({ id }) => {
  const row = await proveKills({ kills: 25, seed: 'ci', bug: id });
  console.log(tableOf([row]));
  expect(holds(row)).toBe(false);
});
