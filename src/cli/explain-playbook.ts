import { clusterFor } from '../command/cluster-for.ts';
import { playbookNamed } from '../command/playbook.ts';
import { SalvorError } from '../model/error.ts';
import { PlaybookExplained } from '../port/view/explain.ts';
import { explainPlaybook } from '../run/explain-playbook.ts';
import { type ClientOptions, openClient } from './client.ts';
import { type Context, EXIT } from './context.ts';
import { printPlaybookExplained } from './explain-lines.ts';
import { printFailed, wrongUse } from './failed.ts';
import { present } from './present.ts';
import { printJson } from './print.ts';
import { siteHere } from './site-here.ts';

type Options = ClientOptions & { readonly cluster?: string; readonly config?: string };

export async function askPlaybook(playbook: string, options: Options, context: Context): Promise<number> {
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(context.io, client, options);
  const asked = await client.ask(`/api/v1/playbooks/${encodeURIComponent(playbook)}/explain`, { query: { cluster: options.cluster } });
  return present(asked, { options, context, url: client.url, schema: PlaybookExplained, print: (explained) => printPlaybookExplained(context.io, explained) });
}

/** By the configuration alone: who is in a team that Slack or PagerDuty keeps, and what is paused, only a server knows. */
export async function playbookHere(id: string, { config: file, cluster: named, json }: Options, { io, clock }: Context): Promise<number> {
  const here = await siteHere(file, { io, clock });
  if (here === undefined) return EXIT.wrongUse;
  try {
    const playbook = playbookNamed(here, id);
    const cluster = clusterFor(here, { playbook, params: {}, cluster: named });
    const explained = PlaybookExplained.parse(await explainPlaybook(here, { playbook, cluster, nowMs: clock.nowMs() }));
    if (json === true) printJson(io, explained);
    else printPlaybookExplained(io, explained);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof SalvorError)) throw error;
    return printFailed(io, wrongUse(error.message, 'Such as: salvor explain backup-failed --cluster prod'));
  }
}
