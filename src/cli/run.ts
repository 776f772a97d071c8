import type { JsonObject } from '../model/json.ts';
import { when } from '../model/when.ts';
import { DryRun, Started } from '../port/view/run.ts';
import { short } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed, wrongUse } from './failed.ts';
import { planLines } from './plan-lines.ts';
import { present } from './present.ts';
import { type Io, paint, printLine } from './print.ts';

export type RunOptions = ClientOptions & {
  readonly playbook: string;
  /** `name=value` each. */
  readonly param?: readonly string[];
  readonly cluster?: string;
  readonly reason?: string;
  readonly dryRun?: boolean;
  /** The same key again starts nothing. */
  readonly key?: string;
};

/** `salvor run PLAYBOOK`: starts a run by hand, or shows what it would find and propose. */
export async function run(options: RunOptions, context: Context): Promise<number> {
  const { io, ids, clock } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const params = readParams(options.param ?? []);
  if ('wrong' in params)
    return printFailed(io, wrongUse(`--param ${params.wrong}: expected name=value`, `Such as: salvor run ${options.playbook} --param schedule=daily`));
  const { playbook, cluster, dryRun = false } = options;
  const reason = options.reason ?? 'started from the command line';
  const path = `/api/v1/playbooks/${encodeURIComponent(playbook)}/runs`;
  const body = { params: params.given, reason, dryRun, ...(cluster === undefined ? {} : { cluster }) };
  const asked = await client.ask(path, { method: 'POST', body, headers: { 'idempotency-key': options.key ?? ids.next() } });
  const about = { options, context, url: client.url };
  if (dryRun) return present(asked, { ...about, schema: DryRun, print: (dry) => printDryRun(io, dry, clock.nowMs()) });
  return present(asked, { ...about, schema: Started, print: (started) => printStarted(io, started) });
}

/** Values stay text: the server reads them by the types of the parameters. A name may be given once. */
function readParams(words: readonly string[]): { readonly given: JsonObject } | { readonly wrong: string } {
  const given = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1 || given.has(word.slice(0, at))) return { wrong: word };
    given.set(word.slice(0, at), word.slice(at + 1));
  }
  return { given: Object.fromEntries(given) };
}

function printStarted(io: Io, { run: id, joined, text }: Started): void {
  printLine(io, paint(io, 'green', joined ? `Already under way: ${text}` : text));
  printLine(io, `Follow it: salvor watch ${short(id)}`);
}

function printDryRun(io: Io, { playbook, target, cluster, finding, evidence, plan, asks, holds }: DryRun, nowMs: number): void {
  const would =
    finding.kind === 'act'
      ? plan === undefined || plan.steps.every(({ changes }) => changes.length === 0)
        ? 'has nothing to change'
        : 'would propose the plan below'
      : finding.kind === 'wait'
        ? 'would wait'
        : finding.kind === 'recovered'
          ? 'finds it recovered'
          : 'would hand over to a person';
  printLine(io, `${playbook} on ${target} ${would}: ${finding.reason} (dry run on ${cluster}; nothing was written)`);
  for (const hint of finding.hints) printLine(io, `  ${hint}`);
  for (const line of evidence.filter((one) => one !== finding.reason)) printLine(io, `  seen: ${line}`);
  for (const { gate, reason, until } of holds) printLine(io, `  held by ${gate}: ${reason}${until === undefined ? '' : `, until ${when(until, nowMs)}`}`);
  if (asks !== undefined) printLine(io, `  asks: ${asks}`);
  for (const line of plan === undefined ? [] : planLines(plan, io)) printLine(io, line);
}
