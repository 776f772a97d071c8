import { whenShort } from '../model/when.ts';
import { RunPage } from '../port/view/run.ts';
import { standing } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { type ListOptions, printList } from './list.ts';
import { present } from './present.ts';

export type RunsOptions = ClientOptions &
  ListOptions & {
    readonly state?: readonly string[];
    readonly target?: string;
    readonly playbook?: string;
    readonly cluster?: string;
    readonly incident?: string;
    readonly open?: boolean;
  };

/** `salvor runs`: newest first. */
export async function runs(options: RunsOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const { state, target, playbook, cluster, incident, open, limit, cursor } = options;
  const asked = await client.ask('/api/v1/runs', { query: { state, target, playbook, cluster, incident, open, limit, cursor } });
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: RunPage,
    print: ({ items, next }) =>
      printList(context.io, {
        noun: open === true ? 'open run' : 'run',
        head: ['RUN', 'STATE', 'PLAYBOOK', 'TARGET', 'CLUSTER', 'STARTED', 'NOW'],
        rows: items.map((one) => [one.id, one.state, one.playbook, one.target, one.cluster, whenShort(one.createdAt, context.clock.nowMs()), standing(one)]),
        next,
      }),
  });
}
