import { whenShort } from '../model/when.ts';
import { QuarantinePage } from '../port/view/operation.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { type ListOptions, printList } from './list.ts';
import { present } from './present.ts';

const EXCERPT = 120;

/** `salvor quarantine`: alerts that could not be read, and why; newest first. */
export async function quarantine(options: ClientOptions & ListOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const { limit, cursor } = options;
  const nowMs = context.clock.nowMs();
  return present(await client.ask('/api/v1/quarantine', { query: { limit, cursor } }), {
    options,
    context,
    url: client.url,
    schema: QuarantinePage,
    print: ({ items, next }) =>
      printList(context.io, {
        noun: 'alert in quarantine',
        plural: 'alerts in quarantine',
        head: ['RECEIVED', 'CLUSTER', 'REASON', 'BEGINS WITH'],
        rows: items.map(({ at, cluster, reason, excerpt }) => [whenShort(at, nowMs), cluster ?? '', reason, excerpt.slice(0, EXCERPT)]),
        next,
      }),
  });
}
