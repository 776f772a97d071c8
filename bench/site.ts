import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/port/clock.ts';
import { systemIds } from '../src/port/ids.ts';
import { silentLog } from '../src/port/log.ts';
import type { Store } from '../src/port/store.ts';
import { openEmbedded } from '../src/store/embedded.ts';
import { openRedis, type RedisPlace } from '../src/store/redis.ts';
import { kubeconfig } from '../src/world/kubeconfig.ts';
import { askServer } from '../test/redis/server.ts';
import { oneServer } from '../test/redis/sites.ts';
import { configText } from './config-text.ts';
import { type Salvor, startSalvor } from './salvor.ts';
import type { Scope } from './scope.ts';
import type { StoreName } from './work.ts';

/** A configuration and a store of their own, which outlive every start of Salvor on them. */
export type Site = {
  readonly of: StoreName;
  /** A server in a process of its own; with Redis there may be several at once. */
  readonly start: (options?: { readonly node?: readonly string[] }) => Promise<Salvor>;
  /** The store, for the program that measures; with the embedded one no server may run. */
  readonly openStore: () => Promise<Store>;
  /** Bytes that the store takes: on disk, or in Redis's memory. */
  readonly sizeBytes: () => Promise<number>;
  /** Puts everything away. */
  readonly end: () => Promise<void>;
};

export type SiteOptions = {
  readonly of: StoreName;
  /** Address of the API server, or a kubeconfig. */
  readonly api: string | { readonly kubeconfig: string };
  /** More lines of the configuration. */
  readonly settings?: string;
};

const PREFIX = 'bench';

export async function openSite(scope: Scope, { of, api, settings = '' }: SiteOptions): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-'));
  const path = join(folder, 'data');
  mkdirSync(path);
  const token = systemIds.next();
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(join(folder, 'kubeconfig'), typeof api === 'string' ? kubeconfig({ url: api, cluster: 'prod' }) : readFileSync(api.kubeconfig));
  const redis = of === 'redis' ? await oneServer() : undefined;
  const file = join(folder, 'salvor.yaml');
  const place: RedisPlace | undefined = redis?.place;
  const store = place?.kind === 'redis' ? `{ kind: redis, url: '${place.url}', prefix: ${PREFIX} }` : `{ kind: embedded, path: ${JSON.stringify(path)} }`;
  writeFileSync(file, `${configText(folder, store)}${settings}`);

  let isOver = false;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await redis?.end();
    rmSync(folder, { recursive: true, force: true });
  };
  scope.onClose(end);
  return {
    of,
    start: ({ node = [] } = {}) => startSalvor(scope, { file, token, log: join(folder, 'salvor.log'), node }),
    openStore: () =>
      place === undefined
        ? openEmbedded({ path, clock: systemClock, log: silentLog })
        : openRedis({ place, prefix: PREFIX, clock: systemClock, ids: systemIds, log: silentLog }),
    sizeBytes: () => (redis === undefined ? sizeOfFolder(path) : usedMemory(redis.servers[0]?.port ?? 0)),
    end,
  };
}

export async function sizeOfFolder(path: string): Promise<number> {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

async function usedMemory(port: number): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(String(await askServer(port, 'info', 'memory')))?.[1] ?? Number.NaN);
}
