import { isOpen } from '../../model/run.ts';
import type { PlanView, RunView } from '../../port/view/run.ts';
import { nameOf, short } from '../../port/view/run-words.ts';
import { hasRole, roleText } from '../access.ts';
import { type Content, html } from '../html.ts';
import { moment, type Seat, time, withRight } from '../layout.ts';
import type { Session } from '../session.ts';
import { type FormParts, formTo, lineField, logInHint, typedField } from './form.ts';
import { valuePart } from './value.ts';

type Seated = Seat & { readonly session: Session };
type Approval = NonNullable<RunView['approval']>;

/** What people may say about a run now, and who else can where the one who looks cannot. Without a person it says how to become one. */
export function decidePart(run: RunView, seat: Seat): Content {
  if (!isOpen(run.state)) return undefined;
  const path = pathOf(run);
  const { session } = seat;
  const seated = session === undefined ? undefined : { ...seat, session };
  return html`${approvalPart(run, seat, seated)}${askPart(run, seat, seated)}${seated === undefined ? undefined : settlePart(run, seated)}${session === undefined && logInHint('To decide', path)}`;
}

const pathOf = ({ id }: RunView): string => `/runs/${encodeURIComponent(id)}`;

/** Where on a page a plan is decided about. */
export const decisionId = ({ digest }: Pick<PlanView, 'digest'>): string => `decide-${short(digest)}`;

function to(run: RunView, { session }: Seated, of: { readonly what: string } & Omit<FormParts, 'session' | 'action'>): Content {
  return formTo({ ...of, session, action: `${pathOf(run)}/${of.what}` });
}

function approvalPart(run: RunView, seat: Seat, seated: Seated | undefined): Content {
  const { approval, plan, state } = run;
  if (state !== 'proposed' || approval === undefined || plan === undefined) return undefined;
  const id = decisionId(plan);
  return html`<section class="panel decide" aria-labelledby="${id}">
<h2 id="${id}">Decide about plan ${short(plan.digest)}: ${approval.asks}</h2>
<p>It expires ${moment(approval.expires, seat.nowMs)}.${approval.notRequester && ` Who asked for it (${run.requestedBy}) may not approve it.`}</p>
${votesPart(approval, seat.nowMs)}
${seated !== undefined && votingPart(run, { approval, digest: plan.digest, seat: seated })}
</section>`;
}

/** Who has said yes so far. */
export function votesPart({ votes, may }: Approval, nowMs: number): Content {
  if (votes.length > 0) return html`<ul>${votes.map(({ by, surface, at }) => html`<li>${by} approved by ${surface}, ${moment(at, nowMs)}</li>`)}</ul>`;
  return html`<p class="soft">Nobody has approved it yet. ${may.length === 0 ? 'Nobody whom the configuration knows can.' : `Who can: ${may.join(', ')}.`}</p>`;
}

function votingPart(run: RunView, { approval, digest, seat }: { readonly approval: Approval; readonly digest: string; readonly seat: Seated }): Content {
  const { person } = seat.session;
  const { confirmation, may, votes } = approval;
  if (votes.some(({ by }) => by === person)) return html`<p class="good">You have approved it. It goes on once the others have.</p>`;
  const fields = html`<input type="hidden" name="plan" value="${digest}">${confirmation !== undefined && typedField(confirmation)}`;
  const others = may.length === 0 ? 'nobody whom the configuration knows' : may.join(', ');
  const whyNot = may.includes(person) ? undefined : `You, ${person}, may not approve this: it ${approval.asks}. Who can: ${others}.`;
  return html`${withRight(whyNot, to(run, seat, { what: 'approve', fields, button: html`<button>Approve exactly this plan</button>` }))}
${to(run, seat, { what: 'reject', fields: lineField(seat, { name: 'reason', label: `Why ${nameOf(run)} should not do this` }), button: html`<button class="danger">Reject</button>` })}`;
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
