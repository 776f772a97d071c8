import type { DryRun } from '../../port/view/run.ts';
import { html } from '../html.ts';
import type { Page } from '../layout.ts';
import { planPart } from './plan.ts';

/** What a run would find and propose; nothing was stored or written. */
export function dryRunPage({ playbook, target, finding, evidence, plan, asks, holds }: DryRun): Page {
  return {
    title: `${playbook} on ${target}, tried`,
    part: 'playbooks',
    main: html`
<h1>${playbook} on ${target}: only tried</h1>
<p class="answer">${finding.kind}: ${finding.reason}</p>
<ul>${[...finding.hints, ...evidence].map((line) => html`<li>${line}</li>`)}</ul>
${holds.map(({ gate, reason }) => html`<p class="warn">Held by ${gate}: ${reason}</p>`)}
${plan !== undefined && planPart(plan)}
${asks !== undefined && html`<p>It would ask: ${asks}</p>`}`,
  };
}
