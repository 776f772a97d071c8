import { type Html, html } from '../html.ts';
import type { Kept } from '../kept.ts';
import type { Page } from '../layout.ts';

const WHY = {
  wrong: 'Nobody in the configuration has this token.',
  expired: 'Your session is over, so nothing was done yet. What you wrote is kept: log in, and send it.',
  'not-yet': 'You are not logged in in this browser yet.',
  busy: 'Too many wrong tokens are being tried from your address. Wait a few seconds, and try again.',
} as const;

type At = {
  /** A path of ours, where to go on. */
  readonly to: string;
  readonly why?: keyof typeof WHY;
  /** What was being sent when the session was over. */
  readonly kept?: Kept | undefined;
  /** What the OpenID provider is called, where there is one. */
  readonly provider: string | undefined;
};

export function loginPage({ to, why, kept, provider }: At): Page {
  return {
    title: 'Log in',
    ...(why === undefined ? {} : { status: 401 }),
    main: html`
<h1>Log in</h1>
${why !== undefined && html`<p class="answer bad" role="alert">${WHY[why]}</p>`}
${provider !== undefined && byProvider(provider, { to, kept })}
<form class="stack" action="/login" method="post">
<input type="hidden" name="to" value="${to}">${kept !== undefined && html`<input type="hidden" name="kept" value="${JSON.stringify(kept)}">`}
<label>Your token <span class="soft">the one of your entry under people in salvor.yaml</span><input type="password" name="token" autocomplete="current-password" required autofocus></label>
<button>Log in</button></form>`,
  };
}

/** What was being sent cannot go along to another site: it waits on this page, for who logged in beside it. */
function byProvider(provider: string, { to, kept }: Pick<At, 'to' | 'kept'>): Html {
  const address = `/login/oidc?to=${encodeURIComponent(to)}`;
  if (kept === undefined) return html`<p><a class="button" href="${address}">Log in with ${provider}</a></p><p class="soft">or with a token:</p>`;
  return html`
<p><a class="button" href="${address}" target="_blank">Log in with ${provider} in another tab</a> and come back here.</p>
<form class="stack" action="/login" method="post"><input type="hidden" name="to" value="${to}"><input type="hidden" name="kept" value="${JSON.stringify(kept)}"><button>I am logged in: go on</button></form>
<p class="soft">or with a token:</p>`;
}

type Refusal = { readonly title: string; readonly detail: string; readonly hint: string | undefined; readonly back: string };

export function refusalPage({ title, detail, hint, back }: Refusal): Page {
  return {
    title,
    main: html`<h1>${title}</h1><p class="answer bad" role="alert">${detail}</p>${hint !== undefined && html`<p>${hint}</p>`}<p><a href="${back}">Back</a></p>`,
  };
}
