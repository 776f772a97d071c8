import { html } from '../html.ts';
import type { Kept } from '../kept.ts';
import type { Page } from '../layout.ts';

const WHY = {
  wrong: 'Nobody in the configuration has this token.',
  expired: 'Your session is over, so nothing was done yet. What you wrote is kept: log in, and send it.',
  busy: 'Too many wrong tokens are being tried from your address. Wait a few seconds, and try again.',
} as const;

/** `to`: a path of ours, where to go on. `kept`: what was being sent when the session was over. */
export function loginPage({ to, why, kept }: { readonly to: string; readonly why?: keyof typeof WHY; readonly kept?: Kept | undefined }): Page {
  return {
    title: 'Log in',
    ...(why === undefined ? {} : { status: 401 }),
    main: html`
<h1>Log in</h1>
${why !== undefined && html`<p class="answer bad" role="alert">${WHY[why]}</p>`}
<form class="stack" action="/login" method="post">
<input type="hidden" name="to" value="${to}">${kept !== undefined && html`<input type="hidden" name="kept" value="${JSON.stringify(kept)}">`}
<label>Your token <span class="soft">the one of your entry under people in salvor.yaml</span><input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Log in</button></form>`,
  };
}

type Refusal = { readonly title: string; readonly detail: string; readonly hint: string | undefined; readonly back: string };

export function refusalPage({ title, detail, hint, back }: Refusal): Page {
  return {
    title,
    main: html`<h1>${title}</h1><p class="answer bad" role="alert">${detail}</p>${hint !== undefined && html`<p>${hint}</p>`}<p><a href="${back}">Back</a></p>`,
  };
}
