/**
 * `npm run prove`: puts promises to the test and prints one table, a row for each; it fails where one does not hold, and says how to see it again.
 * `--quick` takes minutes in place of hours, `--only NAME` takes the proofs that begin so, `--json FILE` writes the rows. `--seeds`, `--kills`, `--part`,
 * `--rounds` and `--cuts` say how much, `--from-seed TEXT` what chance begins with. `--seed 7` plays one history of the simulation and says what broke,
 * `--trace` with every step; `--bug ID` plants a bug first, and `--bugs` lists them.
 */
import { writeFileSync } from 'node:fs';
import { MUTANTS, plant } from '../test/simulation/mutants.ts';
import { holds, type Row, type Size, tableOf } from './prove/proof.ts';
import { readOptions, wholeNumber } from './read-options.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const USAGE = `npm run prove [-- --quick --only NAME --json FILE --seeds N --kills N --part 0.5 --rounds N --cuts N --from-seed TEXT]
              [-- --seed N [--bug ID] [--trace]] [-- --bugs]; docs/promises.md says what each proof shows`;
const { values } = readOptions(USAGE, {
  options: {
    only: { type: 'string', multiple: true },
    quick: flag,
    json: text,
    seeds: text,
    from: text,
    kills: text,
    part: text,
    rounds: text,
    cuts: text,
    'from-seed': text,
    seed: text,
    bug: text,
    bugs: flag,
    trace: flag,
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { seed, bug, bugs, trace } = values;

if (seed !== undefined && bug !== undefined) plant(bug);
if (bugs) for (const { id, words } of MUTANTS) say(`${id.padEnd(16)} ${words}`);
else if (seed !== undefined) {
  const { tellSeed, traceSeed } = await import('./prove/seed.ts');
  if (trace) await traceSeed(Number(seed), say);
  const { violation } = await tellSeed(Number(seed), say, bug);
  process.exitCode = violation === undefined ? 0 : 1;
} else await proveAll();

async function proveAll(): Promise<void> {
  const { proofs, QUICK, WHOLE } = await import('./prove/proofs.ts');
  const { only, quick, json, seeds, from, kills, part, rounds, cuts } = values;
  const base = quick ? QUICK : WHOLE;
  const size: Size = {
    ...base,
    seeds: wholeNumber('seeds', seeds, base.seeds),
    from: wholeNumber('from', from, base.from),
    kills: wholeNumber('kills', kills, base.kills),
    part: part === undefined ? base.part : Number(part),
    rounds: wholeNumber('rounds', rounds, base.rounds),
    cuts: wholeNumber('cuts', cuts, base.cuts),
    seed: values['from-seed'] ?? base.seed,
  };
  const all = proofs(bug);
  // A bug is planted into the simulation alone.
  const names = only ?? (bug === undefined ? [''] : ['simulation']);
  const chosen = all.filter(({ name }) => names.some((one) => name.startsWith(one)));
  if (chosen.length === 0) {
    say(`There is no proof "${names.join('", "')}". There are: ${all.map(({ name }) => name).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const rows: Row[] = [];
  for (const { name, claim, run } of chosen) {
    process.stderr.write(`== ${name}: ${claim}\n`);
    // What breaks a proof itself is no proof: the others are tried all the same.
    rows.push(await run(size, (line) => void process.stderr.write(`   ${line}\n`)).catch((error: unknown) => broken(name, error)));
    if (json !== undefined)
      writeFileSync(
        json,
        `${JSON.stringify(
          rows.map((row) => ({ ...row, holds: holds(row) })),
          null,
          2,
        )}\n`,
      );
  }
  say(tableOf(rows));
  process.exitCode = rows.every(holds) ? 0 : 1;
}

function broken(proof: string, error: unknown): Row {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    proof,
    counts: [],
    lost: 0,
    twice: 0,
    wrong: 1,
    lines: [`could not be put to the test: ${reason}`],
    again: `npm run prove -- --only "${proof}"`,
    seconds: 0,
  };
}
