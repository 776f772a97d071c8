import { join } from 'node:path';

type Reporters = ('default' | ['json', { outputFile: string }])[];

/** Every suite reports to the terminal, and to a JSON file of its own where somebody sums up several suites. */
export function reporters(): Reporters {
  const folder = process.env['TEST_REPORT_DIR'];
  return folder === undefined ? ['default'] : ['default', ['json', { outputFile: join(folder, `${process.pid}.json`) }]];
}
