import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../../src/cli/context.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { fixedServer, json } from './fixed-server.ts';
import { say } from './terminal.ts';

const main = join(import.meta.dirname, '..', '..', '..', 'src', 'main.ts');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'salvor-program-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the program as a shell does. */
async function run(
  words: readonly string[],
  { options = [], environment = {} }: { readonly options?: readonly string[]; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const env = { ...process.env, SALVOR_URL: '', SALVOR_TOKEN: '', ...environment };
  const child = spawn(process.execPath, [...options, main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, err };
}

describe('the command line', () => {
  const context: Context = {
    io: { stdout: () => undefined, stderr: () => undefined },
    environment: {},
    clock: virtualClock(),
    ids: systemIds,
    stop: () => new AbortController().signal,
    stdin: process.stdin,
  };
  const everyCommand = createProgram({ context, end: () => undefined }).commands.flatMap((command) =>
    command.commands.length === 0 ? [[command.name()]] : command.commands.map((below) => [command.name(), below.name()]),
  );

  test('has every command of this version', () => {
    const names = everyCommand.map((words) => words.join(' '));
    const wanted =
      'serve demo world check explain rehearse playbooks playbook rbac slack-manifest incidents incident runs show watch report locks run approve reject cancel answer settle supersede pause resume note severity acknowledge lead role update close ledger quarantine';
    expect(names).toEqual(expect.arrayContaining([...wanted.split(' '), 'audit verify', 'audit export', 'store backup', 'store check', 'store move']));
  });

  test.each(everyCommand.map((words) => ({ words, name: words.join(' ') })))('$name has help with an example', async ({ words, name }) => {
    const { code, out } = await say([...words, '--help']);
    expect(out).toMatch(new RegExp(`^Usage: salvor ${name}`));
    expect(out).toMatch(new RegExp(`\nExamples?:\n  salvor ${name}( |\n)`));
    expect(out).toContain('--no-color');
    expect(code).toBe(0);
  });

  test('a typing error gets the right name, and is wrong use', async () => {
    expect(await say(['aprove'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean approve?') });
    expect(await say(['runs', '--opn'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean --open?') });
    expect(await say(['audit', 'verfy'])).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean verify?') });
    expect(await say(['show'])).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'run'") });
    expect(await say(['show', 'a', 'b'])).toMatchObject({ code: 2, err: expect.stringContaining('too many arguments') });
    expect(await say(['world', '--port', '70000'])).toMatchObject({ code: 2, err: expect.stringContaining('0 to 65535') });
  });

  test('nothing to do shows what there is, and is wrong use', async () => {
    expect(await say([])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('approve <run>') });
    expect(await say(['store'])).toMatchObject({ code: 2, err: expect.stringContaining('backup <file>') });
  });

  test('the demo needs somebody to ask', async () => {
    expect(await say(['demo'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  });
});

describe('the program', { timeout: 60_000 }, () => {
  test('ends with the code of the command, and says its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await run(['aprove'])).toMatchObject({ code: 2, out: '', err: expect.stringContaining('Did you mean approve?') });
    const gone = await fixedServer(() => undefined);
    await gone.close();
    expect(await run(['runs', '--url', gone.url])).toMatchObject({ code: 3, out: '', err: expect.stringContaining('refuses connections') });
  });

  test('a command that only waits for its time does not end early, and Ctrl-C ends it', async () => {
    let connections = 0;
    const server = await fixedServer((request, response) => {
      if (!request.url?.startsWith('/api/v1/stream')) return json(response, {}, 404);
      connections += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(': bye\n\n');
    });
    const child = spawn(process.execPath, [main, 'watch', '--url', server.url], { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
    await expect.poll(() => connections, { timeout: 20_000, interval: 50 }).toBe(2);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await server.close();
  });

  test('a server that does not start for its configuration is wrong use, every problem told', async () => {
    const file = join(folder, 'salvor.yaml');
    writeFileSync(file, 'clusters: []\nslak: {}\n');
    const { code, out, err } = await run(['serve', '--config', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('slak');
  });

  describe('starts fast', () => {
    // Tells at the end which packages were loaded.
    const hook = `import { registerHooks } from 'node:module';
const seen = new Set();
registerHooks({ load(url, context, next) { seen.add(url); return next(url, context); } });
process.on('exit', () => process._rawDebug('LOADED ' + [...seen].join(' ')));`;
    const packagesOf = ({ err }: Ran): readonly string[] => [
      ...new Set([...(/^LOADED (.*)$/m.exec(err)?.[1] ?? '').matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name = '']) => name)),
    ];
    const options = (): readonly string[] => {
      writeFileSync(join(folder, 'hook.mjs'), hook);
      return ['--import', join(folder, 'hook.mjs')];
    };

    test('the hook of this test sees what is loaded', async () => {
      const file = join(folder, 'serve.yaml');
      writeFileSync(file, 'clusters: []\n');
      expect(packagesOf(await run(['serve', '--config', file], { options: options() }))).toEqual(expect.arrayContaining(['express', 'zod', 'croner']));
    });

    test('help loads the command line alone', async () => {
      expect(packagesOf(await run(['--help'], { options: options() }))).toEqual(['commander']);
    });

    test('commands that ask a server load neither Kubernetes nor express nor croner', async () => {
      const server = await fixedServer((request, response) =>
        json(
          response,
          request.url?.startsWith('/api/v1/runs?') ? { items: [] } : { status: 404, code: 'request.not-found', detail: 'no', next: '' },
          request.url?.startsWith('/api/v1/runs?') ? 200 : 404,
        ),
      );
      for (const words of [
        ['runs', '--open'],
        ['approve', '3f9a01c2', '--plan', 'd1d1d1d1'],
        ['watch', '3f9a01c2'],
        ['pause', '--reason', 'x'],
      ]) {
        const ran = await run([...words, '--url', server.url], { options: options() });
        expect(packagesOf(ran), words.join(' ')).toEqual(['commander', 'zod']);
      }
      await server.close();
    });
  });
});
