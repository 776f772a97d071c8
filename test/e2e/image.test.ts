import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './stage/stage.ts';
import { until } from './stage/until.ts';

/** The Dockerfile, played by hand: its build stage in a clean folder, its last stage as a user that can write nothing but one volume. */
type Line = { readonly word: string; readonly rest: string };

const lines: readonly Line[] = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
  .split('\n')
  .flatMap((text) => {
    const [, word, rest] = /^([A-Z]+) (.*)$/.exec(text) ?? [];
    return word === undefined || rest === undefined ? [] : [{ word, rest }];
  });
const second = lines.findLastIndex(({ word }) => word === 'FROM');
const [building, final] = [lines.slice(0, second), lines.slice(second)];
const last = (word: string): string => final.findLast((line) => line.word === word)?.rest ?? '';

const NOBODY = 65_532;
const isRoot = process.getuid?.() === 0;
const env = { ...process.env, PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), NO_COLOR: '1' };

let place: string;
let image: string;
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'salvor-image-'));
  chmodSync(place, 0o755);
  const built = join(place, 'build');
  image = join(place, 'app');
  mkdirSync(built);
  for (const { word, rest } of building) {
    if (word === 'COPY') copy(rest.split(' '), { from: ROOT, to: built });
    if (word === 'RUN') execFileSync('sh', ['-euc', rest], { cwd: built, env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  mkdirSync(image);
  for (const { word, rest } of final) {
    if (word === 'COPY') copy(rest.replace('--from=build /app/', '').split(' '), { from: built, to: image });
  }
}, 400_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** `COPY a b ./` and `COPY a b`: the last is where to; a folder's content goes into it. */
function copy(words: readonly string[], { from, to }: { readonly from: string; readonly to: string }): void {
  const into = words.at(-1) ?? '';
  for (const name of words.slice(0, -1)) cpSync(join(from, name), into === './' ? join(to, name) : join(to, into), { recursive: true, verbatimSymlinks: true });
}

test('the image holds what runs: compiled code, the packages that are needed, and nothing of the workshop', () => {
  expect(globSync('*', { cwd: image }).toSorted()).toEqual(['bin', 'dist', 'node_modules', 'package.json']);
  for (const absent of ['typescript', 'vitest', 'node', '@biomejs']) expect(existsSync(join(image, 'node_modules', absent))).toBe(false);
  expect(existsSync(join(image, 'node_modules', 'express', 'package.json'))).toBe(true);
  expect(globSync('dist/{playbooks,src/store/redis/lua}/*', { cwd: image }).length).toBeGreaterThan(5);
  // What is copied is what the build context lets through.
  const let_through = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = building.filter(({ word }) => word === 'COPY').flatMap(({ rest }) => rest.split(' ').slice(0, -1));
  expect(copied.toSorted()).toEqual(let_through.toSorted());
});

test('its last stage has no shell to run, no root, and a base that is named by tag', () => {
  expect(final.filter(({ word }) => word === 'RUN')).toEqual([]);
  expect(last('USER')).toBe(`${NOBODY}:${NOBODY}`);
  expect(JSON.parse(last('ENTRYPOINT'))).toEqual(['/nodejs/bin/node', 'bin/salvor.js']);
  const bases = lines.filter(({ word }) => word === 'ARG').map(({ rest }) => rest.split('=')[1] ?? '');
  expect(bases).toEqual([expect.stringMatching(/^node:24\.\d+\.\d+-/), expect.stringMatching(/\/nodejs24-[\w]+:nonroot$/)]);
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly devDependencies: { readonly [name: string]: string } };
  expect(bases[0]).toContain(`node:${devDependencies['node'] ?? ''}-`);
});

test.runIf(isRoot || skipped('needs to be root, to become somebody else'))(
  'it serves as nobody, where only the volume of the store can be written, and ends with 0',
  { timeout: 60_000 },
  async () => {
    const [etc, data] = [join(place, 'etc'), join(place, 'data')];
    mkdirSync(etc);
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    writeFileSync(join(etc, 'kubeconfig'), KUBECONFIG);
    writeFileSync(
      join(etc, 'salvor.yaml'),
      `listen: { address: 127.0.0.1, port: 0, operations: 0 }\nstore: { kind: embedded, path: ${data}/store }\nclusters: [{ name: prod, kubeconfig: ./kubeconfig }]\n`,
    );
    const node = join(place, 'node');
    cpSync(process.execPath, node);
    chmodSync(node, 0o755);
    const [, entry = ''] = JSON.parse(last('ENTRYPOINT')) as readonly string[];
    const [command = ''] = JSON.parse(last('CMD')) as readonly string[];
    const child = spawn(node, [entry, command, '--config', join(etc, 'salvor.yaml')], {
      cwd: image,
      uid: NOBODY,
      gid: NOBODY,
      // Not even a folder for what is temporary.
      env: { NODE_ENV: 'production', HOME: '/nonexistent', TMPDIR: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    try {
      const url = await until('it listens', () => {
        if (child.exitCode !== null) throw new Error(said.join(''));
        return /"operations":"([^"]+)"/.exec(said.join(''))?.[1];
      });
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      child.kill('SIGTERM');
      expect(await ended, said.join('')).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
    expect(globSync('**/*', { cwd: image }).filter((path) => lstatSync(join(image, path)).uid === NOBODY)).toEqual([]);
    expect(existsSync(join(data, 'store', 'salvor.db'))).toBe(true);
  },
);

function skipped(reason: string): false {
  console.warn(`Not tested here: ${reason}`);
  return false;
}

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{ name: nowhere, cluster: { server: 'http://127.0.0.1:9' } }]
users: [{ name: nobody, user: {} }]
contexts: [{ name: nowhere, context: { cluster: nowhere, user: nobody } }]
current-context: nowhere
`;
