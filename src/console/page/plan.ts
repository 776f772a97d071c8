import type { PlanView } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { type Html, html } from '../html.ts';
import { changePart } from './change.ts';

type Step = PlanView['steps'][number];

/** What would be written, as a diff: `+` made, `~` changed, `-` gone. Nothing that is not in it can be written. */
export function planPart(plan: PlanView, heading = `Plan ${short(plan.digest)}`): Html {
  const id = `plan-${short(plan.digest)}`;
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${heading}: ${plan.risk}, ${countText(plan)}</h2>
<p class="soft">Stage ${plan.stage}, proposal ${plan.generation}, digest ${short(plan.digest)}. Nothing but this can be written.</p>
${plan.steps.map((step) => stepPart(step, id))}
</section>`;
}

function stepPart({ step, cluster, action, summary, risk, changes, undo, notes }: Step, plan: string): Html {
  return html`<h3>${summary}</h3>
<p class="soft">${step}: ${action} on ${cluster}, <span class="${risk === 'destructive' && 'bad'}">${risk}</span></p>
${changes.length > 0 && html`<ul class="diff">${changes.map(changePart)}</ul>`}
${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}
${
  undo.length > 0
    ? html`<details id="${plan}-undo-${step}"><summary>To undo it: ${undo.length} ${undo.length === 1 ? 'change' : 'changes'}</summary><ul class="diff">${undo.map(changePart)}</ul></details>`
    : changes.length > 0 && html`<p class="warn">It has no undo.</p>`
}`;
}

export function changesIn({ steps }: PlanView): number {
  return steps.reduce((sum, { changes }) => sum + changes.length, 0);
}

/** `changes nothing`, `2 changes`, `41 changes, 3 of them destructive`. */
function countText({ steps }: PlanView): string {
  const changes = steps.flatMap((step) => step.changes);
  const destructive = changes.filter(({ risk }) => risk === 'destructive').length;
  if (changes.length === 0) return 'changes nothing';
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return destructive === 0 ? count : `${count}, ${destructive === changes.length ? 'all' : destructive} of them destructive`;
}
