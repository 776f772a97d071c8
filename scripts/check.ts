// `npm run check`: types, lint, format, unused code, and the tests about the tree and its papers. All run; any failure fails.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['src', 'handlers', 'test', 'bench', 'scripts', 'bin'];

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

function runTool(tool: string, args: readonly string[], cwd: string = root): Promise<Outcome> {
  const child = spawn(join(root, 'node_modules', '.bin', tool), args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }));
  });
}

/** A linter that finds nothing because it looks at nothing would pass: it has to say that it saw every file. */
async function lint(): Promise<Outcome> {
  const onDisk = globSync(`{${FOLDERS.join(',')}}/**/*.{ts,js}`, { cwd: root, exclude: ['test/fixtures/**'] }).length;
  const outcome = await runTool('oxlint', []);
  const seen = Number(/ on (\d+) files/.exec(outcome.output)?.[1] ?? 0);
  if (onDisk === 0 || seen < onDisk) return { ok: false, output: `${outcome.output}\noxlint saw ${seen} files of ${onDisk}` };
  return outcome;
}

/** Breaks one plain rule and one that needs types, and expects both to be found. */
async function lintCanary(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-lint-'));
  try {
    writeFileSync(join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "module": "nodenext", "types": [] } }');
    writeFileSync(
      join(folder, 'canary.ts'),
      'export async function later(): Promise<void> {}\nexport function start(): void {\n  later();\n}\nexport const anything: any = 1;\n',
    );
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { ok, output } = await runTool('oxlint', ['--config', join(root, '.oxlintrc.json'), '--format', 'unix', 'canary.ts'], folder);
    const missed = ['no-floating-promises', 'no-explicit-any'].filter((rule) => !output.includes(rule));
    return ok || missed.length > 0 ? { ok: false, output: `${output}\noxlint does not find ${missed.join(' and ')}` } : { ok: true, output: '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const checks: readonly Check[] = [
  { name: 'types', run: () => runTool('tsc', ['--noEmit']) },
  { name: 'lint', run: lint },
  { name: 'lint finds what it should', run: lintCanary },
  { name: 'format', run: () => runTool('biome', ['check', '.']) },
  { name: 'unused code and packages', run: () => runTool('knip', ['--no-progress']) },
  { name: 'tree and papers', run: () => runTool('vitest', ['run', 'test/architecture.test.ts', 'test/papers.test.ts']) },
];

const startedMs = performance.now();
const secondsSince = (ms: number): string => `${((performance.now() - ms) / 1000).toFixed(1)} s`;
const failed: string[] = [];
await Promise.all(
  checks.map(async ({ name, run }) => {
    const beganMs = performance.now();
    const { ok, output } = await run();
    if (!ok) failed.push(name);
    process.stdout.write(`${ok ? '' : `\n${output.trimEnd()}\n`}${ok ? 'ok    ' : 'FAILED'}  ${name} (${secondsSince(beganMs)})\n`);
  }),
);
process.stdout.write(
  failed.length === 0 ? `\nall checks passed in ${secondsSince(startedMs)}\n` : `\nfailed: ${failed.join(', ')} (${secondsSince(startedMs)})\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
