import { whenShort } from '../model/when.ts';
import { IncidentPage } from '../port/view/incident.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { type ListOptions, printList } from './list.ts';
import { present } from './present.ts';

export type IncidentsOptions = ClientOptions & ListOptions & { readonly state?: readonly string[]; readonly cluster?: string };

/** `salvor incidents`: newest first. */
export async function incidents(options: IncidentsOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const { state, cluster, limit, cursor } = options;
  const asked = await client.ask('/api/v1/incidents', { query: { state, cluster, limit, cursor } });
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: IncidentPage,
    print: ({ items, next }) =>
      printList(context.io, {
        noun: state === undefined ? 'incident' : `${state.join(' or ')} incident`,
        head: ['INCIDENT', 'STATE', 'SEVERITY', 'CLUSTER', 'OPENED', 'FIRING', 'OPEN RUNS', 'TITLE'],
        rows: items.map((one) => [
          one.id,
          one.state,
          one.severity,
          one.cluster,
          whenShort(one.openedAt, context.clock.nowMs()),
          String(one.firing),
          String(one.openRuns),
          one.title,
        ]),
        next,
      }),
  });
}
