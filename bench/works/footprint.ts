/** What an installation without development weighs, by the lock file of this checkout, and what importing costs: each import in a process of its own. */
import { execFileSync } from 'node:child_process';
import { globSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Figures, inTurns, type Line, type Work } from '../work.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MB = 1024 * 1024;
const SERVER = 'the server';
const NODE = 'Node alone';
const ALL = 'all packages';
const LARGEST = 3;

const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });
const Package = z.object({ dependencies: z.record(z.string(), z.string()) });

const LINES: readonly Line[] = [
  { figure: 'installedMb', what: 'installed; all, and the largest three', unit: 'MB', digits: 1 },
  { figure: 'packages', what: 'packages', unit: '', digits: 0 },
  { figure: 'importMs', what: 'import; Node alone, the server, and the slowest three', unit: 'ms', digits: 0 },
  { figure: 'importMb', what: 'resident behind the import', unit: 'MB', digits: 0 },
];

export const footprint: Work = {
  name: 'footprint',
  about: 'Size of an installation and cost of its imports, each in a process of its own.',
  lines: LINES,
  boundS: 60,
  async open() {
    const sizes = installed().toSorted((a, b) => b.bytes - a.bytes);
    const weighed: readonly (readonly [string, Figures])[] = [
      [ALL, { installedMb: sizes.reduce((sum, { bytes }) => sum + bytes, 0) / MB, packages: sizes.length }],
      ...sizes.slice(0, LARGEST).map(({ name, bytes }) => [name, { installedMb: bytes / MB }] as const),
    ];
    const slowest = direct()
      .map((name) => ({ name, ms: imported(name).ms }))
      .toSorted((a, b) => b.ms - a.ms)
      .slice(0, LARGEST)
      .map(({ name }) => name);
    const modules: readonly (readonly [string, string])[] = [[NODE, ''], [SERVER, './src/serve/serve.ts'], ...slowest.map((name) => [name, name] as const)];
    const names = [...new Set([...modules.map(([name]) => name), ...weighed.map(([name]) => name)])];
    return inTurns(
      names.map((name) => [
        name,
        async () => {
          const module = modules.find(([own]) => own === name)?.[1];
          const { ms, rssMb } = module === undefined ? { ms: undefined, rssMb: undefined } : imported(module);
          const weight = weighed.find(([own]) => own === name)?.[1] ?? {};
          return { ...weight, ...(ms === undefined ? {} : { importMs: ms, importMb: rssMb }) };
        },
      ]),
    );
  },
};

function direct(): readonly string[] {
  const { dependencies } = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  // It is types alone.
  return Object.keys(dependencies).filter((name) => name !== '@slack/types');
}

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
  return { ms, rssMb: rss / 1e6 };
}
