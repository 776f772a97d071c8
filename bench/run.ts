/**
 * `npm run bench`: measures Salvor and what it stands on, in turns, and prints a table for each work. `-- NAME…` runs some, `--list` names them.
 * `--rounds 5`, `--store embedded|redis|both`, `--json FILE` writes every figure of every round, `--quick` only looks whether everything works.
 * Ends with 1 where a work broke, or something was lost or done twice; not where a time is missed.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isInstalled } from '../test/redis/server.ts';
import { lookAtMachine, machineText } from './machine.ts';
import { runWork } from './measure.ts';
import { isSound, type Report, type WorkReport, workText } from './report.ts';
import { STORES, type StoreName } from './work.ts';
import { ON_REQUEST, WORKS } from './works.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    store: { type: 'string', default: 'both' },
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const known = [...WORKS, ...ON_REQUEST];
const unknown = positionals.filter((name) => !known.some((work) => work.name === name));
const wanted = STORES.filter((store) => values.store === 'both' || values.store === store);

if (values.list) console.log(known.map(({ name, about }) => `${name.padEnd(12)} ${about}`).join('\n'));
else if (unknown.length > 0 || wanted.length === 0 || !Number.isInteger(rounds) || rounds < 1) {
  if (unknown.length > 0) console.error(`No work is called ${unknown.join(', ')}; there are ${known.map(({ name }) => name).join(', ')}`);
  if (wanted.length === 0) console.error(`--store ${values.store}: expected embedded, redis or both`);
  if (!Number.isInteger(rounds) || rounds < 1) console.error(`--rounds ${values.rounds}: expected a number from 1 on`);
  process.exitCode = 2;
} else await measureAll();

async function measureAll(): Promise<void> {
  const stores = wanted.filter(canRun);
  const machine = lookAtMachine();
  console.log(`${machineText(machine)}\n${rounds} rounds, min..median..max of them; ratios are of the same round.`);
  const works: WorkReport[] = [];
  for (const work of positionals.length === 0 ? WORKS : known.filter(({ name }) => positionals.includes(name))) {
    const report = await runWork(work, { rounds, stores, quick: values.quick });
    works.push(report);
    console.log(workText(report));
  }
  const report: Report = { format: 1, machine, rounds, quick: values.quick, works };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
  console.log(`\n${works.length} works in ${works.reduce((sum, { tookS }) => sum + tookS, 0).toFixed(0)} s`);
  process.exitCode = isSound(report) ? 0 : 1;
}

function canRun(store: StoreName): boolean {
  if (store !== 'redis' || isInstalled('redis-server')) return true;
  console.log('Redis is not measured: redis-server is not installed (bash scripts/install-redis.sh installs it)');
  return false;
}
