// What an installation weighs and what its imports cost: `node bench/footprint.ts [rounds]`. Needs nothing but an installed checkout.
import { execFileSync } from 'node:child_process';
import { globSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { machineLine, printTable, roundsAsked, spread } from './table.ts';

const ROOT = join(import.meta.dirname, '..');
const MB = 1024 * 1024;

const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })) });
const Package = z.object({ dependencies: z.record(z.string(), z.string()) });

/** Every package that an installation without development has, with its bytes on disk. */
function installed(): readonly { readonly name: string; readonly bytes: number }[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const folders = Object.entries(packages).flatMap(([folder, { dev = false }]) => (folder === '' || dev ? [] : [folder]));
  return folders.flatMap((folder) => {
    const files = globSync('**/*', { cwd: join(ROOT, folder), exclude: (path) => path === 'node_modules' });
    const bytes = files.map((file) => lstatSync(join(ROOT, folder, file))).reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
    return bytes === 0 ? [] : [{ name: folder.replace(/^.*node_modules\//, ''), bytes }];
  });
}

/** Imports a module in a program of its own: how long that took, and the memory behind it. */
function imported(module: string): { readonly ms: number; readonly rssMb: number } {
  const script = `const began = performance.now(); ${module === '' ? '' : `await import(${JSON.stringify(module)});`}
    console.log(JSON.stringify([performance.now() - began, process.memoryUsage.rss()])); process.exit(0);`;
  const [ms, rss] = z
    .tuple([z.number(), z.number()])
    .parse(JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' })));
  return { ms, rssMb: rss / MB };
}

const rounds = roundsAsked();
const packages = installed().toSorted((a, b) => b.bytes - a.bytes);
const { dependencies } = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const direct = Object.keys(dependencies).filter((name) => !name.startsWith('@slack/types'));
const modules: readonly (readonly [string, string])[] = [
  ['Node alone', ''],
  ['the server, before it listens', './src/serve/serve.ts'],
  ...direct.map((name) => [name, name] as const),
];
const measured = modules.map(([name, module]) => ({ name, all: Array.from({ length: rounds }, () => imported(module)) }));
const medianMs = ({ all }: (typeof measured)[number]): number => all.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor((all.length - 1) / 2)] ?? 0;

console.log(machineLine());
const totalMb = packages.reduce((sum, { bytes }) => sum + bytes, 0) / MB;
const [first, second, third] = packages.map(({ name, bytes }) => `${name} ${(bytes / MB).toFixed(1)} MB`);
console.log(`\nInstalled: ${packages.length} packages, ${totalMb.toFixed(1)} MB. The largest three: ${first}, ${second}, ${third}.`);
const slowest = measured.filter(({ name }) => direct.includes(name)).toSorted((a, b) => medianMs(b) - medianMs(a));
console.log(
  `The slowest three to import: ${slowest
    .slice(0, 3)
    .map((one) => `${one.name} ${medianMs(one).toFixed(0)} ms`)
    .join(', ')}.\n`,
);
printTable(
  ['import', 'ms (min..median..max)', 'resident, MB'],
  measured.map(({ name, all }) => [
    name,
    spread(
      all.map(({ ms }) => ms),
      0,
    ),
    spread(
      all.map(({ rssMb }) => rssMb),
      0,
    ),
  ]),
);
