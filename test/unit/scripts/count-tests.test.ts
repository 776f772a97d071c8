import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/package-file.ts';

const run = promisify(execFile);

/** The reports of suites, by where they lie: `redis/1.json`, and `redis/again/2.json` of what ran once more. */
async function reported(reports: { readonly [path: string]: readonly object[] }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'salvor-reports-'));
  for (const [path, testResults] of Object.entries(reports)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), JSON.stringify({ testResults }));
  }
  return folder;
}

/** What a script prints, and its exit code. */
async function printed(script: string, ...args: string[]): Promise<{ code: number; lines: string[] }> {
  const answer = await run(process.execPath, [script, ...args], { cwd: root }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  return { code: answer.code, lines: answer.stdout.trimEnd().split('\n') };
}

const closing = async (reports: { readonly [path: string]: readonly object[] }, ...steps: string[]) =>
  printed('scripts/count-tests.ts', await reported(reports), ...steps);

const file = (path: string, status: string, tests: readonly (readonly [status: string, name: string])[], message?: string): object => ({
  name: join(root, path),
  status,
  ...(message === undefined ? {} : { message }),
  assertionResults: tests.map(([outcome, fullName]) => ({
    status: outcome,
    fullName,
    failureMessages: outcome === 'failed' ? ['AssertionError: expected 1 to be 2'] : [],
  })),
});
const half = file('test/unit/a.test.ts', 'failed', [
  ['passed', 'one that holds'],
  ['failed', 'one that does not'],
]);
const whole = file('test/unit/a.test.ts', 'passed', [
  ['passed', 'one that holds'],
  ['passed', 'one that does not'],
]);
const unloadable = file('test/unit/b.test.ts', 'failed', [], 'cannot be loaded');

test('the closing lines name what failed and say where, and the last of them counts', async () => {
  const { code, lines } = await closing({ 'test/1.json': [half, unloadable] }, 'npm test');
  expect(lines).toEqual([
    'failed: test/unit/a.test.ts: one that does not',
    '    AssertionError: expected 1 to be 2',
    'failed: test/unit/b.test.ts',
    '    cannot be loaded',
    'failed: the step npm test',
    '1 passed, 1 failed',
  ]);
  expect(code).toBe(1);
});

test('what passed is only counted; a skipped test and a run of nothing are failures', async () => {
  expect(await closing({ 'test/1.json': [whole], 'redis/2.json': [whole] })).toEqual({ code: 0, lines: ['4 passed, 0 failed'] });
  const skipping = file('test/unit/c.test.ts', 'passed', [
    ['passed', 'one'],
    ['skipped', 'another'],
  ]);
  expect(await closing({ 'test/1.json': [skipping] })).toMatchObject({
    code: 1,
    lines: ['1 tests were skipped; here none may be', '1 passed, 1 failed'],
  });
  expect(await closing({})).toMatchObject({ code: 1, lines: ['0 passed, 1 failed'] });
});

test('what failed and then passed when it ran once more is no failure, and is said; what failed twice is one', async () => {
  expect(await closing({ 'test/1.json': [half], 'test/again/2.json': [whole] })).toEqual({
    code: 0,
    lines: [
      'failed once, and passed when it ran again: test/unit/a.test.ts: one that does not',
      '    AssertionError: expected 1 to be 2',
      '2 passed, 0 failed',
    ],
  });
  expect(await closing({ 'test/1.json': [half], 'test/again/2.json': [half] }, 'npm test')).toMatchObject({
    code: 1,
    lines: ['failed: test/unit/a.test.ts: one that does not', '    AssertionError: expected 1 to be 2', 'failed: the step npm test', '1 passed, 1 failed'],
  });
});

test('a few files that failed are named, to run once more; a suite that is broken as a whole is not', async () => {
  const failed = async (files: readonly object[]) => printed('scripts/failed-files.ts', join(await reported({ 'test/1.json': files }), 'test'));
  expect((await failed([half, unloadable])).lines).toEqual(['test/unit/a.test.ts', 'test/unit/b.test.ts']);
  const many = Array.from({ length: 6 }, (_, at) => file(`test/unit/${at}.test.ts`, 'failed', [['failed', 'it']]));
  expect((await failed(many)).lines).toEqual(['']);
});
