import { html } from '../html.ts';
import type { Page } from '../layout.ts';

/** `to`: a path of ours, where to go on. */
export function loginPage({ to, wrong }: { readonly to: string; readonly wrong: boolean }): Page {
  return {
    title: 'Log in',
    ...(wrong ? { status: 401 } : {}),
    main: html`
<h1>Log in</h1>
${wrong && html`<p class="answer bad" role="alert">Nobody in the configuration has this token.</p>`}
<form class="stack" action="/login" method="post">
<input type="hidden" name="to" value="${to}">
<label>Your token <span class="soft">the one of your entry under people in salvor.yaml</span><input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Log in</button></form>`,
  };
}

export function refusalPage({ title, detail, back }: { readonly title: string; readonly detail: string; readonly back: string }): Page {
  return { title, main: html`<h1>${title}</h1><p class="answer bad" role="alert">${detail}</p><p><a href="${back}">Back</a></p>` };
}
