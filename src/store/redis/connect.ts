import { readFileSync } from 'node:fs';
import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** Where Redis is, and who asks. Passwords are values here: they go nowhere but to Redis. */
export type RedisPlace = (
  | { readonly kind: 'redis'; readonly url: string }
  | {
      readonly kind: 'redis-sentinel';
      readonly sentinels: readonly string[];
      readonly name: string;
      readonly sentinelPassword?: string | undefined;
      readonly database: number;
    }
  | { readonly kind: 'redis-cluster'; readonly nodes: readonly string[] }
) & {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls: boolean;
  /** A PEM file of authorities, beside those that Node trusts. */
  readonly ca?: string | undefined;
  readonly protocol: 2 | 3;
};

export type Client = Redis | Cluster;

/** A command without an answer for so long is given up; longer than any sync of a disk should take, shorter than a lease. */
const COMMAND_TIMEOUT_MS = 3000;

/** A client that repeats nothing by itself and queues nothing: who asks must know what became of it. Connects when it is told to. */
export function clientOf(place: RedisPlace): Client {
  const options = optionsOf(place);
  switch (place.kind) {
    case 'redis':
      return new Redis(place.url, options);
    case 'redis-sentinel':
      return new Redis({
        ...options,
        sentinels: place.sentinels.map(hostAndPort),
        name: place.name,
        db: place.database,
        // Hears of a failover also where the old primary does not: on the wrong side of a split network.
        failoverDetector: true,
        sentinelRetryStrategy: (times: number) => Math.min(times * 50, 500),
        ...(place.sentinelPassword === undefined ? {} : { sentinelPassword: place.sentinelPassword }),
        ...(options.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: options.tls }),
      });
    case 'redis-cluster':
      return new Cluster(place.nodes.map(hostAndPort), {
        redisOptions: options,
        lazyConnect: true,
        enableOfflineQueue: false,
        // These repeat commands; what is unknown is ours to decide.
        retryDelayOnFailover: 0,
        retryDelayOnClusterDown: 0,
        maxRedirections: 8,
        slotsRefreshTimeout: 2000,
        clusterRetryStrategy: (times: number) => Math.min(times * 50, 500),
        // Certificates carry names; a cluster tells addresses.
        ...(place.tls ? { dnsLookup: (address: string, callback: (error: null, address: string) => void) => callback(null, address) } : {}),
      });
  }
}

function optionsOf({ username, password, tls, ca, protocol }: RedisPlace) {
  return {
    replyMapping: 'legacy' as const,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: ca === undefined ? {} : { ca: readFileSync(ca) } } : {}),
    protocol,
    connectionName: 'salvor',
    lazyConnect: true,
    connectTimeout: COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    // What was under way when a connection broke fails at once.
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(times * 20, 500),
  } satisfies RedisOptions;
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
}

/** How people call it in sentences: hosts and ports, nothing secret. */
export function nameOf(place: RedisPlace): string {
  switch (place.kind) {
    case 'redis':
      return new URL(place.url).host;
    case 'redis-sentinel':
      return `${place.name} of ${place.sentinels.join(', ')}`;
    case 'redis-cluster':
      return place.nodes.join(', ');
  }
}
