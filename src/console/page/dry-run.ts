import type { StartRequest } from '../../port/commands.ts';
import type { DryRun } from '../../port/view/run.ts';
import { html } from '../html.ts';
import type { Page, Seat } from '../layout.ts';
import { formTo } from './form.ts';
import { planPart } from './plan.ts';

const WOULD = { act: 'It would act', wait: 'It would wait', recovered: 'There is nothing to do', 'hand-over': 'It would hand over to a person' } as const;

type Tried = { readonly seat: Seat; readonly request: StartRequest };

/** What a run would find and propose; nothing was stored or written. Starting it is one press away. */
export function dryRunPage({ playbook, target, cluster, finding, evidence, plan, asks, holds }: DryRun, { seat, request }: Tried): Page {
  const path = `/playbooks/${encodeURIComponent(playbook)}`;
  return {
    title: `${playbook} on ${target}, tried`,
    part: 'playbooks',
    main: html`
<h1>${playbook} on ${target}: only tried</h1>
<p class="answer">${WOULD[finding.kind]}: ${finding.reason}</p>
<p class="soft">On ${cluster}. Nothing was started, stored or written.</p>
<ul>${[...finding.hints, ...evidence].map((line) => html`<li>${line}</li>`)}</ul>
${holds.map(({ gate, reason }) => html`<p class="warn">Held by ${gate}: ${reason}</p>`)}
${plan !== undefined && planPart(plan, 'What it would propose')}
${asks !== undefined && html`<p>It would ask: ${asks}</p>`}
${seat.session !== undefined && formTo({ session: seat.session, action: `${path}/runs`, fields: hiddenOf(request, seat), button: html`<button>Start it</button>` })}
<p><a href="${path}">Back to the form</a></p>`,
  };
}

function hiddenOf({ params, reason, cluster }: StartRequest, { form, key }: Seat) {
  const fields = [
    ['key', form.field('key') || key],
    ['reason', reason],
    ...(cluster === undefined ? [] : [['cluster', cluster] as const]),
    ...Object.entries(params).map(([name, value]) => [`param.${name}`, typeof value === 'string' ? value : JSON.stringify(value)] as const),
  ];
  return fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}
