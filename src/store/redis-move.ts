import { restoreFrom } from './redis/backup.ts';
import { check } from './redis/check.ts';
import { connectRedis, type RedisStoreOptions } from './redis/connected.ts';

/** How many servers of Salvor use the store now. */
export async function usersOf(options: RedisStoreOptions): Promise<number> {
  const connected = await connectRedis(options);
  try {
    return (await connected.users()) - 1;
  } finally {
    await connected.close();
  }
}

/**
 * Puts what a backup holds into an empty Redis; answers what is wrong with it then, nothing where it is sound.
 * Throws `request.conflict` where a store is there already.
 */
export async function fillRedis(options: RedisStoreOptions, file: string): Promise<readonly string[]> {
  const { store, close } = await connectRedis(options);
  try {
    await restoreFrom(store, file);
    return await check(store);
  } finally {
    await close();
  }
}
