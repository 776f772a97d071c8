import { type Content, type Html, html } from '../html.ts';
import { csrfField, type Seat } from '../layout.ts';
import type { Session } from '../session.ts';

/** Fields that several forms have. What was sent and refused is put into them again. */

export type FormParts = { readonly session: Session; readonly action: string; readonly fields?: Content; readonly button: Content };

/** A form that goes to us only. */
export function formTo({ session, action, fields, button }: FormParts): Html {
  return html`<form class="stack" action="${action}" method="post">${csrfField(session)}${fields}<div class="buttons">${button}</div></form>`;
}

type Field = { readonly name: string; readonly label: Content; readonly value?: string };

/** One line of text that must be said. */
export function lineField({ form }: Pick<Seat, 'form'>, { name, label, value = '' }: Field): Html {
  return html`<label>${label}<input name="${name}" value="${form.field(name) || value}" maxlength="1000" required></label>`;
}

/** The word that shows that somebody read what they are about to do. */
export function typedField(confirmation: string): Html {
  return html`<label>To confirm, type ${confirmation}<input name="confirmation" autocomplete="off" autocapitalize="off" spellcheck="false" required></label>`;
}

/** A choice of texts; `none` is the words of choosing nothing. */
export function choiceField({ form }: Pick<Seat, 'form'>, of: Field & { readonly choices: readonly string[]; readonly none?: string }): Html {
  const { name, label, value = '', choices, none } = of;
  const chosen = form.names.includes(name) ? form.field(name) : value;
  return html`<label>${label}<select name="${name}">${none !== undefined && html`<option value="">${none}</option>`}${choices.map(
    (one) => html`<option value="${one}"${one === chosen && html` selected`}>${one}</option>`,
  )}</select></label>`;
}

/** The way to log in and back. */
export function logInHint(what: string, to: string): Html {
  return html`<p class="panel">${what}, <a href="/login?to=${encodeURIComponent(to)}">log in</a>.</p>`;
}
