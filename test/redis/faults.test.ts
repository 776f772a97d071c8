import { expect, test } from 'vitest';
import { REDIS_FAULTS, strikes } from './faults.ts';
import { wordsOf } from './load.ts';

/** Failovers have a file of their own, and many rounds of all are in `npm run prove`, those in which Redis may lose something among them. */
const faults = REDIS_FAULTS.filter(({ name, mayLose }) => !name.includes('WAIT') && mayLose !== true);

test.each(faults)('$name, twice, under load: nothing that was acknowledged is lost, and nothing is there twice', { timeout: 120_000 }, async (fault) => {
  let rounds = 0;
  await strikes(fault, 2, (round, outcome) => {
    rounds = round;
    console.log(wordsOf(`${fault.name}, round ${round}`, outcome));
    expect(outcome).toMatchObject({ lost: 0, twice: 0, wrong: [] });
    expect(outcome.commits).toBeGreaterThan(50);
    return true;
  });
  expect(rounds).toBe(2);
});
