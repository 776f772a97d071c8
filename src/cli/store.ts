import { isAbsolute, resolve } from 'node:path';
import { formatBytes } from '../model/when.ts';
import { StoreCopy, StoreHealth } from '../port/view/operation.ts';
import { type Answer, type Client, type ClientOptions, isServerNamed, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { type Failed, printFailed } from './failed.ts';
import { present } from './present.ts';
import { countOf, paint, printJson, printLine } from './print.ts';
import { openLocalStore, withServerOf } from './store-local.ts';

export type StoreOptions = ClientOptions & { /** Says where the store lies, when no server runs. */ readonly config?: string };

/** `salvor store backup FILE`: a consistent copy, by the running server; by ourselves only where none runs. */
export async function storeBackup({ file, ...options }: StoreOptions & { readonly file: string }, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(await withServerOf(options, context), context);
  if ('kind' in client) return printFailed(io, client, options);
  const target = resolve(file);
  // A relative path would be taken from another folder, or another machine's.
  if (!isAbsolute(file) && !isHere(client)) {
    return printFailed(io, {
      kind: 'failed',
      exitCode: EXIT.wrongUse,
      text: `${file} is no absolute path, and the server is another machine`,
      next: 'The copy is written there: name a path of its disk.',
    });
  }
  const asked = await client.ask('/api/v1/store/backup', { method: 'POST', body: { file: target } });
  const print = (copy: StoreCopy): void => printLine(io, paint(io, 'green', `Backed up: ${copy.file}, ${formatBytes(copy.sizeBytes)}`));
  if (!noServer(asked, options, context)) return present(asked, { options, context, url: client.url, schema: StoreCopy, print });
  return openLocalStore({ ...options, url: client.url }, context, async (store) => {
    const { sizeBytes } = await store.backup(target);
    if (options.json === true) printJson(io, { file: target, sizeBytes });
    else print({ file: target, sizeBytes });
    return EXIT.done;
  });
}

/** `salvor store check`: whether the storage itself is sound. */
export async function storeCheck(options: StoreOptions, context: Context): Promise<number> {
  const { io } = context;
  const client = openClient(await withServerOf(options, context), context);
  if ('kind' in client) return printFailed(io, client, options);
  const asked = await client.ask('/api/v1/store/check');
  const print = ({ ok, problems }: StoreHealth): void => {
    printLine(io, ok ? paint(io, 'green', 'ok: the store is sound') : paint(io, 'red', `The store is damaged: ${countOf(problems.length, 'problem')}`));
    for (const problem of problems) printLine(io, `  ${problem}`);
    if (!ok) printLine(io, 'Stop the server, keep the damaged file, and put the last good backup in its place.');
  };
  const exitCode = ({ ok }: StoreHealth): number => (ok ? EXIT.done : EXIT.no);
  if (!noServer(asked, options, context)) return present(asked, { options, context, url: client.url, schema: StoreHealth, print, exitCode });
  return openLocalStore({ ...options, url: client.url }, context, async (store) => {
    const health = await store.check();
    if (options.json === true) printJson(io, health);
    else print(health);
    return exitCode(health);
  });
}

/** Nobody listens, and nobody said which server: then most likely none runs, and the lock of the store decides. */
function noServer(asked: Answer | Failed, options: StoreOptions, { environment }: Context): boolean {
  return asked.kind === 'failed' && asked.nobody === true && !isServerNamed(options, environment);
}

function isHere({ url }: Client): boolean {
  return /^https?:\/\/(localhost|127\.|\[::1\])/.test(url);
}
