import { text as textOf } from 'node:stream/consumers';
import { z } from 'zod';
import { Since } from '../http/api/fields.ts';
import { errorCode, errorText } from '../model/error.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { explainBody } from '../run/explain.ts';
import { type ClientOptions, isServerNamed, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { Explanation, printExplanation } from './explain-lines.ts';
import { askPlaybook, playbookHere } from './explain-playbook.ts';
import { parsed, printFailed, wrongUse } from './failed.ts';
import { present } from './present.ts';
import { printJson } from './print.ts';
import { siteHere } from './site-here.ts';

export type ExplainOptions = ClientOptions & {
  /** Of this playbook on a cluster, instead of alerts. */
  readonly playbook?: string;
  readonly cluster?: string;
  readonly config?: string;
  /** As if it came then: a moment, or an age such as `7d`. */
  readonly at?: string;
};

/**
 * `salvor explain < body.json`: what would be done with each alert of a body as Alertmanager posts it. `salvor explain PLAYBOOK`: its gates, and
 * who would approve it. Asks the server that is named; without one it reads the configuration, and then no cluster is asked what a plan would look like.
 */
export async function explain(options: ExplainOptions, context: Context): Promise<number> {
  const { io, stdin, environment } = context;
  // What is named on the command line counts more than the environment.
  const asks = options.url !== undefined || (options.config === undefined && isServerNamed(options, environment));
  const { playbook } = options;
  if (playbook !== undefined) return asks ? askPlaybook(playbook, options, context) : playbookHere(playbook, options, context);
  if (options.cluster !== undefined)
    return printFailed(io, wrongUse('--cluster is of a playbook; an alert says its own', 'Such as: salvor explain backup-failed --cluster prod'));
  if (stdin.isTTY === true)
    return printFailed(
      io,
      wrongUse(
        'Expected a body of Alertmanager on standard input',
        'Such as: salvor explain --config salvor.yaml < body.json; or name a playbook: salvor explain backup-failed',
      ),
    );
  const body = parsed(await textOf(stdin));
  if (body === undefined) return printFailed(io, wrongUse('Standard input is no JSON', 'Expected a body as Alertmanager posts it: version "4" and alerts.'));
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
  const here = await siteHere(file, { io, clock });
  if (here === undefined) return EXIT.wrongUse;
  const nowMs = clock.nowMs();
  let explained: JsonObject;
  try {
    explained = await explainBody(here, { body, atMs: moment.data?.(nowMs) ?? nowMs });
  } catch (error) {
    if (errorCode(error) !== 'request.invalid') throw error;
    return printFailed(io, wrongUse(errorText(error), 'Such as: salvor explain --config salvor.yaml < body.json'));
  }
  if (json === true) printJson(io, explained);
  else printExplanation(io, Explanation.parse(explained));
  return EXIT.done;
}
