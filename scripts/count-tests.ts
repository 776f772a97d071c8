// Sums vitest's JSON reports in a folder and prints one closing line. The second argument is the number of steps
// that failed; one that failed without a failed test (lint, a crash) counts as one failure, and so does a skipped test.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const report = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number(), numTodoTests: z.number() });
const [folder = '', failedSteps = '0'] = process.argv.slice(2);

const reports = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => report.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));
const sum = (count: (one: z.infer<typeof report>) => number): number => reports.reduce((total, one) => total + count(one), 0);

const skipped = sum((one) => one.numPendingTests + one.numTodoTests);
if (skipped > 0) process.stdout.write(`${skipped} tests were skipped; here none may be\n`);
const passed = sum((one) => one.numPassedTests);
const failed = Math.max(
  sum((one) => one.numFailedTests + one.numPendingTests + one.numTodoTests),
  Number(failedSteps),
);
const nothingRan = passed + failed === 0;
process.stdout.write(`${passed} passed, ${nothingRan ? 1 : failed} failed\n`);
process.exitCode = failed > 0 || nothingRan ? 1 : 0;
