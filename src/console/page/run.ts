import { isOpen } from '../../model/run.ts';
import type { RunView } from '../../port/view/run.ts';
import { nameOf, short, standing } from '../../port/view/run-words.ts';
import { type Content, type Html, html } from '../html.ts';
import { moment, type Page, rows, type Seat, time } from '../layout.ts';
import { decisionId, votesPart } from './approval.ts';
import { decidePart, stopPart } from './decide.ts';
import { clocksText, evidencePart } from './evidence.ts';
import { changesIn, planPart } from './plan.ts';
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
${proposalPart(run, seat)}
${evidenceSection(run, nowMs)}
<h2>Facts</h2>
${rows([
  ['Run', short(run.id)],
  ['Incident', html`<a href="/incidents/${encodeURIComponent(run.incident)}">${short(run.incident)}</a>`],
  ['Playbook', html`<a href="/playbooks/${encodeURIComponent(run.playbook)}">${run.playbook}</a>`],
  ['Cluster', run.cluster],
  ['Started', html`${time(run.createdAt, nowMs)} by ${run.requestedBy}`],
  ['Reason', run.reason],
  ['Locks', run.locks.length === 0 ? undefined : `${run.locked ? 'holds' : 'will hold'} ${run.locks.join(', ')}`],
  ['Not known yet', run.openIntents.join(', ')],
  ...run.answers.map(({ ask, value, by }) => [`Answer to ${ask}`, `${JSON.stringify(value)} by ${by}`] as const),
  ['Where the time went', clocksText(run)],
])}
${stopPart(run, seat)}
<details id="journal"><summary>Journal: ${run.journal.length} ${run.journal.length === 1 ? 'line' : 'lines'}</summary>
<ol class="timeline">${run.journal.map((line) => html`<li>${moment(line.at, nowMs)} ${line.text ?? line.type}</li>`)}</ol></details>`,
  };
}

export const liveOf = (incident: string): string => `/api/v1/stream?incident=${encodeURIComponent(incident)}`;

/** A plan with more changes has its decision off the screen. */
const LONG = 10;

/** Why, what, and who decides: all that a yes is for. */
export function proposalPart(run: RunView, seat: Seat): Content {
  const { finding, changed, plan, approval } = run;
  return html`
${finding !== undefined && html`<p>${finding.reason}</p>${list(finding.hints)}`}
${changed.length > 0 && html`<p class="warn">Changed since the proposal before:</p>${list(changed)}`}
${plan !== undefined && run.state === 'proposed' && changesIn(plan) > LONG && html`<p class="links"><a href="#${decisionId(plan)}">To the decision, below the plan</a></p>`}
${plan !== undefined && planPart(plan)}
${run.state !== 'proposed' && approval !== undefined && approval.votes.length > 0 && html`<h2>Approved</h2>${votesPart(approval, seat.nowMs)}`}
${decidePart(run, seat)}`;
}

function evidenceSection(run: RunView, nowMs: number): Content {
  const hasAny = Object.keys(run.facts).length > 0 || run.steps.some(({ phase }) => phase !== 'planned');
  return hasAny && html`<h2>Evidence</h2>${evidencePart(run, { id: short(run.id), nowMs })}`;
}

function list(texts: readonly string[]): Html | false {
  return texts.length > 0 && html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}
