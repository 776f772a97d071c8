import { formatDuration } from '../../model/duration.ts';
import type { RunView } from '../../port/view/run.ts';
import { type Content, type Html, html } from '../html.ts';
import { moment } from '../layout.ts';
import { stateTag } from './run-card.ts';
import { valuePart } from './value.ts';

/** What the run knows and did: what its diagnosis found, what its steps gave back, where the time went. `id` tells the parts of several runs on one page apart. */
export function evidencePart(run: RunView, { id, nowMs }: { readonly id: string; readonly nowMs: number }): Content {
  return html`${stepsPart(run, { id, nowMs })}${factsPart(run, id)}`;
}

function stepsPart({ steps }: RunView, { id, nowMs }: { readonly id: string; readonly nowMs: number }): Content {
  const begun = steps.filter(({ phase }) => phase !== 'planned');
  return begun.map(({ step, action, phase, attempts, progress, reason, ended, result }) => {
    const words = reason ?? progress;
    return html`<article>
<h3>${step} ${stateTag(phase)}</h3>
${words !== undefined && html`<p>${words}</p>`}
<p class="soft">${action}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}${ended !== undefined && html`, ended ${moment(ended, nowMs)}`}</p>
${result !== undefined && Object.keys(result).length > 0 && html`<details id="result-${id}-${step}"><summary>What ${step} gave back</summary>${valuePart(result)}</details>`}
</article>`;
  });
}

function factsPart({ facts }: RunView, id: string): Html | undefined {
  const found = Object.entries(facts);
  if (found.length === 0) return undefined;
  return html`<details id="facts-${id}"><summary>What the diagnosis found</summary>${found.map(([diagnosis, of]) => html`<h3>${diagnosis}</h3>${valuePart(of)}`)}</details>`;
}

/** The four clocks, in words. */
export function clocksText({ clocks }: RunView): string {
  const { detectMs, decideMs, peopleMs, actMs, proveMs } = clocks;
  return `detect ${formatDuration(detectMs)}, decide ${formatDuration(decideMs)} (people ${formatDuration(peopleMs)}), act ${formatDuration(actMs)}, prove ${formatDuration(proveMs)}`;
}
