import { clockTime, when } from '../model/when.ts';
import { IncidentView } from '../port/view/incident.ts';
import { nameOf, short, standing, tag } from '../port/view/run-words.ts';
import { type ClientOptions, openClient } from './client.ts';
import type { Context } from './context.ts';
import { printFailed } from './failed.ts';
import { present } from './present.ts';
import { countOf, type Io, paint, printLine } from './print.ts';

export type IncidentOptions = ClientOptions & { readonly incident: string /** The whole timeline, not only its tail. */; readonly all?: boolean };

const TAIL = 20;

/** `salvor incident ID`: where it stands, its runs, its people, and what happened last. */
export async function incident(options: IncidentOptions, context: Context): Promise<number> {
  const { io, clock } = context;
  const client = openClient(options, context);
  if ('kind' in client) return printFailed(io, client, options);
  const asked = await client.ask(`/api/v1/incidents/${encodeURIComponent(options.incident)}`);
  return present(asked, {
    options,
    context,
    url: client.url,
    schema: IncidentView,
    print: (view) => printIncident(io, view, { nowMs: clock.nowMs(), all: options.all === true }),
  });
}

function printIncident(io: Io, view: IncidentView, { nowMs, all }: { readonly nowMs: number; readonly all: boolean }): void {
  const firing = view.firing === 0 ? 'no alert fires' : view.firing === 1 ? '1 alert fires' : `${view.firing} alerts fire`;
  const style = view.state === 'open' ? 'red' : view.state === 'mitigated' ? 'yellow' : 'green';
  printLine(io, paint(io, style, `${view.severity} ${view.title}: ${view.state}, ${firing}, ${countOf(view.openRuns, 'open run')} (incident ${view.id})`));
  for (const [name, value] of factsOf(view, nowMs)) printLine(io, `  ${name.padEnd(9)} ${value}`);
  if (view.runs.length > 0) printLine(io, `\n${paint(io, 'bold', 'Runs')}`);
  for (const run of view.runs) printLine(io, `  ${nameOf(run)} ${standing(run)} ${tag(run)}`);

  const told = all ? view.timeline : view.timeline.filter(({ text }) => text !== undefined);
  const shown = all ? told : told.slice(-TAIL);
  if (shown.length > 0) {
    const cut = shown.length < told.length ? ` (the last ${shown.length} of ${told.length} lines; --all shows every one)` : '';
    printLine(io, `\n${paint(io, 'bold', 'Timeline')}${paint(io, 'dim', cut)}`);
  }
  for (const { at, text, type, data } of shown) printLine(io, `  ${clockTime(at, nowMs)}  ${text ?? `${type} ${JSON.stringify(data)}`}`);
  const waiting = view.runs.find(({ state }) => state === 'proposed');
  if (waiting !== undefined) printLine(io, `\nA decision is waited for: salvor show ${short(waiting.id)}`);
}

function factsOf(view: IncidentView, nowMs: number): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [
    ['cluster', view.cluster],
    ['playbook', view.playbook ?? 'none answers its alerts'],
    ['opened', when(view.openedAt, nowMs)],
  ];
  if (view.mitigatedAt !== undefined) facts.push(['mitigated', when(view.mitigatedAt, nowMs)]);
  if (view.closedAt !== undefined) facts.push(['closed', `${when(view.closedAt, nowMs)}${view.closedBecause === undefined ? '' : `: ${view.closedBecause}`}`]);
  if (view.lead !== undefined) facts.push(['lead', view.lead]);
  if (view.communications !== undefined) facts.push(['communications', view.communications]);
  if (view.people.length > 0) facts.push(['people', view.people.join(', ')]);
  for (const { ladder, reason, since, walked, stopped } of view.ladders) {
    const now = stopped === undefined ? 'goes on' : `stopped ${when(stopped, nowMs)}`;
    facts.push(['escalates', `${ladder} since ${when(since, nowMs)}: ${reason}; ${countOf(walked, 'rung')} walked, ${now}`]);
  }
  return facts;
}
