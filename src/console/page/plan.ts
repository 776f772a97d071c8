import type { PlanView } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { type Html, html } from '../html.ts';

type Step = PlanView['steps'][number];
type Change = Step['changes'][number];

/** What would be written, as a diff: `+` made, `~` changed, `-` gone. Nothing that is not in it can be written. */
export function planPart(plan: PlanView): Html {
  const isEmpty = plan.steps.every(({ changes }) => changes.length === 0);
  return html`<section aria-labelledby="plan">
<h2 id="plan">Plan ${short(plan.digest)}: ${plan.risk}${isEmpty && ', changes nothing'}</h2>
<p class="soft">Stage ${plan.stage}, proposal ${plan.generation}. Nothing but this can be written.</p>
${plan.steps.map(stepPart)}
</section>`;
}

function stepPart({ step, cluster, action, summary, changes, undo, notes }: Step): Html {
  return html`<h3>${summary}</h3>
<p class="soft">${step}: ${action} on ${cluster}</p>
${changes.length > 0 && html`<pre>${changes.map(changeLine)}</pre>`}
${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${undo.length > 0 && html`<details id="undo-${step}"><summary>To undo it</summary><pre>${undo.map(changeLine)}</pre></details>`}`;
}

function changeLine({ verb, object, field, from, to, risk, note }: Change): Html {
  // What is evicted is named; `from` only tells it from others of its name.
  const value = verb === 'evict' || (from === undefined && to === undefined) ? '' : from === undefined ? `: ${word(to)}` : `: ${word(from)} → ${word(to)}`;
  const text = `${verb} ${object}${field === undefined ? '' : ` ${field}`}${value}${risk === 'destructive' ? ' (destructive)' : ''}${note === undefined ? '' : `, ${note}`}`;
  if (verb === 'create') return html`<ins>+ ${text}</ins>`;
  return verb === 'patch' ? html`<span class="change">~ ${text}</span>` : html`<del>- ${text}</del>`;
}

function word(value: Change['to']): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
