import { resolve } from 'node:path';
import type { Store } from '../port/store.ts';
import { checkCommit } from './commit-rules.ts';
import { Intake } from './redis/accept.ts';
import { backupTo } from './redis/backup.ts';
import { check, counts } from './redis/check.ts';
import { claim, type Turns } from './redis/claim.ts';
import { commit } from './redis/commit.ts';
import { nameOf } from './redis/connect.ts';
import { connectRedis, type RedisStoreOptions } from './redis/connected.ts';
import { keyOf, type OpenRedis } from './redis/open-redis.ts';
import { Poll } from './redis/poll.ts';
import { entryIn, FIELDS, mailIn, recordIn } from './redis/records.ts';
import { listIn, numberIn } from './redis/reply.ts';
import { MAIL, RENEW } from './redis/script.ts';
import { list, prune } from './redis/select.ts';
import { readRecord } from './texts.ts';

export type { RedisPlace } from './redis/connect.ts';
export type { RedisStoreOptions } from './redis/connected.ts';

/** A clock that is so far off makes timers early or late by as much. */
const SKEW_MS = 1000;

/**
 * The store in Redis: one server, Sentinels or a cluster, for any number of replicas of Salvor. Each operation is one script on one partition.
 * Throws `store.unavailable` where Redis gives no answer, or is not safe to keep anything in.
 */
export async function openRedis(options: RedisStoreOptions): Promise<Store> {
  const { clock, log, ids, boot, place } = options;
  const connected = await connectRedis(options);
  const { store } = connected;
  const poll = new Poll({ partitions: store.partitions, hints: store.hints, clock, log });
  const close = async (): Promise<void> => {
    store.hints.end();
    poll.stop();
    await connected.close();
  };
  const skewMs = Math.round(store.time.aheadMs);
  if (Math.abs(skewMs) > SKEW_MS) log.warn('store.clock-differs', { where: nameOf(place), aheadMs: skewMs });
  return storeOn(store, { close, intake: new Intake(store, { random: () => ids.random(), boot }) });
}

function storeOn(store: OpenRedis, { close, intake }: { readonly close: () => Promise<void>; readonly intake: Intake }): Store {
  const { work } = store;
  const turns: Turns = new Map();
  let closed: Promise<void> | undefined;
  return {
    accept: async (webhook) => ({ id: await intake.accept(webhook) }),
    claim: (request) => claim(store, request, turns),
    async commit(made) {
      checkCommit(made);
      return commit(store, made);
    },
    async renew({ partition, id, epoch, leaseMs }) {
      const [held, mail] = listIn(await work.run(RENEW, [keyOf(store, partition), store.time.forScript(), id, epoch, leaseMs]));
      return { held: numberIn(held) === 1, mail: numberIn(mail) === 1 };
    },
    async get(partition, id) {
      const record = recordIn(partition, id, await work.ask('hmget', `${keyOf(store, partition)}:r:${id}`, ...FIELDS));
      return record === undefined ? undefined : readRecord(record);
    },
    list: (query) => list(store, query),
    async entries({ partition, of, afterN = 0, limit }) {
      const bounds = [`(${afterN}`, '+inf', 'LIMIT', 0, limit ?? -1];
      return listIn(await work.ask('zrangebyscore', `${keyOf(store, partition)}:j:${of}`, ...bounds)).map(entryIn);
    },
    mail: async (partition, reader) => mailIn(reader, await work.run(MAIL, [keyOf(store, partition), store.time.forScript(), reader])),
    counts: (partition, ids) => counts(store, partition, ids),
    partitions: () => store.partitions.filled(),
    prune: (request) => prune(store, request),
    onChange: (listener) => store.hints.listen(listener),
    backup: async (file) => ({ sizeBytes: await backupTo(store, resolve(file)) }),
    async check() {
      const problems = await check(store);
      return { ok: problems.length === 0, problems };
    },
    close: () => (closed ??= close()),
  };
}
