import { z } from 'zod';
import type { Form } from './form.ts';
import { html } from './html.ts';
import { csrfField, type Page } from './layout.ts';
import type { Session } from './session.ts';

/** A form that was sent by somebody whose session was over: where it goes, and what was written. */
const Kept = z.object({
  path: z.string().regex(/^\/(pause|resume|freeze|unfreeze|(runs|incidents|playbooks)\/[^/\s\\]{1,400}\/[a-z-]{1,20})$/),
  fields: z.record(z.string(), z.string()),
});
export type Kept = z.infer<typeof Kept>;

const SWITCHES: ReadonlySet<string> = new Set(['/pause', '/resume', '/freeze', '/unfreeze']);

/** What nobody typed. */
const HIDDEN: ReadonlySet<string> = new Set(['plan', 'key', 'ask', 'step', 'dry', 'choices']);

/** What is put into the login's form; it is text of the person's own page, and goes back to it only. */
export function keepForm(path: string, { names, field }: Form): Kept {
  return { path, fields: Object.fromEntries(names.filter((name) => name !== 'csrf').map((name) => [name, field(name)])) };
}

/** Undefined where nothing was kept, or nothing that a form of ours could have been. */
export function keptIn(text: string): Kept | undefined {
  try {
    return Kept.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: an empty field, or somebody's own.
    return undefined;
  }
}

/** The way on after a login: what was written, still there, and sent by one press. */
export function keptPage({ path, fields }: Kept, session: Session, key: string): Page {
  const written = Object.entries(fields).filter(([name, value]) => !HIDDEN.has(name) && value !== '');
  const hidden = Object.entries(fields).filter(([name]) => HIDDEN.has(name));
  const room = path.split('/').slice(0, 3).join('/');
  return {
    title: 'Send what you wrote',
    main: html`
<h1>Send what you wrote</h1>
<p class="answer">Your session was over when you sent this, so nothing happened yet. You are logged in again, ${session.person}.</p>
<form class="stack" action="${path}" method="post">${csrfField(session)}
${'key' in fields ? undefined : html`<input type="hidden" name="key" value="${key}">`}
${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${written.map(([name, value]) => html`<label>${name.replace(/^param\./, '')}<textarea name="${name}" rows="2">${value}</textarea></label>`)}
<button>Send it now (${path.split('/').at(-1)})</button></form>
<p><a href="${SWITCHES.has(room ?? '') ? '/operations' : room}">Look at it first, and send nothing</a></p>`,
  };
}
