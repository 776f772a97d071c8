import { playMany, type Sum } from '../../test/simulation/many.ts';
import { MUTANTS } from '../../test/simulation/mutants.ts';
import { type Proof, timed } from './proof.ts';
import { tellSeed } from './seed.ts';

const EVERY = 250;
/** Of so many failing seeds the shortest history is looked for. */
const MOST_TOLD = 3;

/** Seeded histories of two programs on one store, or of one with its own, with everything that can go wrong. */
export function simulationProof(bug?: string): Proof {
  return {
    name: 'simulation',
    claim: 'Whatever fails, and in whatever order, every promise that the simulation watches is kept after every step',
    run: ({ from, seeds }, say) =>
      timed(async () => {
        let known = 0;
        const told = ({ histories, violations }: Sum): void => {
          for (const { seed, violation } of violations.slice(known)) say(`seed ${seed}: ${violation?.invariant ?? ''}`);
          known = violations.length;
          if (histories % EVERY === 0) say(`${histories} of ${seeds} histories, ${known} violations`);
        };
        const sum = await playMany({ from, count: seeds, told, ...(bug === undefined ? {} : { bug }) });
        for (const [fault, times] of [...sum.faults].toSorted(([a], [b]) => (a < b ? -1 : 1))) say(`met ${times.toLocaleString('en')} times: ${fault}`);
        for (const { seed } of sum.violations.slice(0, MOST_TOLD)) await tellSeed(seed, say, bug);
        const { histories, tasks, commits, writes } = sum;
        const faults = [...sum.faults.values()].reduce((all, times) => all + times, 0);
        const counts = [
          ['histories', histories],
          ['steps', tasks],
          ['commits', commits],
          ['writes', writes],
          ['faults', faults],
        ] as const;
        const lines = sum.violations.map(({ seed, violation }) => `seed ${seed}: ${violation?.invariant ?? ''}`);
        const first = sum.violations[0]?.seed ?? from;
        const again = `npm run prove -- --seed ${first}${bug === undefined ? '' : ` --bug ${bug}`}`;
        return { proof: 'simulation', counts, lost: 0, twice: 0, wrong: sum.violations.length, lines: lines.slice(0, 20), again };
      }),
  };
}

/** A test of the simulation itself: bugs that are planted into the engine, each of which a history has to show. */
export const plantedProof: Proof = {
  name: 'planted bugs',
  claim: 'The simulation finds every bug that is planted into the engine',
  run: ({ bugSeeds }, say) =>
    timed(async () => {
      const lines: string[] = [];
      let [found, histories] = [0, 0];
      for (const { id, words } of MUTANTS) {
        const sum = await playMany({ from: 1, count: bugSeeds, bug: id, onlyFirst: true });
        histories += sum.histories;
        const [violation] = sum.violations;
        if (violation === undefined) lines.push(`${id} (${words}) is NOT found in ${bugSeeds} histories`);
        else {
          found += 1;
          lines.push(`${id} (${words}): seed ${violation.seed}, ${violation.violation?.invariant ?? ''}`);
        }
        say(lines.at(-1) ?? '');
      }
      const counts = [
        ['bugs', MUTANTS.length],
        ['found', found],
        ['histories', histories],
      ] as const;
      return { proof: 'planted bugs', counts, lost: 0, twice: 0, wrong: MUTANTS.length - found, lines, again: 'npm run prove -- --only "planted bugs"' };
    }),
};
