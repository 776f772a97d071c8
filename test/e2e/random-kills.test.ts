import { expect, test } from 'vitest';
import { proveKills } from '../../scripts/prove-kills.ts';

test('killed fifty times at random over a mixed load, a real server loses nothing and does nothing twice', { timeout: 1_200_000 }, async () => {
  const { measured, details, ok } = await proveKills({ rounds: 50, seed: 'ci' });
  console.log(measured);
  expect(details).toEqual([]);
  expect(ok).toBe(true);
});
