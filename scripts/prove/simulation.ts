import { systemClock } from '../../src/port/clock.ts';
import { playMany, type Sum } from '../../test/simulation/many.ts';
import type { Proof } from './proof.ts';
import { tellSeed } from './seed.ts';

type Asked = { readonly from: number; readonly count: number; readonly bug?: string };

const EVERY = 250;
/** Of so many failing seeds the shortest history is looked for. */
const MOST_TOLD = 3;

/** Seeded histories of two programs on one store, or of one with its own, with everything that can go wrong. */
export function simulationProof({ from, count, bug }: Asked): Proof {
  return {
    name: 'simulation',
    async run(say) {
      const beganMs = systemClock.monotonicMs();
      const secondsNow = (): number => (systemClock.monotonicMs() - beganMs) / 1000;
      const told = ({ histories, violations }: Sum): void => {
        if (histories % EVERY === 0) say(`${histories} of ${count} histories, ${violations.length} violations, ${Math.round(secondsNow())} s`);
      };
      const sum = await playMany({ from, count, told, ...(bug === undefined ? {} : { bug }) });
      for (const [fault, times] of [...sum.faults].toSorted(([a], [b]) => (a < b ? -1 : 1))) say(`met ${times.toLocaleString('en')} times: ${fault}`);
      for (const { seed } of sum.violations.slice(0, MOST_TOLD)) await tellSeed(seed, say, bug);
      for (const { seed, violation } of sum.violations.slice(MOST_TOLD)) say(`seed ${seed}: ${violation?.invariant ?? ''}`);
      const { histories, tasks, commits, writes } = sum;
      const faults = [...sum.faults.values()].reduce((all, times) => all + times, 0);
      const counts = [
        ['histories', histories],
        ['tasks', tasks],
        ['commits', commits],
        ['writes', writes],
        ['faults', faults],
      ] as const;
      return { proof: 'simulation', counts, violations: sum.violations.length, seconds: secondsNow() };
    },
  };
}
