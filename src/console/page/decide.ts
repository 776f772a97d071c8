import { isOpen } from '../../model/run.ts';
import type { RunView } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { hasRole, roleText } from '../access.ts';
import { type Content, html } from '../html.ts';
import { moment, type Seat, time, withRight } from '../layout.ts';
import { approvalPart, beginningPart } from './approval.ts';
import { lineField, logInHint, typedField } from './form.ts';
import { pathOf, type Seated, to } from './run-form.ts';
import { valuePart } from './value.ts';

/** What people may say about a run now, and who else can where the one who looks cannot. Without a person it says how to become one. */
export function decidePart(run: RunView, seat: Seat): Content {
  if (!isOpen(run.state)) return undefined;
  const path = pathOf(run);
  const { session } = seat;
  const seated = session === undefined ? undefined : { ...seat, session };
  return html`${approvalPart(run, seat, seated)}${askPart(run, seat, seated)}${seated !== undefined && html`${beginningPart(run, seated)}${settlePart(run, seated)}`}${session === undefined && logInHint('To decide', path)}`;
}

function askPart(run: RunView, seat: Seat, seated: Seated | undefined): Content {
  const ask = run.waiting?.ask;
  if (ask === undefined || run.waiting === undefined) return undefined;
  const id = `ask-${ask.id}-${short(run.id)}`;
  const who = `Who may answer: ${roleText(ask.role, seat.rules)}.`;
  const fields = html`<input type="hidden" name="ask" value="${ask.id}">${answerField(ask, seat)}${ask.confirmation !== undefined && typedField(ask.confirmation)}`;
  return html`<section class="panel decide" aria-labelledby="${id}">
<h2 id="${id}">${ask.text}</h2>
<p class="soft">Asked ${time(run.waiting.since, seat.nowMs)}; it waits until ${moment(run.waiting.until, seat.nowMs)}.</p>
${ask.show.length > 0 && html`<dl>${ask.show.map(({ from, value }) => html`<dt>${from}</dt><dd>${valuePart(value)}</dd>`)}</dl>`}
${
  seated !== undefined &&
  withRight(
    hasRole(seated.session.person, ask.role, seat.rules) ? undefined : `You, ${seated.session.person}, may not answer this. ${who}`,
    to(run, seated, { what: 'answer', fields, button: html`<button>Answer</button>` }),
  )
}
</section>`;
}

function answerField({ type, choose }: NonNullable<NonNullable<RunView['waiting']>['ask']>, { form }: Seat): Content {
  const choices = type === 'yes-no' ? ['yes', 'no'] : choose;
  if (choices !== undefined)
    return html`<label>Answer<select name="value">${choices.map((one) => html`<option${one === form.field('value') && html` selected`}>${one}</option>`)}</select></label>`;
  return html`<label>Answer (${type})<input name="value" value="${form.field('value')}" required></label>`;
}

function settlePart(run: RunView, seat: Seated): Content {
  return run.steps
    .filter(({ phase }) => phase === 'unknown')
    .map(({ step, reason }) => {
      const fields = html`<input type="hidden" name="step" value="${step}"><label>Look at the cluster, then say<select name="as"><option value="done">it happened</option><option value="not-done">it did not happen</option></select></label>`;
      return html`<section class="panel decide" aria-label="Settle ${step}"><h2>Did ${step} happen?</h2><p>${reason}</p>
${withRight(seat.whyNot('run'), to(run, seat, { what: 'settle', fields, button: html`<button>Settle</button>` }))}</section>`;
    });
}

/** Ways to end a run that is open. */
export function stopPart(run: RunView, seat: Seat): Content {
  const { session } = seat;
  if (!isOpen(run.state) || session === undefined) return undefined;
  const seated = { ...seat, session };
  const keep = html`<label class="row"><input type="checkbox" name="keep" value="yes"> Keep what is done; undo only what must always be undone</label>`;
  const cancel = html`${lineField(seat, { name: 'reason', label: 'Why it should stop' })}${keep}`;
  return html`<details id="stop"><summary>Stop this run</summary>
${withRight(seat.whyNot('run'), to(run, seated, { what: 'cancel', fields: cancel, button: html`<button class="danger">Cancel</button>` }))}
${withRight(
  seat.whyNot('supersede'),
  to(run, seated, {
    what: 'supersede',
    fields: lineField(seat, { name: 'reason', label: 'Or: why you take over by hand' }),
    button: html`<button class="danger">Supersede</button>`,
  }),
)}
</details>`;
}
