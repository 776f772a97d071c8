// A program: plays the histories of a range of seeds and prints each as one line of JSON. `histories.ts FROM COUNT [BUG]`.
import { plant } from './mutants.ts';

const [from = '1', count = '1', bug] = process.argv.slice(2);
if (bug !== undefined) plant(bug);
const { play } = await import('./play.ts');
const { drawScript } = await import('./script.ts');

for (let seed = Number(from); seed < Number(from) + Number(count); seed += 1) {
  const { faults, ...history } = await play(drawScript(seed));
  const cpuSeconds = process.cpuUsage().user / 1_000_000;
  process.stdout.write(`${JSON.stringify({ ...history, faults: Object.fromEntries(faults), cpuSeconds })}\n`);
}
