import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { errorCode, errorText } from '../model/error.ts';
import { problemText } from '../model/problem.ts';
import { silentLog } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { openStore, type StoreDeps } from '../serve/open-store.ts';
import { type ClientOptions, isServerNamed } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printFailed, wrongUse } from './failed.ts';

export type LocalStore = { readonly config?: string /** Where no server answered. */; readonly url: string };

/** Opens the store of the configuration while no server has it, for one look. Never makes an embedded one. */
export async function openLocalStore(
  { config: file, url }: LocalStore,
  context: Context,
  use: (store: Store, name: string) => Promise<number>,
): Promise<number> {
  const { io, environment } = context;
  const read = await settingsOf(file, environment);
  if ('wrong' in read) return printFailed(io, { kind: 'failed', exitCode: EXIT.wrongUse, text: read.wrong, next: `No server answers at ${url} either.` });
  const { store: settings } = read.config;
  if (settings.kind === 'embedded' && !existsSync(join(settings.path, 'salvor.db')))
    return printFailed(
      io,
      wrongUse(`There is no store in ${settings.path}`, `No server answers at ${url} either: name one with --url, or the configuration with --config.`),
    );
  let store: Store;
  try {
    store = await openStore(read.config, storeDeps(context));
  } catch (error) {
    const isLocked = errorCode(error) === 'store.locked';
    const next = isLocked ? `A server has it, but none answers at ${url}: name its address with --url.` : '';
    const isAway = isLocked || (settings.kind !== 'embedded' && errorCode(error) === 'store.unavailable');
    return printFailed(io, { kind: 'failed', exitCode: isAway ? EXIT.unreached : EXIT.no, text: errorText(error), next });
  }
  try {
    return await use(store, nameOfStore(settings));
  } catch (error) {
    return printFailed(io, { kind: 'failed', exitCode: EXIT.no, text: errorText(error), next: '' });
  } finally {
    await store.close();
  }
}

/** What opening a store needs of a command. */
export function storeDeps({ clock, ids, environment }: Context): StoreDeps {
  return { clock, ids, environment, log: silentLog };
}

/** How people call a store: its folder, or what its configuration says of Redis. */
export function nameOfStore(store: Config['store']): string {
  switch (store.kind) {
    case 'embedded':
      return store.path;
    case 'redis':
      return `${store.url} (${store.prefix})`;
    case 'redis-sentinel':
      return `${store.name} of ${store.sentinels.join(', ')} (${store.prefix})`;
    case 'redis-cluster':
      return `${store.nodes.join(', ')} (${store.prefix})`;
  }
}

/** The server that the configuration starts on this machine: where nobody named one, it is the one to ask. */
export async function withServerOf<T extends ClientOptions & { readonly config?: string }>(
  options: T,
  { environment }: Pick<Context, 'environment'>,
): Promise<T> {
  if (isServerNamed(options, environment)) return options;
  const parsed = await readConfig({ file: options.config, environment });
  if (!parsed.ok) return options;
  const { address, port } = parsed.config.listen;
  const host = ['0.0.0.0', '::', ''].includes(address) ? '127.0.0.1' : address.includes(':') ? `[${address}]` : address;
  return { ...options, url: `http://${host}:${port}` };
}

/** The configuration that is named, or why it cannot be read. */
export async function settingsOf(
  file: string | undefined,
  environment: Context['environment'],
): Promise<{ readonly config: Config } | { readonly wrong: string }> {
  const parsed = await readConfig({ file, environment });
  return parsed.ok ? { config: parsed.config } : { wrong: parsed.problems.map(problemText).join('\n') };
}
