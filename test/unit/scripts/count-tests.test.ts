import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { root } from '../../../scripts/package-file.ts';

const run = promisify(execFile);

/** What the closing lines of CI are for this report of vitest and these failed steps. */
async function closing(report: Record<string, unknown>, ...steps: string[]): Promise<{ code: number; lines: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'salvor-reports-'));
  await writeFile(
    join(folder, '1.json'),
    JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...report }),
  );
  const answer = await run(process.execPath, ['scripts/count-tests.ts', folder, ...steps], { cwd: root }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => error,
  );
  return { code: answer.code, lines: answer.stdout.trimEnd().split('\n') };
}

test('the closing lines name what failed and say where, and the last of them counts', async () => {
  const testResults = [
    {
      name: join(root, 'test/unit/a.test.ts'),
      status: 'failed',
      assertionResults: [
        { status: 'passed', fullName: 'one that holds', failureMessages: [] },
        { status: 'failed', fullName: 'one that does not', failureMessages: ['AssertionError: expected 1 to be 2'] },
      ],
    },
    { name: join(root, 'test/unit/b.test.ts'), status: 'failed', message: 'cannot be loaded', assertionResults: [] },
  ];
  const { code, lines } = await closing({ numPassedTests: 1, numFailedTests: 1, testResults }, 'npm test');
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
  expect(await closing({ numPassedTests: 3 })).toEqual({ code: 0, lines: ['3 passed, 0 failed'] });
  expect(await closing({ numPassedTests: 3, numPendingTests: 1 })).toMatchObject({
    code: 1,
    lines: ['1 tests were skipped; here none may be', '3 passed, 1 failed'],
  });
  expect(await closing({})).toMatchObject({ code: 1, lines: ['0 passed, 1 failed'] });
});
