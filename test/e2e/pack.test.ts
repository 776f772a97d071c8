import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

// npm's own scripts run under the Node that runs this test, whatever the system's is.
const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), NO_COLOR: '1' };
const NOT_COPIED = new Set(['node_modules', '.git', 'dist', 'salvor-data']);

let place: string;
let installed: string;
let listed: readonly string[];

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'salvor-pack-'));
  const checkout = join(place, 'checkout');
  cpSync(root, checkout, { recursive: true, filter: (path) => path === root || !NOT_COPIED.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const before = readFileSync(join(checkout, 'package.json'), 'utf8');
  npm(['pack', '--pack-destination', place], checkout);
  expect(readFileSync(join(checkout, 'package.json'), 'utf8')).toBe(before);

  const tarball = join(place, `salvor-${version}.tgz`);
  listed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
  installed = join(place, 'installed');
  mkdirSync(installed);
  writeFileSync(join(installed, 'package.json'), '{ "name": "site", "private": true, "type": "module" }');
  npm(['install', tarball, '--omit=dev', '--no-audit', '--no-fund'], installed);
}, 240_000);

afterAll(() => rmSync(place, { recursive: true, force: true }));

function npm(args: readonly string[], cwd: string): void {
  execFileSync('npm', [...args, '--loglevel=error'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

const command = (): string => join(installed, 'node_modules', '.bin', 'salvor');
const salvor = (...words: readonly string[]): string => execFileSync(process.execPath, [command(), ...words], { cwd: installed, env, encoding: 'utf8' });

describe('the packed package', () => {
  test('holds compiled code, playbooks, licence and nothing of the workshop', () => {
    expect(listed).toEqual(expect.arrayContaining(['package/LICENSE', 'package/bin/salvor.js', 'package/dist/src/main.js', 'package/dist/package.json']));
    expect(listed.filter((path) => /^package\/(src|test|bench|scripts|node_modules)\//.test(path) || /(?<!\.d)\.ts$/.test(path))).toEqual([]);
    for (const folder of ['handlers', 'playbooks']) {
      const shipped = readdirSync(join(root, folder)).map((name) => `package/dist/${folder}/${name.replace(/\.ts$/, '.js')}`);
      expect(listed).toEqual(expect.arrayContaining(shipped));
    }
  });

  test('says its version and its commands', () => {
    expect(salvor('--version').trim()).toBe(version);
    const help = salvor('--help');
    for (const name of ['serve', 'demo', 'rehearse', 'approve']) expect(help).toContain(name);
    expect(salvor('approve', '--help')).toContain('salvor approve');
  });

  test('knows the playbooks that it ships, and says 1 to a configuration that is wrong', () => {
    const shipped = readdirSync(join(root, 'playbooks')).map((name) => name.replace(/\.yaml$/, ''));
    const known = salvor('playbooks');
    for (const id of shipped) expect(known).toContain(id);
    writeFileSync(join(installed, 'wrong.yaml'), 'clusters: [{ name: prod, kubeconfg: ./kubeconfig.yaml }]\n');
    expect(() => salvor('check', '--config', 'wrong.yaml')).toThrow(
      expect.objectContaining({ status: 1, stdout: expect.stringMatching(/kubeconfg.*kubeconfig/s) }),
    );
  });

  test('plays its demo to the report by itself', () => {
    const told = salvor('demo', '--yes');
    expect(told).toMatch(/Written to the cluster: create Backup\/velero\/daily-retry-[0-9a-f]{8}\n/);
    const report = /The report.*: (\/.*\.html)\n/.exec(told)?.[1] ?? '';
    expect(readFileSync(report, 'utf8')).toContain('daily-retry-');
    rmSync(dirname(report), { recursive: true });
  }, 90_000);

  test('gives handlers of a site the action contract, in JavaScript and with types', () => {
    const script = `import { z, remediation } from 'salvor/action'; process.stdout.write(typeof z.object + ' ' + typeof remediation);`;
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: installed, encoding: 'utf8' })).toBe('function function');

    writeFileSync(join(installed, 'site.ts'), `import { remediation } from 'salvor/action';\nexport const wrong: number = remediation;\n`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', '', 'site.ts'];
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    expect(() => execFileSync(process.execPath, [compiler, ...options], { cwd: installed, encoding: 'utf8', stdio: 'pipe' })).toThrow(
      expect.objectContaining({ stdout: expect.stringMatching(/^site\.ts\(2,14\): error TS2322.*\n[^]*$/) }),
    );
  });

  test('serves until SIGTERM, and then ends with 0', async () => {
    const [port, operations] = [await freePort(), await freePort()];
    writeFileSync(join(installed, 'kubeconfig.yaml'), KUBECONFIG);
    writeFileSync(join(installed, 'salvor.yaml'), configuration({ port, operations }));
    const child = spawn(process.execPath, [command(), 'serve', '--config', 'salvor.yaml'], { cwd: installed, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    try {
      expect(await firstAnswer(`http://127.0.0.1:${operations}/livez`, child), output.join('')).toBe(200);
      child.kill('SIGTERM');
      expect(await ended, output.join('')).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  }, 60_000);
});

// A cluster that nobody answers for: the server has to live without one.
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: nowhere, cluster: { server: 'http://127.0.0.1:9', insecure-skip-tls-verify: true } }]
users: [{ name: nobody, user: {} }]
contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
current-context: nowhere
`;

function configuration({ port, operations }: { readonly port: number; readonly operations: number }): string {
  return `listen: { address: 127.0.0.1, port: ${port}, operations: ${operations} }
store: { kind: embedded, path: ./salvor-data }
clusters: [{ name: prod, kubeconfig: ./kubeconfig.yaml, default: true }]
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The status of the first answer, asked again every 100 ms for half a minute; undefined when the program ends before. */
async function firstAnswer(url: string, child: ChildProcess): Promise<number | undefined> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null && child.signalCode === null; attempt += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}
