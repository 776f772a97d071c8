/**
 * `npm run bench`: measures Salvor and what it stands on, in turns, and prints a table for each work. `-- NAME…` runs some, `--list` names them.
 * `--rounds 5`, `--store embedded|redis|both`, `--json FILE` writes every figure of every round, `--quick` only looks whether everything works.
 * Ends with 1 where a work broke, or something was lost or done twice; not where a time is missed.
 */
import { writeFileSync } from 'node:fs';
import { readOptions, wholeNumber } from '../scripts/read-options.ts';
import { errorText } from '../src/model/error.ts';
import { isInstalled } from '../test/redis/server.ts';
import { lookAtMachine, machineText } from './machine.ts';
import { runWork } from './measure.ts';
import { isSound, type Report, workText } from './report.ts';
import { STORES, type StoreName } from './work.ts';
import { ON_REQUEST, WORKS } from './works.ts';

const USAGE = 'npm run bench [-- NAME… --rounds 5 --store embedded|redis|both --json FILE --quick --list]; docs/bench.md says how to read it';
const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    store: { type: 'string', default: 'both' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const rounds = wholeNumber('rounds', values.rounds, 5);
const known = [...WORKS, ...ON_REQUEST];
const unknown = positionals.filter((name) => !known.some((work) => work.name === name));
const wanted = STORES.filter((store) => values.store === 'both' || values.store === store);

if (values.list) console.log(known.map(({ name, about }) => `${name.padEnd(12)} ${about}`).join('\n'));
else if (unknown.length > 0 || wanted.length === 0) {
  if (unknown.length > 0) console.error(`No work is called ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}`);
  if (wanted.length === 0) console.error(`--store ${values.store}: expected embedded, redis or both`);
  process.exitCode = 2;
} else await measureAll();

async function measureAll(): Promise<void> {
  let stray = 0;
  // What a work that was given up still stumbles over ends neither the others nor unseen.
  process.on('unhandledRejection', (error) => {
    stray += 1;
    console.error(`A call of a work that was over failed: ${errorText(error)}`);
  });
  const stores = wanted.filter(canRun);
  const machine = lookAtMachine();
  console.log(`${machineText(machine)}\n${rounds} rounds, min..median..max of them; ratios are of the same round.`);
  const report: Report = { format: 1, machine, rounds, quick: values.quick, works: [] };
  for (const work of positionals.length === 0 ? WORKS : known.filter(({ name }) => positionals.includes(name))) {
    const measured = await runWork(work, { rounds, stores, quick: values.quick });
    report.works.push(measured);
    console.log(workText(measured));
    // Behind each work, so that one that is broken off leaves what it saw.
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
  }
  console.log(`\n${report.works.length} works in ${report.works.reduce((sum, { tookS }) => sum + tookS, 0).toFixed(0)} s`);
  // A work that was given up may have timers left: they keep nobody waiting.
  process.exit(isSound(report) && stray === 0 ? 0 : 1);
}

function canRun(store: StoreName): boolean {
  if (store !== 'redis' || isInstalled('redis-server')) return true;
  console.log('Redis is not measured: redis-server is not installed (bash scripts/install-redis.sh installs it)');
  return false;
}
