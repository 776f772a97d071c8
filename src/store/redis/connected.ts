import type { Clock } from '../../port/clock.ts';
import type { Ids } from '../../port/ids.ts';
import type { Log } from '../../port/log.ts';
import { INBOX } from '../../port/store.ts';
import { defaultLimits, type StoreLimits } from '../limits.ts';
import { clientOf, nameOf, type RedisPlace } from './connect.ts';
import { Hints } from './hints.ts';
import { Link, type Wait } from './link.ts';
import { keyOf, type OpenRedis, StoreTime } from './open-redis.ts';
import { Partitions } from './partitions.ts';
import { listIn, numberIn } from './reply.ts';
import { LOOK } from './script.ts';
import { durabilityOf, unsafe } from './settings.ts';

export type RedisStoreOptions = {
  readonly place: RedisPlace;
  /** Put before every key. */
  readonly prefix: string;
  /** For patience and pauses; due times and leases are of Redis's own clock. */
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly limits?: Partial<Pick<StoreLimits, 'inbox'>>;
  /** Absent: no replica is waited for. */
  readonly wait?: Wait;
  /** Starts although this Redis may lose what it acknowledged. */
  readonly allowUnsafe?: boolean;
  /** Told once where it started all the same: what may be lost, in sentences. */
  readonly onUnsafe?: (risks: readonly string[]) => void;
  /** Tests set the store's time, and the part of webhooks' ids that tells processes apart. */
  readonly time?: Clock;
  readonly boot?: number;
};

export type Connected = {
  readonly store: OpenRedis;
  /** How many servers of Salvor use this store now, we among them. */
  readonly users: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Connects to a Redis that is safe to keep a store in, and hears of what others do there. Throws `store.unavailable`. */
export async function connectRedis(options: RedisStoreOptions): Promise<Connected> {
  const { place, prefix, clock, ids, log, limits, wait = { replicas: 0, timeoutMs: 0 }, time } = options;
  const links: Link[] = [];
  const connect = async (): Promise<Link> => {
    const link = new Link({ client: clientOf(place), clock, log, where: nameOf(place) });
    links.push(link);
    await link.connect();
    return link;
  };
  const close = async (): Promise<void> => {
    await Promise.all(links.map((link) => link.close()));
  };
  try {
    const work = await connect();
    await refuseUnsafe(work, options);
    const [intake, hearing, journal] = await Promise.all([connect(), connect(), wait.replicas > 0 ? connect() : work]);
    const self = ids.next();
    const channel = `${prefix}:changes`;
    const hints = new Hints({ clock, log, self, publish: (message) => work.publish(channel, message) });
    await hearing.subscribe(channel, (message) => hints.hear(message));
    const partitions = new Partitions(work, prefix);
    await partitions.all();
    let attempts = 0;
    const attempt = (): string => `${self.slice(0, 12)}${((attempts += 1)).toString(36)}`;
    const bounds = { inbox: limits?.inbox ?? defaultLimits.inbox };
    const store: OpenRedis = { prefix, intake, work, journal, wait, limits: bounds, partitions, hints, time: new StoreTime(clock, time), attempt };
    const [nowMs] = listIn(await work.run(LOOK, [keyOf(store, INBOX), store.time.forScript(), 0, 1, '']));
    store.time.learn(numberIn(nowMs));
    return { store, users: () => work.listeners(channel), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function refuseUnsafe(link: Link, { place, allowUnsafe = false, onUnsafe, log }: RedisStoreOptions): Promise<void> {
  const { risks, losses } = await durabilityOf(link.client, place);
  for (const loss of losses) log.warn('store.may-lose', { where: nameOf(place), loss });
  if (risks.length === 0) return;
  if (!allowUnsafe) throw unsafe(risks, nameOf(place));
  for (const risk of risks) log.warn('store.unsafe', { where: nameOf(place), risk });
  onUnsafe?.(risks);
}
