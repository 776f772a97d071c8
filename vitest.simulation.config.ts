// The suite of `npm run test:simulation`: many seeded histories, and planted bugs that they have to find. Each file uses every processor by itself.
import { defineConfig } from 'vitest/config';
import { reporters } from './test/reporters.ts';

export default defineConfig({
  test: {
    include: ['test/simulation/seeds.test.ts', 'test/simulation/mutants.test.ts'],
    environment: 'node',
    reporters: reporters(),
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 900_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
