import type { RunView } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { type Content, html } from '../html.ts';
import { time } from '../layout.ts';
import { lineField, typedField } from './form.ts';
import { type Seated, to } from './run-form.ts';

/** What people can say to a proposal beside yes and no, each only where it has a meaning now. */

type Approval = NonNullable<RunView['approval']>;
type Saying = { readonly run: RunView; readonly approval: Approval; readonly seat: Seated };

/** Who keeps it from starting, and what that means. */
export function heldPart({ held }: Approval, nowMs: number): Content {
  if (held === undefined) return undefined;
  return html`<p class="warn">${held.by} holds it: ${held.reason}</p>
<p class="soft">Held ${time(held.since, nowMs)}. A yes still counts, but nothing starts and no time runs out until somebody releases it.</p>`;
}

/** Not yet; or where it is held: go on. */
export function holdPart({ run, approval, seat }: Saying): Content {
  const { session } = seat;
  const { held, mayHold } = approval;
  const what = held === undefined ? 'hold' : 'release';
  if (!mayHold.includes(session.person)) return html`<p class="locked">You, ${session.person}, may not ${what} it. Who can: ${namesOf(mayHold)}.</p>`;
  if (held !== undefined) return to(run, seat, { what, button: html`<button>Release it: it goes on where it stood</button>` });
  const fields = lineField(seat, { name: 'reason', label: 'Why not yet' });
  return html`<details id="hold-${short(run.id)}"><summary>Not yet: hold it</summary>
<p>Nothing starts, and its time does not run out, until somebody releases it.</p>
${to(run, seat, { what, fields, button: html`<button class="quiet">Hold it</button>` })}</details>`;
}

/** A person's own yes can be taken back, as long as nothing was begun. */
export function withdrawPart({ run, approval, seat }: Saying): Content {
  if (!approval.mayWithdraw.includes(seat.session.person)) return undefined;
  return to(run, seat, { what: 'withdraw', button: html`<button class="quiet">Take my yes back</button>` });
}

/** The emergency rule: it says what it is before it can be used, and who else could. */
export function glassPart({ run, approval, seat }: Saying): Content {
  const { glass, confirmation, votes } = approval;
  const { session, form } = seat;
  if (glass === undefined || votes.some(({ by, breakGlass }) => by === session.person && breakGlass !== undefined)) return undefined;
  const rule = `In an emergency ${glass.needs} may start it without the others`;
  if (!glass.may.includes(session.person)) return html`<p class="soft">${rule}. Who can: ${namesOf(glass.may)}.</p>`;
  const fields = html`<input type="hidden" name="plan" value="${run.digest}">${lineField(seat, { name: 'emergency', label: 'Why this is an emergency' })}${confirmation !== undefined && typedField(confirmation)}`;
  return html`<details id="glass-${short(run.id)}"${form.names.includes('emergency') && html` open`}><summary class="bad">Emergency: break the glass</summary>
<p class="bad">${rule}: your word replaces theirs.</p>
<p>${toldText(glass)}</p>
${to(run, seat, { what: 'break-glass', fields, button: html`<button class="danger">Break the glass: start exactly this plan</button>` })}</details>`;
}

function toldText({ page }: NonNullable<Approval['glass']>): string {
  const called = page === undefined ? '' : `, and ${page} is called to look at it`;
  return `Your name and reason are told to everybody in the incident, kept in the audit trail for good${called}.`;
}

function namesOf(names: readonly string[]): string {
  return names.length === 0 ? 'nobody whom the configuration knows' : names.join(', ');
}
