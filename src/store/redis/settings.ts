import { Cluster, type Redis } from 'ioredis';
import { errorText, SalvorError } from '../../model/error.ts';
import { type Client, nameOf, type RedisPlace } from './connect.ts';
import { faultOf } from './fault.ts';

/** 6.2: scripts that ask for the time and write have needed no special mode for long then. */
const OLDEST = 6.02;

/** What a Redis may lose by its own settings, in sentences; none of either: nothing that it acknowledged, as long as its disk lives. */
export type Durability = {
  /** Whole runs and approvals: no store for Salvor. */
  readonly risks: readonly string[];
  /** The last moments before Redis itself dies: taken, and said. */
  readonly losses: readonly string[];
};

/** Asks every primary for its settings. Throws `store.unavailable` where one is too old to work with. */
export async function durabilityOf(client: Client, place: RedisPlace): Promise<Durability> {
  const where = nameOf(place);
  const servers = client instanceof Cluster ? client.nodes('master') : [client];
  const each = await Promise.all(
    servers.map((server) =>
      durabilityOfServer(server).catch((error: unknown) => {
        throw faultOf(error, where).error;
      }),
    ),
  );
  const all = (what: keyof Durability): readonly string[] => [...new Set(each.flatMap((one) => one[what]))];
  return { risks: all('risks'), losses: all('losses') };
}

async function durabilityOfServer(server: Redis): Promise<Durability> {
  const [, major = '0', minor = '0'] = /redis_version:(\d+)\.(\d+)/.exec(await server.info('server')) ?? [];
  if (Number(major) + Number(minor) / 100 < OLDEST)
    throw new SalvorError('store.unavailable', `Redis ${major}.${minor} is too old: Salvor needs 6.2 or later, or Valkey.`);
  let settings: ReadonlyMap<string, string>;
  try {
    settings = new Map((await Promise.all(ASKED.map((name) => settingOf(server, name)))).flat());
  } catch (error) {
    // Managed Redis hides its settings; somebody has to vouch for them.
    const unknown = `its settings cannot be read (${errorText(error)}), so nobody knows whether it keeps an append-only file and evicts nothing`;
    return { risks: [unknown], losses: [] };
  }
  const append = settings.get('appendonly');
  const policy = settings.get('maxmemory-policy');
  const sync = settings.get('appendfsync');
  const risks = [
    ...(append === 'yes' ? [] : [`it keeps no append-only file (appendonly ${append ?? 'unknown'}): a restart loses what came since its last snapshot`]),
    ...(policy === 'noeviction' ? [] : [`it deletes keys when its memory is full (maxmemory-policy ${policy ?? 'unknown'}): runs and approvals would vanish`]),
  ];
  return { risks, losses: append !== 'yes' || sync === 'always' ? [] : [lossOf(sync)] };
}

const ASKED = ['appendonly', 'appendfsync', 'maxmemory-policy'] as const;

/** While a sync is under way Redis answers before it writes, for up to two seconds: `flushAppendOnlyFile` in its `src/aof.c`. */
const lossOf = (sync = 'unknown'): string =>
  sync === 'everysec'
    ? 'it answers before it writes (appendfsync everysec): where Redis is killed the last two seconds may be gone, alerts that were answered 200 among them; appendfsync always keeps them'
    : `it leaves it to the system when its file is on disk (appendfsync ${sync}): a power cut may take half a minute, alerts that were answered 200 among them; appendfsync always keeps them`;

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
