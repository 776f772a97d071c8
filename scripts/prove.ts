/**
 * `npm run prove`: puts promises to the test and prints one table, a row for each. `-- --seeds 300` plays so many histories, `-- --seed 7` plays one and
 * says what broke, `--trace` with every task; `--bug ID` plants a bug first, and `--bugs` lists them.
 */
import { parseArgs } from 'node:util';
import { MUTANTS, plant } from '../test/simulation/mutants.ts';
import { tableOf } from './prove/proof.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    bug: { type: 'string' },
    bugs: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { seed, seeds, from, bug, bugs, trace } = values;

if (bug !== undefined) plant(bug);
if (bugs) for (const { id, words } of MUTANTS) say(`${id.padEnd(16)} ${words}`);
else if (seed !== undefined) {
  const { tellSeed, traceSeed } = await import('./prove/seed.ts');
  if (trace) await traceSeed(Number(seed), say);
  const { violation } = await tellSeed(Number(seed), say, bug);
  process.exitCode = violation === undefined ? 0 : 1;
} else {
  const { simulationProof } = await import('./prove/simulation.ts');
  const proofs = [simulationProof({ from: Number(from), count: Number(seeds), ...(bug === undefined ? {} : { bug }) })];
  const rows = [];
  for (const proof of proofs) {
    say(`== ${proof.name}`);
    rows.push(await proof.run(say));
  }
  say(`\n${tableOf(rows)}`);
  process.exitCode = rows.every(({ violations }) => violations === 0) ? 0 : 1;
}
