import type { Ledger, PauseList, QuarantineView } from '../../port/view/operation.ts';
import { html } from '../html.ts';
import { csrfField, type Page, rows, type Seat, time } from '../layout.ts';

type Shown = { readonly ledger: Ledger; readonly pauses: PauseList['items']; readonly quarantine: readonly QuarantineView[] };

/** The switch, the account of all alerts, what was quarantined, and the audit chain. */
export function operationsPage({ ledger, pauses, quarantine }: Shown, { session, nowMs }: Seat): Page {
  const everything = pauses.find(({ playbook }) => playbook === undefined);
  return {
    title: 'Operations',
    part: 'operations',
    main: html`
<h1>Operations</h1>
<p class="answer">${pauses.length === 0 ? 'Nothing is paused.' : everything === undefined ? 'Some playbooks are paused.' : `${everything.cluster} is paused: ${everything.reason}`}</p>
${pauses.map(({ cluster, playbook, by, reason, since, until }) => html`<article><h3>${playbook ?? 'Every playbook'} on ${cluster}</h3><p>${reason}</p><p class="soft">by ${by}, ${time(since, nowMs)}${until !== undefined && html`, ends ${time(until, nowMs)}`}</p></article>`)}
${
  session !== undefined &&
  html`<form class="stack" action="/pause" method="post">${csrfField(session)}
<label>Pause everything, because<input name="reason" maxlength="1000" required></label>
<label>For how long <span class="soft">such as 2h; empty: until somebody resumes</span><input name="for"></label><button class="danger">Pause</button></form>
${pauses.length > 0 && html`<form action="/resume" method="post">${csrfField(session)}<button>Resume everything</button></form>`}`
}
<h2>Alerts ever received</h2>
${rows([
  ['Accepted', String(ledger.accepted)],
  ['Handled', String(ledger.handled)],
  ['Pending', String(ledger.pending)],
  ['Quarantined', String(ledger.quarantined)],
])}
<h2>Quarantine</h2>
${quarantine.length === 0 ? html`<p>Nothing is in quarantine.</p>` : quarantine.map(({ at, reason, cluster, excerpt }) => html`<article><h3>${reason}</h3><p class="soft">${cluster} ${time(at, nowMs)}</p><pre>${excerpt}</pre></article>`)}
<h2>Audit</h2>
<p><a href="/audit">Check every journal against its seal</a></p>`,
  };
}
