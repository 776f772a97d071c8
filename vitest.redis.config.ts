// The suite of `npm run test:redis`: real redis-servers, Sentinels and a cluster as processes on loopback. Needs redis-server: scripts/install-redis.sh.
import { defineConfig } from 'vitest/config';
import { reporters } from './test/reporters.ts';

export default defineConfig({
  test: {
    include: ['test/redis/**/*.test.ts', 'test/contract/store/**/*.test.ts'],
    globalSetup: ['test/redis/set-up.ts'],
    environment: 'node',
    reporters: reporters(),
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    restoreMocks: true,
    passWithNoTests: false,
    allowOnly: false,
  },
});
