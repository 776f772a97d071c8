import { type Config, readSecret, type Secret } from '../config.ts';
import type { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { openEmbedded } from '../store/embedded.ts';
import type { RedisPlace, RedisStoreOptions } from '../store/redis.ts';

type RedisSettings = Exclude<Config['store'], { kind: 'embedded' }>;
type Environment = { readonly [name: string]: string | undefined };

export type StoreDeps = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly environment?: Environment;
  /** The embedded store failed for good: the program should end. Redis comes back by itself. */
  readonly onFatal?: (error: SalvorError) => void;
  /** Redis may lose what it acknowledged, and the configuration allows it. */
  readonly onUnsafe?: (risks: readonly string[]) => void;
};

/** Opens the store that the configuration names. The client of Redis is loaded only where it is wanted. */
export async function openStore({ store, limits }: Pick<Config, 'store' | 'limits'>, deps: StoreDeps): Promise<Store> {
  const { clock, log, onFatal } = deps;
  if (store.kind === 'embedded') {
    const bounds = { inbox: limits.inbox, reserveBytes: store.reserve };
    return openEmbedded({ path: store.path, clock, log, limits: bounds, ...(onFatal === undefined ? {} : { onFatal }) });
  }
  const { openRedis } = await import('../store/redis.ts');
  return openRedis({ ...redisOptions(store, deps), limits: { inbox: limits.inbox } });
}

/** The settings of a Redis store as its driver takes them, with the values of its secrets. */
export function redisOptions(store: RedisSettings, { clock, ids, log, environment, onUnsafe }: StoreDeps): RedisStoreOptions {
  return {
    place: placeOf(store, environment),
    prefix: store.prefix,
    clock,
    ids,
    log,
    wait: { replicas: store.wait, timeoutMs: store.waitTimeout },
    allowUnsafe: store.allowUnsafe,
    ...(onUnsafe === undefined ? {} : { onUnsafe }),
  };
}

function placeOf(store: RedisSettings, environment: Environment | undefined): RedisPlace {
  const value = (secret: Secret | undefined): string | undefined => (secret === undefined ? undefined : readSecret(secret, environment));
  const { username, tls, ca, protocol } = store;
  const shared = { username, password: value(store.password), tls, ca, protocol };
  switch (store.kind) {
    case 'redis':
      return { kind: store.kind, url: store.url, ...shared, tls: tls || store.url.startsWith('rediss:') };
    case 'redis-sentinel': {
      const { kind, sentinels, name, database, sentinelPassword } = store;
      return { kind, sentinels, name, database, sentinelPassword: value(sentinelPassword), ...shared };
    }
    case 'redis-cluster':
      return { kind: store.kind, nodes: store.nodes, ...shared };
  }
}
