import { mayNotLines, mayWords } from '../../port/view/approval-words.ts';
import type { PlanView, RunView } from '../../port/view/run.ts';
import { nameOf, short } from '../../port/view/run-words.ts';
import { type Content, html } from '../html.ts';
import { moment, type Seat, withRight } from '../layout.ts';
import { lineField, typedField } from './form.ts';
import { glassPart, heldPart, holdPart, withdrawPart } from './proposal-forms.ts';
import { type Seated, to } from './run-form.ts';

type Approval = NonNullable<RunView['approval']>;

/** Where on a page a plan is decided about. */
export const decisionId = ({ digest }: Pick<PlanView, 'digest'>): string => `decide-${short(digest)}`;

/** The plan that waits for people: until when, who has said yes, who can, and what the one who looks can say. */
export function approvalPart(run: RunView, seat: Seat, seated: Seated | undefined): Content {
  const { approval, plan, state } = run;
  if (state !== 'proposed' || approval === undefined || plan === undefined) return undefined;
  const id = decisionId(plan);
  return html`<section class="panel decide" aria-labelledby="${id}">
<h2 id="${id}">Decide about plan ${short(plan.digest)}: ${approval.asks}</h2>
${approval.held === undefined ? html`<p>It expires ${moment(approval.expires, seat.nowMs)}.</p>` : heldPart(approval, seat.nowMs)}
${votesPart(approval, seat.nowMs)}
${whoPart(run, approval)}
${seated !== undefined && votingPart(run, { approval, digest: plan.digest, seat: seated })}
</section>`;
}

/** Who has said yes so far, and what is missing. */
export function votesPart({ votes, missing }: Approval, nowMs: number): Content {
  if (votes.length === 0) return html`<p class="soft">Nobody has approved it yet.</p>`;
  const said = votes.map(
    ({ by, surface, at, breakGlass }) =>
      html`<li>${by} approved by ${surface}, ${moment(at, nowMs)}${breakGlass !== undefined && html`, <span class="bad">and broke the glass</span>: ${breakGlass}`}</li>`,
  );
  return html`<ul>${said}</ul>${missing !== undefined && html`<p>${missing}</p>`}`;
}

/** Who may approve, by which team; and who may not, and why, for who asks. */
function whoPart({ id, requestedBy }: RunView, { people, notRequester, code }: Approval): Content {
  const others = mayNotLines(people);
  return html`<p>Who can: ${mayWords(people)}.${notRequester && ` Who asked for it (${requestedBy}) may not approve it.`}</p>
${code !== undefined && html`<p class="soft">Also by a note in PagerDuty: approve ${code}</p>`}
${others.length > 0 && html`<details id="why-not-${short(id)}"><summary>Who cannot, and why</summary><ul>${others.map((line) => html`<li>${line}</li>`)}</ul></details>`}`;
}

function votingPart(run: RunView, { approval, digest, seat }: { readonly approval: Approval; readonly digest: string; readonly seat: Seated }): Content {
  const { person } = seat.session;
  const { confirmation, people, votes, held, mayReject } = approval;
  const saying = { run, approval, seat };
  const isSaid = votes.some(({ by }) => by === person);
  const fields = html`<input type="hidden" name="plan" value="${digest}">${confirmation !== undefined && typedField(confirmation)}`;
  const own = people.find(({ name }) => name === person);
  const whyNot = own?.may === true ? undefined : `You, ${person}, may not approve this: ${own?.why ?? 'the configuration does not know you'}.`;
  const yes = to(run, seat, { what: 'approve', fields, button: html`<button>Approve exactly this plan</button>` });
  const no = lineField(seat, { name: 'reason', label: `Why ${nameOf(run)} should not do this` });
  const when = held === undefined ? 'once the others have' : 'once enough have, and it is released';
  return html`${isSaid ? html`<p class="good">You have approved it. It goes on ${when}.</p>${withdrawPart(saying)}` : withRight(whyNot, yes)}
${mayReject.includes(person) && to(run, seat, { what: 'reject', fields: no, button: html`<button class="danger">Reject</button>` })}
${holdPart(saying)}
${glassPart(saying)}`;
}

/** A yes to a plan that is about to begin, and has not. */
export function beginningPart(run: RunView, seat: Seated): Content {
  const { approval, state } = run;
  if (state === 'proposed' || approval === undefined || !approval.mayWithdraw.includes(seat.session.person)) return undefined;
  return html`<section class="panel decide" aria-label="Your yes"><p>You have approved it, and nothing was begun yet.</p>
${withdrawPart({ run, approval, seat })}</section>`;
}
