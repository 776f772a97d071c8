/**
 * `npm run bench`, or `npm run bench -- ack burst`: runs the named benchmarks, one after the other, each as a program of its own that prints one
 * table. A number that follows the names is how many rounds each takes.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const PROGRAMS = ['ack', 'effect', 'burst', 'storm', 'store', 'cluster-up', 'diagnosis', 'nodes', 'drain', 'console', 'outage'];

const asked = process.argv.slice(2);
const names = asked.filter((word) => !/^\d+$/.test(word));
const rounds = asked.filter((word) => /^\d+$/.test(word));
const unknown = names.filter((name) => !PROGRAMS.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(', ')}; there are ${PROGRAMS.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of names.length > 0 ? names : PROGRAMS) {
    console.log(`\n## ${name}\n`);
    const code = await run(join(import.meta.dirname, `${name}.ts`), rounds);
    if (code !== 0) process.exitCode = 1;
  }
}

function run(program: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', resolve));
}
