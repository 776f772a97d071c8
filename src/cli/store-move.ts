import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { formatBytes } from '../model/when.ts';
import { silentLog } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { redisOptions } from '../serve/open-store.ts';
import { openEmbedded } from '../store/embedded.ts';
import { openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { type Failed, printFailed, wrongUse } from './failed.ts';
import { countOf, paint, printJson, printLine } from './print.ts';
import type { StoreOptions } from './store.ts';
import { nameOfStore, openLocalStore, settingsOf, storeDeps, withServerOf } from './store-local.ts';

export type StoreMoveOptions = StoreOptions & { /** A configuration whose `store` says where to, or a folder. */ readonly to: string };

type Target = Config['store'];
const UNTOUCHED = 'The store was not touched.';

/** `salvor store move --to FILE`: the whole store to another folder or Redis, or from there, while no server runs. The old one stays as it is. */
export async function storeMove({ to, ...options }: StoreMoveOptions, context: Context): Promise<number> {
  const { io, environment } = context;
  const client = openClient(await withServerOf(options, context), context);
  if ('kind' in client) return printFailed(io, client, options);
  const target = await targetOf(to, environment);
  if ('wrong' in target) return printFailed(io, wrongUse(target.wrong, UNTOUCHED));
  if (target.kind === 'embedded' && existsSync(fileIn(target.path)))
    return printFailed(io, wrongUse(`There is a store in ${target.path} already`, 'Nothing is overwritten: name another folder.'));
  return openLocalStore({ ...options, url: client.url }, context, async (store, from) => {
    const inUse = await inUseBy(options.config, context);
    if (inUse !== undefined) return printFailed(io, inUse);
    const { sizeBytes, problems } = await copyTo(target, store, context);
    if (problems.length > 0)
      return printFailed(io, {
        kind: 'failed',
        exitCode: EXIT.no,
        text: `The copy is not sound: ${problems.join('; ')}`,
        next: `The store in ${from} is as it was.`,
      });
    const there = nameOfStore(target);
    if (options.json === true) printJson(io, { from, to: there, sizeBytes });
    else {
      printLine(io, paint(io, 'green', `Moved: ${formatBytes(sizeBytes)} from ${from} to ${there}`));
      printLine(
        io,
        target.kind === 'embedded'
          ? `Set store.path to ${target.path} before the server starts; remove ${from} once it runs from there.`
          : `Start the server with this store; remove ${from} once it runs from there.`,
      );
    }
    return EXIT.done;
  });
}

type Copied = { readonly sizeBytes: number; readonly problems: readonly string[] };

async function copyTo(target: Target, store: Store, context: Context): Promise<Copied> {
  if (target.kind === 'embedded') {
    mkdirSync(target.path, { recursive: true, mode: 0o700 });
    const { sizeBytes } = await store.backup(fileIn(target.path));
    const copy = await openEmbedded({ path: target.path, clock: context.clock, log: silentLog });
    const { problems } = await copy.check();
    await copy.close();
    return { sizeBytes, problems };
  }
  const { fillRedis } = await import('../store/redis-move.ts');
  const folder = mkdtempSync(join(tmpdir(), 'salvor-move-'));
  try {
    const file = fileIn(folder);
    const { sizeBytes } = await store.backup(file);
    return { sizeBytes, problems: await fillRedis(redisOptions(target, storeDeps(context)), file) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Redis is open to everybody: whether a server still writes there can only be asked. */
async function inUseBy(file: string | undefined, context: Context): Promise<Failed | undefined> {
  const read = await settingsOf(file, context.environment);
  if ('wrong' in read || read.config.store.kind === 'embedded') return undefined;
  const { usersOf } = await import('../store/redis-move.ts');
  // One of them is the opening that we move from.
  const others = (await usersOf(redisOptions(read.config.store, storeDeps(context)))) - 1;
  if (others <= 0) return undefined;
  return wrongUse(`${countOf(others, 'server')} of Salvor still ${others === 1 ? 'uses' : 'use'} this Redis`, `Stop all of them first. ${UNTOUCHED}`);
}

async function targetOf(to: string, environment: Context['environment']): Promise<Target | { readonly wrong: string }> {
  if (/^rediss?:\/\//.test(to)) return { wrong: `${to} is an address: name a configuration whose store says how Redis is reached` };
  if (!/\.ya?ml$/.test(to)) return { kind: 'embedded', path: resolve(to), reserve: 0 };
  const read = await settingsOf(to, environment);
  return 'wrong' in read ? read : read.config.store;
}

function fileIn(folder: string): string {
  return join(folder, 'salvor.db');
}
