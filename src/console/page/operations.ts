import type { Ledger, PauseList } from '../../port/view/operation.ts';
import { type Content, html } from '../html.ts';
import { moment, type Page, rows, type Seat, time, withRight } from '../layout.ts';
import type { Looking } from '../looking.ts';
import type { Session } from '../session.ts';
import { choiceField, formTo, lineField, logInHint } from './form.ts';

type Pause = PauseList['items'][number];

/** The switch, and the account of all alerts. */
export async function operationsView({ commands, caller, clusters, seat }: Looking): Promise<Page> {
  const [ledger, { items: pauses }, playbooks] = await Promise.all([commands.ledger(caller), commands.pauses(caller), commands.playbooks(caller)]);
  const names = playbooks.items.map(({ id }) => id);
  const { session } = seat;
  const seated = session === undefined ? undefined : { ...seat, session };
  return {
    title: 'Operations',
    part: 'operations',
    main: html`
<h1>Operations</h1>
<p class="answer">${answer(pauses)}</p>
${pauses.map((pause) => pausePart(pause, seat, seated))}
<h2>Pause</h2>
<p>While something is paused nothing of it is written to a cluster. Runs go on looking, and wait.</p>
${seated === undefined ? logInHint('To pause', '/operations') : withRight(seat.whyNot('pause'), pauseForm(seated, { clusters, playbooks: names }))}
<h2>Alerts ever received</h2>
${ledgerPart(ledger)}
<p class="links"><a href="/quarantine">Quarantine: what could not be read, and why</a></p>`,
  };
}

function answer(pauses: readonly Pause[]): string {
  if (pauses.length === 0) return 'Nothing is paused.';
  const everything = pauses.find(({ playbook }) => playbook === undefined);
  return everything === undefined ? 'Some playbooks are paused.' : `${everything.cluster} is paused: ${everything.reason}`;
}

function pausePart(
  { cluster, playbook, by, reason, since, until }: Pause,
  { nowMs, whyNot }: Seat,
  seated: (Seat & { readonly session: Session }) | undefined,
): Content {
  const scope = html`<input type="hidden" name="cluster" value="${cluster}">${playbook !== undefined && html`<input type="hidden" name="playbook" value="${playbook}">`}`;
  return html`<article><h2>${playbook ?? 'Every playbook'} on ${cluster}</h2><p>${reason}</p>
<p class="soft">by ${by}, ${time(since, nowMs)}; ${until === undefined ? 'until somebody resumes' : html`ends ${moment(until, nowMs)}`}</p>
${seated !== undefined && withRight(whyNot('pause'), formTo({ session: seated.session, action: '/resume', fields: scope, button: html`<button>Resume</button>` }))}</article>`;
}

type Choices = { readonly clusters: readonly string[]; readonly playbooks: readonly string[] };

function pauseForm(seat: Seat & { readonly session: Session }, { clusters, playbooks }: Choices): Content {
  const fields = html`${lineField(seat, { name: 'reason', label: 'Why' })}
<label>For how long <span class="soft">such as 2h; empty: until somebody resumes</span><input name="for" value="${seat.form.field('for')}"></label>
${choiceField(seat, { name: 'cluster', label: 'Cluster', choices: clusters, none: 'every cluster' })}
${choiceField(seat, { name: 'playbook', label: 'Playbook', choices: playbooks, none: 'every playbook' })}`;
  return formTo({ session: seat.session, action: '/pause', fields, button: html`<button class="danger">Pause</button>` });
}

function ledgerPart({ accepted, handled, pending, quarantined }: Ledger): Content {
  return rows([
    ['Accepted', String(accepted)],
    ['Handled', String(handled)],
    ['Pending', String(pending)],
    ['Quarantined', String(quarantined)],
  ]);
}
