import { whenShort } from '../model/when.ts';
import { LockList } from '../port/view/operation.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { printList } from './list.ts';
import { present } from './present.ts';

/** `salvor locks`: who holds what since when, and who waits for it. */
export async function locks(options: ClientOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const nowMs = context.clock.nowMs();
  return present(await client.ask('/api/v1/locks'), {
    options,
    context,
    url: client.url,
    schema: LockList,
    print: ({ items }) =>
      printList(context.io, {
        noun: 'lock',
        head: ['LOCK', 'HELD BY', 'SINCE', 'WAITING'],
        rows: items.map(({ key, run, since, waiting }) => [
          key,
          run,
          whenShort(since, nowMs),
          waiting.map((one) => `${one.run} since ${whenShort(one.since, nowMs)}`).join(', ') || 'nobody',
        ]),
      }),
  });
}
