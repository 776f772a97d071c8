import type { IncidentSummary } from '../../port/view/incident.ts';
import type { RunSummary } from '../../port/view/run.ts';
import { type Html, html } from '../html.ts';
import { type Page, type Seat, time } from '../layout.ts';
import { runCard } from './run-card.ts';

type Shown = {
  readonly open: readonly IncidentSummary[];
  readonly closed: readonly IncidentSummary[];
  /** Runs that wait for a person. */
  readonly waiting: readonly RunSummary[];
};

/** The first page: what waits for a person, what is open, what was closed lately. */
export function incidentsPage({ open, closed, waiting }: Shown, { nowMs }: Seat): Page {
  return {
    title: 'Incidents',
    part: 'incidents',
    live: '/api/v1/stream',
    main: html`
<h1>Incidents</h1>
<p class="answer">${answer(open.length, waiting.length)}</p>
${waiting.length > 0 && html`<h2>Waiting for a person</h2>${waiting.map((run) => runCard(run, nowMs))}`}
${open.length > 0 && html`<h2>Open</h2>${open.map((one) => incidentCard(one, nowMs))}`}
${closed.length > 0 && html`<h2>Closed lately</h2>${closed.map((one) => incidentCard(one, nowMs))}`}`,
  };
}

function answer(open: number, waiting: number): string {
  if (open === 0) return 'Nothing is open.';
  const decide = waiting === 0 ? 'nothing waits for a person' : `${waiting} ${waiting === 1 ? 'run waits' : 'runs wait'} for a person`;
  return `${open} ${open === 1 ? 'incident is' : 'incidents are'} open; ${decide}.`;
}

function incidentCard(one: IncidentSummary, nowMs: number): Html {
  return html`<article>
<h3>${severityTag(one.severity)} <a href="/incidents/${encodeURIComponent(one.id)}">${one.title}</a></h3>
<p>${one.state}${one.firing > 0 && `, ${one.firing} firing`}${one.openRuns > 0 && `, ${one.openRuns} at work`}${one.lead !== undefined && `, led by ${one.lead}`}</p>
<p class="soft">${one.cluster}, opened ${time(one.openedAt, nowMs)}${one.closedAt !== undefined && html`, closed ${time(one.closedAt, nowMs)}`}</p>
</article>`;
}

export function severityTag(severity: IncidentSummary['severity']): Html {
  const tone = severity === 'SEV1' ? 'bad' : severity === 'SEV2' ? 'warn' : 'soft';
  return html`<span class="tag ${tone}">${severity}</span>`;
}
