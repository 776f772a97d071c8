import type { RedisPlace } from '../../src/store/redis.ts';

/** One form of Redis that the suite has started. */
export type SharedRedis = { readonly name: string; readonly place: RedisPlace };

declare module 'vitest' {
  interface ProvidedContext {
    /** What all files of the Redis suite share, each test under a prefix of its own; absent in the other suites. */
    readonly redis?: readonly SharedRedis[];
  }
}
