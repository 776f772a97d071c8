import { INBOX } from '../../port/store.ts';
import type { Piece } from '../portable.ts';
import { counts } from './check.ts';
import { indexedText } from './commit.ts';
import { keyOf, type OpenRedis } from './open-redis.ts';
import { entryText, entryTextsIn, FIELDS, mailTextsIn, recordIn } from './records.ts';
import { listIn, numberIn, optional, textsIn } from './reply.ts';
import { LOAD, MAIL } from './script.ts';

const SCAN_COUNT = 1000;
/** A script that puts in so much is over within a few ms. */
const LARGEST_LOAD = 64 * 1024;

/** How often something was written to a partition: the same before and after means that what was read between is of one moment. */
export async function changesIn(store: OpenRedis, partition: string): Promise<number> {
  return optional(await store.work.ask('hget', `${keyOf(store, partition)}:meta`, 'changes'), numberIn) ?? 0;
}

/** The partitions in the order in which a copy reads them: what is folded out of the inbox meanwhile is then in the copy once or twice, never not. */
export async function partitionsToCopy(store: OpenRedis): Promise<readonly string[]> {
  const all = await store.partitions.all();
  return [...all.filter((partition) => partition === INBOX), ...all.filter((partition) => partition !== INBOX)];
}

/** Everything in one partition, some hundred pieces at a time. */
export async function* piecesIn(store: OpenRedis, partition: string): AsyncGenerator<readonly Piece[]> {
  const base = `${keyOf(store, partition)}:`;
  const seen = new Set<string>();
  for await (const keys of store.work.scan(`${base}*`, SCAN_COUNT)) {
    // A scan may tell a key twice.
    const fresh = keys.filter((key) => !seen.has(key));
    for (const key of fresh) seen.add(key);
    const found = await Promise.all(fresh.map((key) => piecesOf(store, partition, key.slice(base.length))));
    yield found.flat();
  }
}

/** Letters to one reader keep their order; nothing else has one. */
async function piecesOf(store: OpenRedis, partition: string, name: string): Promise<readonly Piece[]> {
  const key = `${keyOf(store, partition)}:${name}`;
  const id = name.slice(name.indexOf(':') + 1);
  switch (name.split(':', 1)[0]) {
    case 'r': {
      const record = recordIn(partition, id, await store.work.ask('hmget', key, ...FIELDS));
      return record === undefined ? [] : [{ is: 'record', record }];
    }
    case 'm': {
      const mail = mailTextsIn(id, await store.work.run(MAIL, [keyOf(store, partition), store.time.forScript(), id]));
      return mail.map((letter) => ({ is: 'mail', partition, mail: letter }));
    }
    case 'j':
      return listIn(await store.work.ask('zrange', key, 0, -1)).map((entry) => ({ is: 'entry', partition, of: id, entry: entryTextsIn(entry) }));
    case 'counts': {
      const ids = textsIn(await store.work.ask('hkeys', key));
      const totals = await counts(store, partition, ids);
      return ids.map((one, at) => ({ is: 'count', partition, id: one, total: totals[at] ?? 0 }));
    }
    default:
      return [];
  }
}

/** Puts pieces in, those of each partition as few scripts. */
export async function load(store: OpenRedis, pieces: readonly Piece[]): Promise<void> {
  const partitions = new Map<string, (string | number)[][]>();
  for (const piece of pieces) {
    const partition = piece.is === 'record' ? piece.record.partition : piece.partition;
    partitions.set(partition, [...(partitions.get(partition) ?? []), argsOf(piece)]);
  }
  for (const [partition, each] of partitions) {
    await store.partitions.enter(partition);
    for (let at = 0; at < each.length; ) {
      const args: (string | number)[] = [];
      for (let length = 0; at < each.length && (length === 0 || length < LARGEST_LOAD); at += 1) {
        const next = each[at] ?? [];
        args.push(...next);
        length += next.reduce<number>((sum, arg) => sum + String(arg).length, 0);
      }
      await store.work.run(LOAD, [keyOf(store, partition), store.time.forScript(), store.attempt(), ...args], store.wait);
    }
  }
}

function argsOf(piece: Piece): (string | number)[] {
  switch (piece.is) {
    case 'record': {
      const { id, kind, version, seq, epoch, dueMs, opId, createdMs, updatedMs, indexed, value } = piece.record;
      return ['record', id, kind, version, seq, epoch, dueMs ?? '', opId, createdMs, updatedMs, indexedText(indexed), value];
    }
    case 'mail': {
      const { to, key, atMs, value } = piece.mail;
      return ['mail', to, key, atMs, value];
    }
    case 'entry':
      return ['entry', piece.of, piece.entry.n, entryText(piece.entry, JSON.stringify(piece.entry.opId))];
    case 'count':
      return ['count', piece.id, piece.total];
  }
}
