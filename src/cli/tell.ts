import type { Json } from '../model/json.ts';
import { Told } from '../port/view/incident.ts';
import { short } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { present } from './present.ts';
import { paint, printLine } from './print.ts';

type Telling = {
  readonly incident: string;
  /** Below `/api/v1/incidents/ID`. */
  readonly path: string;
  readonly body: Json;
};

/** Tells an incident something, and prints what it answers: the first line is the answer. */
export async function tell(options: ClientOptions, context: Context, { incident, path, body }: Telling): Promise<number> {
  const { io, ids } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const asked = await client.ask(`/api/v1/incidents/${encodeURIComponent(incident)}${path}`, {
    method: 'POST',
    body,
    headers: { 'idempotency-key': ids.next() },
  });
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: Told,
    print: ({ incident: id, state, text }) => printLine(io, paint(io, 'green', `${text} (incident ${short(id)}, ${state})`)),
  });
}
