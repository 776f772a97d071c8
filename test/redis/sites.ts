import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisPlace } from '../../src/store/redis.ts';
import { askServer, eventually, freePort, SAFE, type Server, startServer } from './server.ts';

/** A form of Redis: where it is, and its servers. */
export type Site = { readonly place: RedisPlace; readonly servers: readonly Server[]; readonly end: () => Promise<void> };
export type SentinelSite = Site & { readonly sentinels: readonly Server[]; readonly primary: () => Promise<Server> };

const plain = { tls: false, protocol: 3 } as const;

/** One server. */
export async function oneServer({ args = SAFE, program }: { readonly args?: readonly string[]; readonly program?: string } = {}): Promise<Site> {
  const server = await startServer(args, program === undefined ? {} : { program });
  return { place: { kind: 'redis', url: `redis://127.0.0.1:${server.port}`, ...plain }, servers: [server], end: () => server.end() };
}

/** A primary, two replicas and three Sentinels that replace it within a few seconds. */
export async function withSentinels(args: readonly string[] = SAFE): Promise<SentinelSite> {
  const first = await startServer(args);
  const others = await Promise.all([1, 2].map(() => startServer([...args, '--replicaof', '127.0.0.1', String(first.port)])));
  const servers = [first, ...others];
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(first.port)));
  await eventually(async () => {
    for (const { port } of sentinels) {
      const [, state] = await stateOf(port);
      if (state.get('num-slaves') !== '2' || state.get('num-other-sentinels') !== '2') return false;
    }
    for (const { port } of others) if (!String(await askServer(port, 'info', 'replication')).includes('master_link_status:up')) return false;
    return true;
  }, 'the Sentinels');
  const primary = async (): Promise<Server> => {
    const [port] = await stateOf(sentinels[0]?.port ?? 0);
    const found = servers.find((server) => server.port === port);
    if (found === undefined) throw new Error(`no server has port ${port}`);
    return found;
  };
  const place = { kind: 'redis-sentinel', name: 'store', sentinels: sentinels.map(({ port }) => `127.0.0.1:${port}`), database: 0, ...plain } as const;
  return { place, servers, sentinels, primary, end: async () => void (await Promise.all([...sentinels, ...servers].map((one) => one.end()))) };
}

/** Sentinels write what they learn into their own file. */
function startSentinel(primaryPort: number): Promise<Server> {
  return startServer(['--sentinel'], { settings: (folder) => sentinelFile(folder, primaryPort) });
}

function sentinelFile(folder: string, primaryPort: number): string {
  const file = join(folder, 'sentinel.conf');
  const lines = [`monitor store 127.0.0.1 ${primaryPort} 2`, 'down-after-milliseconds store 1500', 'failover-timeout store 6000', 'parallel-syncs store 2'];
  writeFileSync(file, lines.map((line) => `sentinel ${line}\n`).join(''));
  return file;
}

async function stateOf(port: number): Promise<readonly [port: number, ReadonlyMap<string, string>]> {
  const reply = await askServer(port, 'sentinel', 'master', 'store');
  const flat: readonly unknown[] = Array.isArray(reply) ? reply : Object.entries(reply ?? {}).flat();
  const state = new Map(flat.flatMap((word, at) => (at % 2 === 0 ? [[String(word), String(flat[at + 1])] as const] : [])));
  return [Number(state.get('port')), state];
}

const SLOTS = 16_384;

/** A cluster of three primaries, each with so many replicas. */
export async function cluster({ replicas = 0, args = SAFE }: { readonly replicas?: number; readonly args?: readonly string[] } = {}): Promise<Site> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500', '--cluster-require-full-coverage', 'no'];
  const servers: Server[] = [];
  for (let at = 0; at < 3 * (1 + replicas); at += 1) servers.push(await startServer([...args, ...options, '--cluster-port', String(await freePort())]));
  const [first, ...others] = servers;
  if (first === undefined) throw new Error('no server');
  const primaries = servers.slice(0, 3);
  for (const [at, { port }] of primaries.entries()) {
    const [from, to] = [Math.ceil((at * SLOTS) / 3), Math.ceil(((at + 1) * SLOTS) / 3) - 1];
    await askServer(port, 'cluster', 'addslotsrange', from, to);
  }
  for (const { port } of others) await askServer(first.port, 'cluster', 'meet', '127.0.0.1', port, await busPort(port));
  const agree = async (): Promise<boolean> => {
    for (const { port } of servers) {
      const info = String(await askServer(port, 'cluster', 'info'));
      if (!info.includes('cluster_state:ok') || !info.includes(`cluster_known_nodes:${servers.length}`)) return false;
    }
    return true;
  };
  await eventually(agree, 'the cluster');
  for (const [at, { port }] of servers.slice(3).entries()) {
    const id = String(await askServer(primaries[at % 3]?.port ?? 0, 'cluster', 'myid'));
    await eventually(async () => (await askServer(port, 'cluster', 'replicate', id)) === 'OK', 'a replica');
  }
  for (const { port } of servers.slice(3)) {
    await eventually(async () => String(await askServer(port, 'info', 'replication')).includes('master_link_status:up'), 'a replica in step');
  }
  const place = { kind: 'redis-cluster', nodes: servers.map(({ port }) => `127.0.0.1:${port}`), ...plain } as const;
  return { place, servers, end: async () => void (await Promise.all(servers.map((server) => server.end()))) };
}

async function busPort(port: number): Promise<number> {
  const reply = await askServer(port, 'config', 'get', 'cluster-port');
  const flat: readonly unknown[] = Array.isArray(reply) ? reply : Object.entries(reply ?? {}).flat();
  return Number(flat[1]);
}
