import { defined } from '../model/defined.ts';
import { when } from '../model/when.ts';
import { OnCallList } from '../port/view/on-call.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { printList } from './list.ts';
import { present } from './present.ts';
import { paint, printLine } from './print.ts';

export type OnCallOptions = ClientOptions & { readonly team?: string };

/** `salvor oncall`: who is on call now, as the pager last said. */
export async function oncall(options: OnCallOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const nowMs = context.clock.nowMs();
  return present(await client.ask('/api/v1/oncall', { query: defined({ team: options.team }) }), {
    options,
    context,
    url: client.url,
    schema: OnCallList,
    print({ items, problem }) {
      if (problem !== undefined) printLine(context.io, paint(context.io, 'yellow', `Not as of now: ${problem}`));
      printList(context.io, {
        noun: 'team',
        head: ['NAME', 'ON CALL', 'AS OF', 'CALLED BY'],
        rows: items.map(({ name, who, at, called, problem: why }) => [
          name,
          who.length === 0 ? (why ?? 'not known') : who.join(', '),
          at === undefined ? 'never' : when(at, nowMs),
          called.join('; ') || 'approvals',
        ]),
      });
    },
  });
}
