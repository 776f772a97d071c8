// The suite of `npm run test:cluster`: the real Kubernetes programs, Velero and S3, in one cluster for all files and in some of their own.
import { defineConfig } from 'vitest/config';
import { reporters } from './test/reporters.ts';

export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts', 'test/contract/kube/world.test.ts', 'test/contract/kube/{api,velero}/**/*.test.ts'],
    globalSetup: ['test/cluster/set-up.ts'],
    environment: 'node',
    reporters: reporters(),
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
  },
});
