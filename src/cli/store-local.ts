import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { errorCode, errorText } from '../model/error.ts';
import { problemText } from '../model/problem.ts';
import { silentLog } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { openEmbedded } from '../store/embedded.ts';
import { type ClientOptions, isServerNamed } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printFailed, wrongUse } from './failed.ts';

export type LocalStore = { readonly config?: string /** Where no server answered. */; readonly url: string };

/** Opens the store of the configuration while no server has it, for one look. Never makes one. */
export async function openLocalStore(
  { config: file, url }: LocalStore,
  { io, environment, clock }: Context,
  use: (store: Store, folder: string) => Promise<number>,
): Promise<number> {
  const folder = await embeddedFolder(file, environment);
  if ('wrong' in folder) return printFailed(io, { kind: 'failed', exitCode: EXIT.wrongUse, text: folder.wrong, next: `No server answers at ${url} either.` });
  if (!existsSync(join(folder.path, 'salvor.db')))
    return printFailed(
      io,
      wrongUse(`There is no store in ${folder.path}`, `No server answers at ${url} either: name one with --url, or the configuration with --config.`),
    );
  let store: Store;
  try {
    store = await openEmbedded({ path: folder.path, clock, log: silentLog });
  } catch (error) {
    const isLocked = errorCode(error) === 'store.locked';
    const next = isLocked ? `A server has it, but none answers at ${url}: name its address with --url.` : '';
    return printFailed(io, { kind: 'failed', exitCode: isLocked ? EXIT.unreached : EXIT.no, text: errorText(error), next });
  }
  try {
    return await use(store, folder.path);
  } catch (error) {
    return printFailed(io, { kind: 'failed', exitCode: EXIT.no, text: errorText(error), next: '' });
  } finally {
    await store.close();
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

/** The folder of the embedded store that a configuration names. */
export async function embeddedFolder(
  file: string | undefined,
  environment: Context['environment'],
): Promise<{ readonly path: string } | { readonly wrong: string; readonly isRedis?: true }> {
  const parsed = await readConfig({ file, environment });
  if (!parsed.ok) return { wrong: parsed.problems.map(problemText).join('\n') };
  const { store } = parsed.config;
  if (store.kind === 'embedded') return { path: store.path };
  return { wrong: `${parsed.config.file}: store.kind is ${store.kind}, which is not in this version`, isRedis: true };
}
