// Sums vitest's JSON reports in a folder and prints what failed, by name, and then one closing line. The other
// arguments are the steps that failed; one that failed without a failed test (lint, a crash) counts as one failure,
// and so does a skipped test.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';

const assertion = z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() });
const file = z.object({ name: z.string(), status: z.string(), message: z.string().optional(), assertionResults: z.array(assertion) });
const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(file),
});
const [folder = '', ...failedSteps] = process.argv.slice(2);

const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => report.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
const sum = (count: (one: z.infer<typeof report>) => number): number => reports.reduce((total, one) => total + count(one), 0);

/** What a failure says, short enough that the closing lines of a long run still hold all of them. */
const inShort = (text = ''): string => text.split('\n').slice(0, 8).join('\n    ').slice(0, 800);

for (const { name, status, message, assertionResults } of reports.flatMap((one) => one.testResults)) {
  const where = relative(process.cwd(), name);
  const broken = assertionResults.filter((one) => one.status === 'failed');
  for (const one of broken) process.stdout.write(`failed: ${where}: ${one.fullName}\n    ${inShort(one.failureMessages?.[0])}\n`);
  if (status === 'failed' && broken.length === 0) process.stdout.write(`failed: ${where}\n    ${inShort(message)}\n`);
}
for (const step of failedSteps) process.stdout.write(`failed: the step ${step}\n`);

const skipped = sum((one) => one.numPendingTests + one.numTodoTests);
if (skipped > 0) process.stdout.write(`${skipped} tests were skipped; here none may be\n`);
const passed = sum((one) => one.numPassedTests);
const failed = Math.max(
  sum((one) => one.numFailedTests + one.numPendingTests + one.numTodoTests),
  failedSteps.length,
);
const nothingRan = passed + failed === 0;
process.stdout.write(`${passed} passed, ${nothingRan ? 1 : failed} failed\n`);
process.exitCode = failed > 0 || nothingRan ? 1 : 0;
