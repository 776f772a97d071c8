import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatBytes } from '../model/when.ts';
import { silentLog } from '../port/log.ts';
import { openEmbedded } from '../store/embedded.ts';
import { openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printFailed, wrongUse } from './failed.ts';
import { paint, printJson, printLine } from './print.ts';
import type { StoreOptions } from './store.ts';
import { embeddedFolder, openLocalStore, withServerOf } from './store-local.ts';

export type StoreMoveOptions = StoreOptions & { /** A configuration whose `store` says where to, or a folder. */ readonly to: string };

/** `salvor store move --to FILE`: the whole store to another folder, while no server runs. The old one stays as it is. */
export async function storeMove({ to, ...options }: StoreMoveOptions, context: Context): Promise<number> {
  const { io, clock, environment } = context;
  const client = openClient(await withServerOf(options, context), context);
  if ('kind' in client) return printFailed(io, client, options);
  const target = await targetOf(to, environment);
  if ('isRedis' in target)
    return printFailed(io, wrongUse('Not moved: this version moves between embedded folders only, Redis comes later', 'The store was not touched.'));
  if ('wrong' in target) return printFailed(io, wrongUse(target.wrong, 'The store was not touched.'));
  const file = join(target.path, 'salvor.db');
  if (existsSync(file)) return printFailed(io, wrongUse(`There is a store in ${target.path} already`, 'Nothing is overwritten: name another folder.'));
  return openLocalStore({ ...options, url: client.url }, context, async (store, folder) => {
    mkdirSync(target.path, { recursive: true, mode: 0o700 });
    const { sizeBytes } = await store.backup(file);
    const copy = await openEmbedded({ path: target.path, clock, log: silentLog });
    const { ok, problems } = await copy.check();
    await copy.close();
    if (!ok)
      return printFailed(io, {
        kind: 'failed',
        exitCode: EXIT.no,
        text: `The copy is not sound: ${problems.join('; ')}`,
        next: `The store in ${folder} is as it was.`,
      });
    if (options.json === true) printJson(io, { from: folder, to: target.path, sizeBytes });
    else {
      printLine(io, paint(io, 'green', `Moved: ${formatBytes(sizeBytes)} from ${folder} to ${target.path}`));
      printLine(io, `Set store.path to ${target.path} before the server starts; remove ${folder} once it runs from there.`);
    }
    return EXIT.done;
  });
}

async function targetOf(to: string, environment: Context['environment']): ReturnType<typeof embeddedFolder> {
  if (/^rediss?:\/\//.test(to)) return { wrong: to, isRedis: true };
  return /\.ya?ml$/.test(to) ? embeddedFolder(to, environment) : { path: resolve(to) };
}
