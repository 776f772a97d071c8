// The suite of `npm test`: everything but end-to-end tests, browser tests and benchmarks, which have commands of their own.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { reporters } from './test/reporters.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/e2e/**',
      'test/cluster/**',
      'test/browser/**',
      'test/redis/**',
      'test/bench/**',
      'test/simulation/{seeds,mutants}.test.ts',
      'test/fixtures/**',
      'node_modules/**',
      'dist/**',
    ],
    environment: 'node',
    reporters: reporters(),
    pool: 'forks',
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    passWithNoTests: false,
    allowOnly: false,
  },
});
