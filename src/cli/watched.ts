import { isObject } from '../model/json.ts';
import { type Change, IncidentView } from '../port/view/incident.ts';
import { RunView } from '../port/view/run.ts';
import { isGoodEnd, nameOf, short, standing, tag } from '../port/view/run-words.ts';
import type { Client } from './client.ts';
import { decideLines } from './decide-lines.ts';
import type { Failed } from './failed.ts';
import { readAnswer } from './present.ts';
import { factLine, whoFacts } from './who-lines.ts';

/** What is watched: everything, or one run or incident until its end. */
export type Watched = { readonly kind: 'all' } | { readonly kind: 'run' | 'incident'; readonly id: string; readonly incident: string };

/** How it ended, in one line. */
export type Ended = { readonly text: string; readonly good: boolean };

/** A name is looked for among runs, then among incidents; `run/…` and `incident/…` say which. */
export async function findWatched(client: Client, given: string | undefined): Promise<Watched | Failed> {
  if (given === undefined) return { kind: 'all' };
  if (!given.startsWith('incident/')) {
    const run = await readRun(client, given);
    if (!('kind' in run)) return { kind: 'run', id: run.id, incident: run.incident };
    if (run.code !== 'request.not-found' || given.startsWith('run/')) return run;
  }
  const incident = await readIncident(client, given);
  if (!('kind' in incident)) return { kind: 'incident', id: incident.id, incident: incident.id };
  return incident.code === 'request.not-found' ? { ...incident, text: `There is neither a run nor an incident "${given.slice(0, 80)}"` } : incident;
}

/** Whether it is over: only the record itself says so. */
export async function endOf(client: Client, watched: Watched): Promise<Ended | undefined> {
  if (watched.kind === 'all') return undefined;
  if (watched.kind === 'run') {
    const run = await readRun(client, watched.id);
    if ('kind' in run || run.endedAt === undefined) return undefined;
    return { text: `${nameOf(run)} ${standing(run)} ${tag(run)}`, good: isGoodEnd(run.state) };
  }
  const incident = await readIncident(client, watched.id);
  if ('kind' in incident || incident.state !== 'closed') return undefined;
  const why = incident.closedBecause === undefined ? '' : `: ${incident.closedBecause}`;
  return { text: `${incident.title} is closed${why} (incident ${short(incident.id)})`, good: true };
}

/** Where a line says that a plan waits for people: who may approve it, and the commands to decide; only while it still does. */
export async function proposalLines(client: Client, { type, run: id, data }: Pick<Change, 'type' | 'run' | 'data'>): Promise<readonly string[]> {
  if (type !== 'run.proposed' || id === undefined) return [];
  const run = await readRun(client, id);
  if ('kind' in run || run.state !== 'proposed') return [];
  // A line of an earlier proposal says nothing about this one.
  const proposed = isObject(data['facts']) ? data['facts']['digest'] : undefined;
  if (proposed !== undefined && proposed !== run.digest) return [];
  return [...whoFacts(run).map(factLine), ...decideLines(run).map((line) => `  ${line}`)];
}

async function readRun(client: Client, id: string): Promise<RunView | Failed> {
  const seen = readAnswer(await client.ask(`/api/v1/runs/${encodeURIComponent(id)}`), { url: client.url, schema: RunView });
  return seen.kind === 'failed' ? seen : seen.value;
}

async function readIncident(client: Client, id: string): Promise<IncidentView | Failed> {
  const seen = readAnswer(await client.ask(`/api/v1/incidents/${encodeURIComponent(id)}`), { url: client.url, schema: IncidentView });
  return seen.kind === 'failed' ? seen : seen.value;
}
