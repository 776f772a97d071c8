import { isOpen } from '../../model/run.ts';
import type { IncidentView } from '../../port/view/incident.ts';
import type { RunSummary, RunView } from '../../port/view/run.ts';
import { nameOf, short } from '../../port/view/run-words.ts';
import { type Content, html } from '../html.ts';
import { moment, type Page, rows, type Seat, time, withRight } from '../layout.ts';
import type { Looking } from '../looking.ts';
import { clocksText, evidencePart } from './evidence.ts';
import { formTo } from './form.ts';
import { managePart, notePart } from './incident-forms.ts';
import { severityTag } from './incidents.ts';
import { liveOf, proposalPart } from './run.ts';
import { runCard, standingOf } from './run-card.ts';

/** So many runs are shown with their plan and evidence; the others are a link away. */
const WHOLE = 3;
/** A timeline may have thousands of lines: so many are shown at once. */
const LINES = 300;

/** One incident, with its runs: those that wait for a person first, then those at work, then the newest. */
export async function incidentView({ commands, caller, seat, part, query }: Looking): Promise<Page> {
  const incident = await commands.incident(caller, part('id'));
  const whole = new Map(
    await Promise.all(
      incident.runs
        .toSorted((one, other) => urgency(one) - urgency(other))
        .slice(0, WHOLE)
        .map(async ({ id }) => [id, await commands.run(caller, id)] as const),
    ),
  );
  return incidentPage({ incident, whole, isLong: query('timeline') === 'all' }, seat);
}

function urgency(run: RunSummary): number {
  if (run.state === 'proposed' || run.waiting?.for === 'person') return 0;
  return isOpen(run.state) ? 1 : 2;
}

type Shown = {
  readonly incident: IncidentView;
  readonly whole: ReadonlyMap<string, RunView>;
  /** Every line of the timeline. */
  readonly isLong: boolean;
};

/** Where it stands, what waits for whom, its evidence, its timeline with the newest line first, and what people may say. */
function incidentPage({ incident, whole, isLong }: Shown, seat: Seat): Page {
  const { nowMs } = seat;
  const told = incident.timeline.filter(({ text }) => text !== undefined && text !== '').toReversed();
  const shown = isLong ? told : told.slice(0, LINES);
  const path = `/incidents/${encodeURIComponent(incident.id)}`;
  const report = `/api/v1${path}/report?format=`;
  return {
    title: incident.title,
    part: 'incidents',
    live: liveOf(incident.id),
    main: html`
<h1>${severityTag(incident.severity)} ${incident.title}</h1>
<p class="answer">${incident.state}: ${answer(incident)}</p>
${acknowledgePart(incident, seat, path)}
${incident.runs.length > 0 && html`<h2>Runs</h2>`}
${incident.runs.map((run) => html`${runCard(run, nowMs)}${waitingPart(whole.get(run.id), seat)}`)}
${rows([
  ['Incident', short(incident.id)],
  ['Cluster', incident.cluster],
  ['Lead', incident.lead ?? 'nobody yet'],
  ...(incident.communications === undefined ? [] : [['Communications', incident.communications] as const]),
  ['Opened', moment(incident.openedAt, nowMs)],
  ['Firing', incident.firing],
  ['Closed', incident.closedAt !== undefined && html`${moment(incident.closedAt, nowMs)}: ${incident.closedBecause}`],
  [
    'Paged',
    incident.ladders.map(
      ({ ladder, reason, since, walked, stopped }) =>
        html`<p>${ladder}, ${walked} ${walked === 1 ? 'rung' : 'rungs'}, since ${time(since, nowMs)}${stopped !== undefined && ', answered'}: ${reason}</p>`,
    ),
  ],
  ['People', incident.people.join(', ')],
  ['Report', html`<span class="links"><a href="${report}html">page</a>, <a href="${report}md">Markdown</a>, <a href="${report}json">JSON</a></span>`],
])}
${managePart(incident, seat, path)}
${evidenceSection([...whole.values()], nowMs)}
<h2>Timeline</h2>
${notePart(seat, path)}
<ol class="timeline" reversed>${shown.map(({ at, text }) => html`<li>${moment(at, nowMs)} <span class="said">${text}</span></li>`)}</ol>
${shown.length < told.length && html`<p><a href="${path}?timeline=all">All ${told.length} lines</a></p>`}`,
  };
}

/** What waits for a person; else the last thing that happened. What people say to each other is below. */
function answer({ runs, timeline }: IncidentView): string {
  const waiting = runs.filter((run) => urgency(run) === 0);
  if (waiting.length > 0) return waiting.map((run) => `${nameOf(run)} ${standingOf(run)}`).join('; ');
  const last = timeline.findLast(({ type, text }) => type !== 'note' && text !== undefined && text !== '');
  return last?.text ?? 'nothing happened yet';
}

/** What a run that waits for a person asks of them, on this page already. */
function waitingPart(run: RunView | undefined, seat: Seat): Content {
  if (run === undefined || urgency(run) > 0) return undefined;
  return html`<div class="whole">${proposalPart(run, seat)}</div>`;
}

function evidenceSection(runs: readonly RunView[], nowMs: number): Content {
  const known = runs.filter(({ facts, steps }) => Object.keys(facts).length > 0 || steps.some(({ phase }) => phase !== 'planned'));
  if (known.length === 0) return undefined;
  return html`<h2>Evidence</h2>${known.map(
    (run) => html`<details id="evidence-${short(run.id)}"><summary>${nameOf(run)}: ${clocksText(run)}</summary>
${evidencePart(run, { id: short(run.id), nowMs })}</details>`,
  )}`;
}

/** While people are called: the first thing that somebody who is awake wants to say. */
function acknowledgePart({ ladders }: IncidentView, { session, whyNot }: Seat, path: string): Content {
  if (session === undefined || ladders.every(({ stopped }) => stopped !== undefined)) return undefined;
  return withRight(whyNot('run'), formTo({ session, action: `${path}/acknowledge`, button: html`<button>I have it: call nobody more</button>` }));
}
