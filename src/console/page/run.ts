import { formatDuration } from '../../model/duration.ts';
import { isOpen } from '../../model/run.ts';
import type { RunView } from '../../port/view/run.ts';
import { nameOf, short, standing } from '../../port/view/run-words.ts';
import { type Content, type Html, html } from '../html.ts';
import { type Page, rows, type Seat, time } from '../layout.ts';
import { decidePart } from './decide.ts';
import { planPart } from './plan.ts';
import { stateTag } from './run-card.ts';

/** One run: where it stands, what it would write, who decides, what it did. */
export function runPage(run: RunView, seat: Seat): Page {
  const { nowMs } = seat;
  return {
    title: nameOf(run),
    part: 'runs',
    ...(isOpen(run.state) ? { live: liveOf(run.incident) } : {}),
    main: html`
<h1>${nameOf(run)} ${stateTag(run.state)}</h1>
<p class="answer">It ${standing(run)}</p>
${run.finding !== undefined && html`<p>${run.finding.reason}</p>${list(run.finding.hints)}`}
${run.changed.length > 0 && html`<p class="warn">Changed since the proposal before:</p>${list(run.changed)}`}
${run.plan !== undefined && planPart(run.plan)}
${decidePart(run, seat)}
${stepsPart(run, nowMs)}
<h2>Facts</h2>
${rows([
  ['Run', short(run.id)],
  ['Incident', html`<a href="/incidents/${encodeURIComponent(run.incident)}">${short(run.incident)}</a>`],
  ['Cluster', run.cluster],
  ['Started', html`${time(run.createdAt, nowMs)} by ${run.requestedBy}`],
  ['Reason', run.reason],
  ['Locks', run.locks.length === 0 ? undefined : `${run.locked ? 'holds' : 'will hold'} ${run.locks.join(', ')}`],
  ...run.answers.map(({ ask, value, by }) => [`Answer to ${ask}`, `${JSON.stringify(value)} by ${by}`] as const),
  ['Where the time went', clocksText(run)],
])}
${evidencePart(run)}
<details id="journal"><summary>Journal: ${run.journal.length} lines</summary>
<ol class="timeline">${run.journal.map((line) => html`<li>${time(line.at, nowMs)} ${line.text ?? line.type}</li>`)}</ol></details>`,
  };
}

export const liveOf = (incident: string): string => `/api/v1/stream?incident=${encodeURIComponent(incident)}`;

function stepsPart({ steps }: RunView, nowMs: number): Content {
  const begun = steps.filter(({ phase }) => phase !== 'planned');
  if (begun.length === 0) return undefined;
  return html`<h2>Steps</h2>${begun.map(
    ({ step, phase, attempts, progress, reason, ended }) =>
      html`<article><h3>${step} ${stateTag(phase)}</h3><p>${reason ?? progress}</p><p class="soft">${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}${ended !== undefined && html`, ended ${time(ended, nowMs)}`}</p></article>`,
  )}`;
}

function evidencePart({ facts }: RunView): Content {
  const found = Object.entries(facts);
  if (found.length === 0) return undefined;
  return html`<details id="facts"><summary>What the diagnosis found</summary>${found.map(
    ([diagnosis, of]) => html`<h3>${diagnosis}</h3><pre>${JSON.stringify(of, null, 2)}</pre>`,
  )}</details>`;
}

function clocksText({ clocks }: RunView): string {
  const { detectMs, decideMs, peopleMs, actMs, proveMs } = clocks;
  return `detect ${formatDuration(detectMs)}, decide ${formatDuration(decideMs)} (people ${formatDuration(peopleMs)}), act ${formatDuration(actMs)}, prove ${formatDuration(proveMs)}`;
}

function list(texts: readonly string[]): Html | false {
  return texts.length > 0 && html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}
