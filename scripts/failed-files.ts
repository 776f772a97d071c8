// Prints the test files that failed in one run of a suite, one on each line: CI runs them once more. A suite that is broken as a whole is not worth it.
import { failuresOf, filesOf } from './test-reports.ts';

const MOST = 5;

const failed = [...filesOf(process.argv[2] ?? '')].filter(([path, file]) => failuresOf(path, file).length > 0);
if (failed.length <= MOST) for (const [path] of failed) process.stdout.write(`${path}\n`);
