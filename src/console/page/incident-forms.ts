import type { IncidentView } from '../../port/view/incident.ts';
import { type Content, html } from '../html.ts';
import { type Seat, withRight } from '../layout.ts';
import { choiceField, formTo, lineField, logInHint } from './form.ts';

/** What people say about an incident: a note for everybody who knows them, the rest by right. */

/** A note is on the timeline, for good. */
export function notePart({ session, key, form }: Seat, path: string): Content {
  if (session === undefined) return logInHint('To add a note', path);
  const fields = html`<input type="hidden" name="key" value="${key}"><label>Note for the timeline<textarea name="text" rows="2" maxlength="4000" required>${form.field('text')}</textarea></label>`;
  const isRefused = form.names.includes('text');
  return html`<details id="note"${isRefused && html` open`}><summary>Add a note</summary>${formTo({ session, action: `${path}/notes`, fields, button: html`<button class="quiet">Add the note</button>` })}</details>`;
}

/** Roles, severity, what others are told and close, while it is open. */
export function managePart({ state, severity, lead, communications, openRuns }: IncidentView, seat: Seat, path: string): Content {
  const { session, rules } = seat;
  if (session === undefined || state === 'closed') return undefined;
  const people = rules.people.map(({ name }) => name);
  const leading = choiceField(seat, { name: 'lead', label: 'Who leads', choices: people, value: lead ?? session.person });
  const speaking = choiceField(seat, { name: 'communications', label: 'Who speaks for it', choices: people, value: communications ?? session.person });
  const telling = lineField(seat, { name: 'update', label: 'What others are told' });
  const grade = choiceField(seat, { name: 'severity', label: 'Severity', choices: ['SEV1', 'SEV2', 'SEV3'], value: severity });
  const close =
    openRuns > 0
      ? html`<p class="locked">It cannot be closed yet: ${openRuns} of its runs ${openRuns === 1 ? 'is' : 'are'} open. Cancel ${openRuns === 1 ? 'it' : 'them'}, or wait for the end.</p>`
      : formTo({
          session,
          action: `${path}/close`,
          fields: lineField(seat, { name: 'reason', label: 'Why it is over' }),
          button: html`<button class="danger">Close the incident</button>`,
        });
  return html`<details id="manage"><summary>Roles, severity, update, close</summary>
${withRight(
  seat.whyNot('run'),
  html`${formTo({ session, action: `${path}/lead`, fields: leading, button: html`<button class="quiet">Hand over</button>` })}
${formTo({ session, action: `${path}/communications`, fields: speaking, button: html`<button class="quiet">Set</button>` })}
${formTo({ session, action: `${path}/updates`, fields: telling, button: html`<button class="quiet">Tell others</button>` })}
${formTo({ session, action: `${path}/severity`, fields: grade, button: html`<button class="quiet">Change</button>` })}
${close}`,
)}
</details>`;
}
