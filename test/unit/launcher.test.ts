import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'salvor.js');

/** What the imported program tells about how it was started; with `wait` it stays until SIGTERM and answers 7. */
const PROGRAM = `
const words = process.argv.slice(2);
process.stdout.write(JSON.stringify({ words, from: import.meta.url, cache: (await import('node:module')).default.getCompileCacheDir() !== undefined, binary: process.argv0 }) + '\\n');
if (words[0] === 'wait') {
  const stay = setInterval(() => undefined, 1000);
  process.on('SIGTERM', () => { clearInterval(stay); process.exitCode = 7; });
  process.stdout.write('ready\\n');
} else {
  process.exitCode = Number(words[0] ?? 0);
}
`;

/** Makes the first start believe that its Node is an old one. */
const OLD_NODE = `if (process.env.SALVOR_LAUNCHED !== '1') Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;

let root: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'salvor-launcher-'));
  put('package.json', '{ "type": "module" }');
  put('old-node.js', OLD_NODE);
  mkdirSync(join(root, 'bin'));
  copyFileSync(launcher, join(root, 'bin', 'salvor.js'));
});

afterEach(() => {
  if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

function put(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function start(words: readonly string[], nodeOptions: readonly string[] = []): ChildProcess {
  child = spawn(process.execPath, [...nodeOptions, join(root, 'bin', 'salvor.js'), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  return child;
}

async function run(words: readonly string[], nodeOptions: readonly string[] = []): Promise<{ code: number | null; out: string; err: string }> {
  const started = start(words, nodeOptions);
  const { stdout, stderr } = started;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
  const [out, err, code] = await Promise.all([text(stdout), text(stderr), ended]);
  return { code, out, err };
}

const oldNode = (): string[] => ['--import', join(root, 'old-node.js')];

describe('the launcher', () => {
  test('imports the TypeScript program of a checkout, with its words, its exit code and the compile cache', async () => {
    put('src/main.ts', PROGRAM);
    put('dist/src/main.js', PROGRAM);
    const { code, out } = await run(['3', '--flag']);
    expect(JSON.parse(out)).toMatchObject({ words: ['3', '--flag'], from: expect.stringContaining('/src/main.ts'), cache: true });
    expect(out).not.toContain('/dist/');
    expect(code).toBe(3);
  });

  test('starts the server with limits for its memory, and nothing else', async () => {
    put(
      'src/main.ts',
      `process.stdout.write(JSON.stringify([process.execArgv, process.argv.slice(2), process.pid, process.env['MALLOC_ARENA_MAX'] ?? 'many']))`,
    );
    const started = start(['serve', '--config', 'one.yaml']);
    const out = await text(started.stdout ?? new ReadableStream());
    expect(JSON.parse(out)).toEqual([['--max-semi-space-size=8'], ['serve', '--config', 'one.yaml'], started.pid, '1']);
    const chosen = await run(['serve'], ['--max-semi-space-size=2']);
    expect(JSON.parse(chosen.out)).toEqual([['--max-semi-space-size=2'], ['serve'], expect.any(Number), 'many']);
    const other = await run(['check', 'serve']);
    expect(JSON.parse(other.out)).toEqual([[], ['check', 'serve'], expect.any(Number), 'many']);
  });

  test('imports the JavaScript program of an installed package', async () => {
    put('dist/src/main.js', PROGRAM);
    const { code, out } = await run(['0']);
    expect(JSON.parse(out)).toMatchObject({ from: expect.stringContaining('/dist/src/main.js') });
    expect(code).toBe(0);
  });

  test('ends with 2 and one sentence when the program is missing', async () => {
    const { code, err } = await run([]);
    expect(err).toMatch(/^salvor: neither .* incomplete\n$/);
    expect(code).toBe(2);
  });

  test('refuses an old Node in one helpful line when there is no other', async () => {
    put('src/main.ts', PROGRAM);
    const { code, out, err } = await run(['0'], oldNode());
    expect(err).toMatch(/^salvor: needs Node 24 or newer.*npm ci.*\n$/);
    expect(out).toBe('');
    expect(code).toBe(2);
  });

  test('starts again with the Node of the checkout, keeping words and exit code', async () => {
    put('src/main.ts', PROGRAM);
    linkNode();
    const { code, out } = await run(['5', 'two words'], oldNode());
    expect(JSON.parse(out)).toMatchObject({ words: ['5', 'two words'], binary: join(root, 'node_modules/node/bin/node') });
    expect(code).toBe(5);
  });

  test('passes SIGTERM on to the second start and waits for its answer', async () => {
    put('src/main.ts', PROGRAM);
    linkNode();
    const started = start(['wait'], oldNode());
    const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
    await new Promise<void>((resolve) => {
      let seen = '';
      started.stdout?.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes('ready')) resolve();
      });
    });
    started.kill('SIGTERM');
    expect(await ended).toBe(7);
  });

  test('does not start again without end when the other Node is too old as well', async () => {
    put('src/main.ts', PROGRAM);
    put('node_modules/node/bin/node', `#!/bin/sh\nexec '${process.execPath}' --import '${join(root, 'always-old.js')}' "$@"\n`);
    put('always-old.js', `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`);
    chmodSync(join(root, 'node_modules/node/bin/node'), 0o755);
    const { code, err } = await run(['0'], oldNode());
    expect(err).toMatch(/^salvor: needs Node 24.*\n$/);
    expect(code).toBe(2);
  });
});

function linkNode(): void {
  mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, 'node_modules/node/bin/node'));
  expect(existsSync(join(root, 'node_modules/node/bin/node'))).toBe(true);
}
