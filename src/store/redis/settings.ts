import { Cluster, type Redis } from 'ioredis';
import { errorText, SalvorError } from '../../model/error.ts';
import { type Client, nameOf, type RedisPlace } from './connect.ts';
import { faultOf } from './fault.ts';

/** 6.2: scripts that ask for the time and write have needed no special mode for long then. */
const OLDEST = 6.02;

/**
 * What this Redis may lose by its own settings, in sentences; none: nothing that it acknowledged, as long as its disk lives.
 * Throws `store.unavailable` where it is too old to work with.
 */
export async function risksOf(client: Client, place: RedisPlace): Promise<readonly string[]> {
  const where = nameOf(place);
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  const each = await Promise.all(
    servers.map((server) =>
      risksOfServer(server).catch((error: unknown) => {
        throw faultOf(error, where).error;
      }),
    ),
  );
  return [...new Set(each.flat())];
}

async function risksOfServer(server: Redis): Promise<readonly string[]> {
  const [, major = '0', minor = '0'] = /redis_version:(\d+)\.(\d+)/.exec(await server.info('server')) ?? [];
  if (Number(major) + Number(minor) / 100 < OLDEST)
    throw new SalvorError('store.unavailable', `Redis ${major}.${minor} is too old: Salvor needs 6.2 or later, or Valkey.`);
  let settings: ReadonlyMap<string, string>;
  try {
    settings = new Map([...(await settingOf(server, 'appendonly')), ...(await settingOf(server, 'maxmemory-policy'))]);
  } catch (error) {
    // Managed Redis hides its settings; somebody has to vouch for them.
    return [`its settings cannot be read (${errorText(error)}), so nobody knows whether it keeps an append-only file and evicts nothing`];
  }
  const append = settings.get('appendonly');
  const policy = settings.get('maxmemory-policy');
  return [
    ...(append === 'yes' ? [] : [`it keeps no append-only file (appendonly ${append ?? 'unknown'}): a restart loses what came since its last snapshot`]),
    ...(policy === 'noeviction' ? [] : [`it deletes keys when its memory is full (maxmemory-policy ${policy ?? 'unknown'}): runs and approvals would vanish`]),
  ];
}

async function settingOf(server: Redis, name: string): Promise<readonly (readonly [string, string])[]> {
  const reply: unknown = await server.config('GET', name);
  const pairs: readonly unknown[] = Array.isArray(reply) ? reply : Object.entries(reply ?? {}).flat();
  const [found, value] = pairs;
  return typeof found === 'string' && typeof value === 'string' ? [[found, value]] : [];
}

/** The refusal to start on a Redis that may lose what it acknowledged. */
export function unsafe(risks: readonly string[], where: string): SalvorError {
  const words = `Redis at ${where} is not safe for a store: ${risks.join('; ')}. Set appendonly yes and maxmemory-policy noeviction there, or store.allowUnsafe: true here if that is understood.`;
  return new SalvorError('store.unavailable', words, { details: { risks: risks.length } });
}
