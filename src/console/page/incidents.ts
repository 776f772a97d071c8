import type { IncidentSummary } from '../../port/view/incident.ts';
import type { RunSummary } from '../../port/view/run.ts';
import { nameOf } from '../../port/view/run-words.ts';
import { type Content, type Html, html } from '../html.ts';
import { type Page, paging, time } from '../layout.ts';
import type { Looking } from '../looking.ts';
import { runCard, standingOf } from './run-card.ts';

/** So many open ones are sorted by severity; the newest of them, where there are more. */
const MOST = 500;
const PAGE = 50;
const FEW = 20;

/** The first page: what is open, the worst first, with what waits for whom; then what was closed lately. */
export async function incidentsView({ commands, caller, seat, query }: Looking): Promise<Page> {
  const { nowMs } = seat;
  const cursor = query('cursor');
  const [open, closed, runs] = await Promise.all([
    commands.incidents(caller, { state: ['open', 'mitigated'], limit: MOST }),
    commands.incidents(caller, { state: ['closed'], limit: FEW, ...(cursor === '' ? {} : { cursor }) }),
    commands.runs(caller, { state: ['proposed', 'waiting'], limit: MOST }),
  ]);
  const waiting = runs.items.filter((run) => run.state === 'proposed' || run.waiting?.for === 'person');
  const byIncident = Map.groupBy(waiting, ({ incident }) => incident);
  const sorted = worstFirst(open.items, byIncident);
  const at = pageAt(query('page'), sorted.length);
  const shown = cursor === '' ? sorted.slice(at * PAGE, (at + 1) * PAGE) : [];
  const known = new Set(open.items.map(({ id }) => id));
  const astray = waiting.filter(({ incident }) => !known.has(incident));
  const older = closed.next === undefined ? undefined : `/?cursor=${encodeURIComponent(closed.next)}`;
  return {
    title: 'Incidents',
    part: 'incidents',
    live: '/api/v1/stream',
    main: html`
<h1>Incidents</h1>
<p class="answer">${answer({ open: open.items.length, more: open.next !== undefined, waiting: waiting.length })}</p>
${shown.length > 0 && html`<h2>Open</h2>${shown.map((one) => incidentCard(one, byIncident.get(one.id) ?? [], nowMs))}`}
${cursor === '' && openPaging(at, sorted.length)}
${cursor === '' && astray.length > 0 && html`<h2>Waiting, of incidents that are closed</h2>${astray.slice(0, PAGE).map((run) => runCard(run, nowMs))}`}
${at === 0 && closed.items.length > 0 && html`<h2>Closed</h2>${closed.items.map((one) => incidentCard(one, [], nowMs))}${paging({ newest: cursor === '' ? undefined : '/', next: older })}`}`,
  };
}

/** SEV1 first; among equals first what waits for a person, then what is open the longest. */
function worstFirst(open: readonly IncidentSummary[], waiting: ReadonlyMap<string, readonly RunSummary[]>): readonly IncidentSummary[] {
  return open.toSorted(
    (one, other) => one.severity.localeCompare(other.severity) || Number(waiting.has(other.id)) - Number(waiting.has(one.id)) || one.openedAt - other.openedAt,
  );
}

/** From 0; what is no page of the list is the nearest one. */
function pageAt(asked: string, length: number): number {
  const last = Math.max(0, Math.ceil(length / PAGE) - 1);
  const at = /^\d{1,4}$/.test(asked) ? Number(asked) - 1 : 0;
  return Math.min(Math.max(at, 0), last);
}

function openPaging(at: number, length: number): Content {
  if (length <= PAGE) return undefined;
  const link = (page: number, words: string): Html => html`<a href="/?page=${page + 1}">${words}</a>`;
  return html`<p class="paging">${at * PAGE + 1} to ${Math.min(length, (at + 1) * PAGE)} of ${length}. ${at > 0 && link(at - 1, 'Before')} ${(at + 1) * PAGE < length && link(at + 1, 'Next')}</p>`;
}

function answer({ open, more, waiting }: { readonly open: number; readonly more: boolean; readonly waiting: number }): string {
  const decide = waiting === 0 ? 'nothing waits for a person' : `${waiting} ${waiting === 1 ? 'run waits' : 'runs wait'} for a person`;
  if (open === 0) return waiting === 0 ? 'Nothing is open.' : `No incident is open; ${decide}.`;
  return `${more ? 'More than ' : ''}${open} ${open === 1 ? 'incident is' : 'incidents are'} open; ${decide}.`;
}

function incidentCard(one: IncidentSummary, waiting: readonly RunSummary[], nowMs: number): Html {
  const { state, firing, openRuns, lead } = one;
  return html`<article>
<h3>${severityTag(one.severity)} <a href="/incidents/${encodeURIComponent(one.id)}">${one.title}</a></h3>
<p>${state}${firing > 0 && `, ${firing} firing`}${openRuns > 0 && `, ${openRuns} at work`}, ${lead === undefined ? 'nobody leads' : `led by ${lead}`}</p>
${waiting.map((run) => html`<p class="warn"><a href="/runs/${encodeURIComponent(run.id)}">${nameOf(run)}</a> ${standingOf(run)}</p>`)}
<p class="soft">${one.cluster}, opened ${time(one.openedAt, nowMs)}${one.closedAt !== undefined && html`, closed ${time(one.closedAt, nowMs)}`}</p>
</article>`;
}

export function severityTag(severity: IncidentSummary['severity']): Html {
  const tone = severity === 'SEV1' ? 'bad' : severity === 'SEV2' ? 'warn' : 'soft';
  return html`<span class="tag ${tone}">${severity}</span>`;
}
