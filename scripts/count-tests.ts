// Sums the suites' reports below a folder and prints what failed, by name, and then one closing line. The other arguments are the steps that failed;
// one that failed without a failed test (lint, a crash) counts as one failure, and so does a skipped test. What failed and then held when its file ran
// once more counts as passed, and is said all the same.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { failuresOf, filesOf, type TestFile } from './test-reports.ts';

const [folder = '', ...failedSteps] = process.argv.slice(2);
const suites = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory());

const last: TestFile[] = [];
for (const { name } of suites) {
  const again = filesOf(join(folder, name, 'again'));
  for (const [path, first] of filesOf(join(folder, name))) {
    const counts = again.get(path) ?? first;
    last.push(counts);
    const failures = failuresOf(path, counts);
    for (const one of failures) process.stdout.write(`failed: ${one}\n`);
    if (failures.length === 0) for (const one of failuresOf(path, first)) process.stdout.write(`failed once, and passed when it ran again: ${one}\n`);
  }
}
for (const step of failedSteps) process.stdout.write(`failed: the step ${step}\n`);

const tests = last.flatMap(({ assertionResults }) => assertionResults);
const passed = tests.filter(({ status }) => status === 'passed').length;
const failed = tests.filter(({ status }) => status === 'failed').length;
const skipped = tests.length - passed - failed;
if (skipped > 0) process.stdout.write(`${skipped} tests were skipped; here none may be\n`);
const bad = Math.max(failed + skipped, failedSteps.length, tests.length === 0 ? 1 : 0);
process.stdout.write(`${passed} passed, ${bad} failed\n`);
process.exitCode = bad > 0 ? 1 : 0;
