import type { IncidentView } from '../../port/view/incident.ts';
import { short } from '../../port/view/run-words.ts';
import { type Content, type Html, html } from '../html.ts';
import { csrfField, type Page, rows, type Seat, time } from '../layout.ts';
import { severityTag } from './incidents.ts';
import { liveOf } from './run.ts';
import { runCard } from './run-card.ts';

/** One incident: where it stands, its runs, its timeline with the newest line first, and what people may say. */
export function incidentPage(incident: IncidentView, seat: Seat): Page {
  const { nowMs } = seat;
  const told = incident.timeline.filter(({ text }) => text !== undefined && text !== '').toReversed();
  const path = `/incidents/${encodeURIComponent(incident.id)}`;
  const report = `/api/v1${path}/report?format=`;
  return {
    title: incident.title,
    part: 'incidents',
    live: liveOf(incident.id),
    main: html`
<h1>${severityTag(incident.severity)} ${incident.title}</h1>
<p class="answer">${incident.state}: ${told[0]?.text ?? 'nothing was said yet'}</p>
${acknowledgePart(incident, seat, path)}
${incident.runs.map((run) => runCard(run, nowMs))}
${rows([
  ['Incident', short(incident.id)],
  ['Cluster', incident.cluster],
  ['Lead', incident.lead ?? 'nobody yet'],
  ['Opened', time(incident.openedAt, nowMs)],
  ['Firing', incident.firing],
  ['Closed', incident.closedAt !== undefined && html`${time(incident.closedAt, nowMs)}: ${incident.closedBecause}`],
  [
    'Paged',
    incident.ladders.map(
      ({ ladder, reason, walked, stopped }) =>
        html`<p>${ladder}, ${walked} ${walked === 1 ? 'rung' : 'rungs'}${stopped !== undefined && ', answered'}: ${reason}</p>`,
    ),
  ],
  ['People', incident.people.join(', ')],
  ['Report', html`<a href="${report}html">page</a>, <a href="${report}md">Markdown</a>, <a href="${report}json">JSON</a>`],
])}
${formsPart(incident, seat, path)}
<h2>Timeline</h2>
<ol class="timeline" reversed>${told.map(({ at, text }) => html`<li>${time(at, nowMs)} ${text}</li>`)}</ol>`,
  };
}

/** While people are called: the first thing that somebody who is awake wants to say. */
function acknowledgePart({ ladders }: IncidentView, { session }: Seat, path: string): Content {
  if (session === undefined || ladders.every(({ stopped }) => stopped !== undefined)) return undefined;
  return html`<form action="${path}/acknowledge" method="post">${csrfField(session)}<button>I have it: call nobody more</button></form>`;
}

function formsPart({ state, severity, lead }: IncidentView, { session }: Seat, path: string): Content {
  if (session === undefined) return undefined;
  const form = (what: string, fields: Content, button: Html): Html =>
    html`<form class="stack" action="${path}/${what}" method="post">${csrfField(session)}${fields}${button}</form>`;
  return html`
${form('notes', html`<label>Note for the timeline<textarea name="text" rows="2" maxlength="4000" required></textarea></label>`, html`<button class="quiet">Add the note</button>`)}
${
  state !== 'closed' &&
  html`<details id="manage"><summary>Lead, severity, close</summary>
${form('lead', html`<label>Who leads<input name="lead" value="${lead ?? session.person}" required></label>`, html`<button class="quiet">Hand over</button>`)}
${form('severity', html`<label>Severity<select name="severity">${['SEV1', 'SEV2', 'SEV3'].map((one) => html`<option${one === severity && html` selected`}>${one}</option>`)}</select></label>`, html`<button class="quiet">Change</button>`)}
${form('close', html`<label>Why it is over<input name="reason" maxlength="1000" required></label>`, html`<button class="danger">Close the incident</button>`)}
</details>`
}`;
}
