import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import type { App } from '../app.ts';
import { Since } from '../http/api/fields.ts';
import { errorCode, errorText } from '../model/error.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { routePlaybook } from '../route/choose.ts';
import { explainBody } from '../run/explain.ts';
import { readSettings } from '../serve/reload.ts';
import { oracleStore } from '../store/oracle.ts';
import { type ClientOptions, isServerNamed, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { Explanation, printExplanation } from './explain-lines.ts';
import { parsed, printFailed, wrongUse } from './failed.ts';
import { present } from './present.ts';
import { printFault, printJson } from './print.ts';

export type ExplainOptions = ClientOptions & { readonly config?: string /** As if it came then: a moment, or an age such as `7d`. */; readonly at?: string };

/**
 * `salvor explain < body.json`: what would be done with each alert of a body as Alertmanager posts it. Asks the server that is named;
 * without one it reads the configuration, and then no cluster is asked what a plan would look like.
 */
export async function explain(options: ExplainOptions, context: Context): Promise<number> {
  const { io, stdin, environment } = context;
  if (stdin.isTTY === true)
    return printFailed(io, wrongUse('Expected a body of Alertmanager on standard input', 'Such as: salvor explain --config salvor.yaml < body.json'));
  const body = parsed(await textOf(stdin));
  if (body === undefined) return printFailed(io, wrongUse('Standard input is no JSON', 'Expected a body as Alertmanager posts it: version "4" and alerts.'));
  // What is named on the command line counts more than the environment.
  const asks = options.url !== undefined || (options.config === undefined && isServerNamed(options, environment));
  return asks ? askServer(body, options, context) : explainHere(body, options, context);
}

async function askServer(body: Json, options: ExplainOptions, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const asked = await client.ask('/api/v1/explain', { method: 'POST', body, query: { at: options.at } });
  return present(asked, { options, context, url: client.url, schema: Explanation, print: (explained) => printExplanation(context.io, explained) });
}

async function explainHere(body: Json, { config: file, at, json }: ExplainOptions, { io, clock }: Context): Promise<number> {
  const moment = Since.safeParse(at);
  if (!moment.success) return printFailed(io, wrongUse(`--at: ${z.prettifyError(moment.error)}`, 'Such as: --at 2026-11-21T02:00:00Z'));
  const read = await readSettings(file);
  if (!read.ok) {
    printFault(io, 'The configuration has problems:');
    for (const problem of read.problems) printFault(io, problem);
    return EXIT.wrongUse;
  }
  const nowMs = clock.nowMs();
  let explained: JsonObject;
  try {
    explained = await explainBody({ intake: intakeOf(read.settings, oracleStore({ clock })) }, { body, atMs: moment.data?.(nowMs) ?? nowMs });
  } catch (error) {
    if (errorCode(error) !== 'request.invalid') throw error;
    return printFailed(io, wrongUse(errorText(error), 'Such as: salvor explain --config salvor.yaml < body.json'));
  }
  if (json === true) printJson(io, explained);
  else printExplanation(io, Explanation.parse(explained));
  return EXIT.done;
}

type Settings = ReturnType<App['settings']>;
type Asking = Parameters<typeof explainBody>[0]['intake'];

/** What the way from an alert to a playbook needs of the configuration. */
function intakeOf({ config, site }: Settings, store: Asking['store']): Asking {
  const routes = site.playbooks.flatMap((playbook) => {
    const route = routePlaybook(playbook);
    return 'error' in route ? [] : [route];
  });
  const clusters = config.clusters.map(({ name, isDefault, namespaces, alertmanager: { repeatIntervalMs, url } }) => ({
    name,
    isDefault,
    namespaces,
    repeatIntervalMs,
    rereads: url !== undefined,
  }));
  const { alertname, withinMs, escalate } = config.watchdog ?? { alertname: 'Watchdog', withinMs: 300_000, escalate: 'default' };
  return {
    store,
    catalog: () => routes,
    clusters: () => clusters,
    policy: () => config.policy,
    watchdog: () => ({ alertname, withinMs, ladder: escalate }),
  };
}
