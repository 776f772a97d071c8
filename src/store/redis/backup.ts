import { SalvorError } from '../../model/error.ts';
import { wholeFile } from '../embedded/backup.ts';
import { PortableFile } from '../embedded/portable.ts';
import type { Piece } from '../portable.ts';
import type { OpenRedis } from './open-redis.ts';
import { changesIn, load, partitionsToCopy, piecesIn } from './portable.ts';

/** A partition that is written to while it is read is read again so often. */
const ROUNDS = 10;
const LOAD_PIECES = 500;

/**
 * Writes everything as a file of the embedded store, each partition as of one moment. Where one changes all the time there is no such moment to be
 * had from outside: then nothing is written, and Redis's own snapshot is named. Answers the size.
 */
export async function backupTo(store: OpenRedis, file: string): Promise<number> {
  return wholeFile(file, async (partial) => {
    const copy = new PortableFile(partial);
    try {
      for (const partition of await partitionsToCopy(store)) await copyPartition(store, copy, partition);
    } finally {
      copy.close();
    }
  });
}

async function copyPartition(store: OpenRedis, copy: PortableFile, partition: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await changesIn(store, partition);
    for await (const pieces of piecesIn(store, partition)) copy.write(pieces);
    if ((await changesIn(store, partition)) === before) return;
    copy.forget(partition);
  }
  const words = `The partition ${partition} changed ${ROUNDS} times while it was copied; nothing was written. Try again when less happens, or take Redis's own snapshot (BGSAVE).`;
  throw new SalvorError('store.unavailable', words, { retry: 'later' });
}

/** Puts the content of such a file into an empty store. Throws `request.conflict` where it is not empty. */
export async function restoreFrom(store: OpenRedis, file: string): Promise<void> {
  const filled = await store.partitions.filled();
  if (filled.length > 0) {
    const words = `There is a store in this Redis already, under the prefix ${store.prefix} (${filled.slice(0, 5).join(', ')}).`;
    throw new SalvorError('request.conflict', words);
  }
  const copy = new PortableFile(file);
  try {
    const some: Piece[] = [];
    for (const piece of copy.read()) {
      some.push(piece);
      if (some.length >= LOAD_PIECES) await load(store, some.splice(0));
    }
    await load(store, some);
  } finally {
    copy.close();
  }
}
