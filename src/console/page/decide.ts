import { isOpen } from '../../model/run.ts';
import type { RunView } from '../../port/view/run.ts';
import { type Content, type Html, html } from '../html.ts';
import { csrfField, type Seat, time } from '../layout.ts';

/** What people may say about a run now. Without a person it says how to become one. */
export function decidePart(run: RunView, { session, nowMs }: Seat): Content {
  if (!isOpen(run.state)) return undefined;
  if (session === undefined)
    return html`<p class="panel">To decide, <a href="/login?to=${encodeURIComponent(`/runs/${encodeURIComponent(run.id)}`)}">log in</a>.</p>`;
  const form = (what: string, fields: Content, button: Html): Html =>
    html`<form class="stack" action="/runs/${encodeURIComponent(run.id)}/${what}" method="post">${csrfField(session)}${fields}${button}</form>`;

  const { approval, plan, waiting } = run;
  const ask = waiting?.ask;
  const unknown = run.steps.filter(({ phase }) => phase === 'unknown');
  return html`
${
  run.state === 'proposed' &&
  approval !== undefined &&
  plan !== undefined &&
  html`<section class="panel" aria-labelledby="decide">
<h2 id="decide">Your decision: ${approval.asks}</h2>
<p>It expires ${time(approval.expires, nowMs)}.${approval.notRequester && ' Who asked for it may not approve it.'}${approval.votes.length > 0 && ` Approved so far by ${approval.votes.map(({ by }) => by).join(', ')}.`}</p>
${form('approve', html`<input type="hidden" name="plan" value="${plan.digest}">${approval.confirmation !== undefined && typed(approval.confirmation)}`, html`<button>Approve exactly this plan</button>`)}
${form('reject', reasonField('Why not'), html`<button class="danger">Reject</button>`)}
</section>`
}
${
  ask !== undefined &&
  html`<section class="panel" aria-labelledby="ask">
<h2 id="ask">${ask.text}</h2>
${form('answer', html`<input type="hidden" name="ask" value="${ask.id}">${answerField(ask)}${ask.confirmation !== undefined && typed(ask.confirmation)}`, html`<button>Answer</button>`)}
</section>`
}
${unknown.map(
  ({ step, reason }) => html`<section class="panel"><h2>Did ${step} happen?</h2><p>${reason}</p>
${form('settle', html`<input type="hidden" name="step" value="${step}"><label>Look at the cluster, then say<select name="as"><option value="done">it happened</option><option value="not-done">it did not happen</option></select></label>`, html`<button>Settle</button>`)}</section>`,
)}
<details id="stop"><summary>Stop this run</summary>
${form('cancel', html`${reasonField('Why')}<label class="row"><input type="checkbox" name="keep" value="yes"> Keep what is done; undo only what must always be undone</label>`, html`<button class="danger">Cancel</button>`)}
${form('supersede', reasonField('Or take over by hand, because'), html`<button class="danger">Supersede</button>`)}
</details>`;
}

function typed(confirmation: string): Html {
  return html`<label>To confirm, type ${confirmation}<input name="confirmation" autocomplete="off" required></label>`;
}

function reasonField(label: string): Html {
  return html`<label>${label}<input name="reason" maxlength="1000" required></label>`;
}

function answerField({ type, choose }: NonNullable<NonNullable<RunView['waiting']>['ask']>): Html {
  const choices = type === 'yes-no' ? ['yes', 'no'] : choose;
  if (choices !== undefined) return html`<label>Answer<select name="value">${choices.map((one) => html`<option>${one}</option>`)}</select></label>`;
  return html`<label>Answer (${type})<input name="value" required></label>`;
}
