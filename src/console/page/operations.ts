import { UNTIL_WORDS } from '../../model/until.ts';
import type { Ledger, PauseList } from '../../port/view/operation.ts';
import { type Content, html } from '../html.ts';
import { moment, type Page, rows, type Seat, time, withRight } from '../layout.ts';
import type { Looking } from '../looking.ts';
import type { Session } from '../session.ts';
import { choiceField, formTo, lineField, logInHint } from './form.ts';

type Pause = PauseList['items'][number];
type Freeze = NonNullable<PauseList['freezes']>[number];

/** The switch, and the account of all alerts. */
export async function operationsView({ commands, caller, clusters, seat }: Looking): Promise<Page> {
  const [ledger, { items: pauses, freezes = [] }, playbooks] = await Promise.all([
    commands.ledger(caller),
    commands.pauses(caller),
    commands.playbooks(caller),
  ]);
  const names = playbooks.items.map(({ id }) => id);
  const { session } = seat;
  const seated = session === undefined ? undefined : { ...seat, session };
  return {
    title: 'Operations',
    part: 'operations',
    main: html`
<h1>Operations</h1>
<p class="answer">${answer(pauses, freezes)}</p>
${pauses.map((pause) => pausePart(pause, seat, seated))}
${freezes.map((one) => freezePart(one, seat, seated))}
<h2>Pause</h2>
<p>While something is paused nothing of it is written to a cluster. Runs go on looking, and wait.</p>
${seated === undefined ? logInHint('To pause', '/operations') : withRight(seat.whyNot('pause'), pauseForm(seated, { clusters, playbooks: names }))}
<h2>Freeze</h2>
<p>Until a freeze ends nothing new is written to a cluster; what is half done may still be undone. A pause holds that, too.</p>
${seated === undefined ? logInHint('To freeze', '/operations') : withRight(seat.whyNot('pause'), freezeForm(seated, clusters))}
<h2>Alerts ever received</h2>
${ledgerPart(ledger)}
<p class="links"><a href="/quarantine">Quarantine: what could not be read, and why</a></p>`,
  };
}

function answer(pauses: readonly Pause[], freezes: readonly Freeze[]): string {
  const [frozen] = freezes;
  if (pauses.length === 0)
    return frozen === undefined ? 'Nothing is paused or frozen.' : `${frozen.cluster} is frozen by "${frozen.name}": nothing but an undo is written.`;
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

function freezePart(
  { cluster, name, by, reason, since, until }: Freeze,
  { nowMs, whyNot }: Seat,
  seated: (Seat & { readonly session: Session }) | undefined,
): Content {
  const fields = html`<input type="hidden" name="name" value="${name}"><input type="hidden" name="cluster" value="${cluster}">`;
  const button = html`<button>End this freeze</button>`;
  return html`<article><h2>${name}: ${cluster} is frozen</h2>${reason !== undefined && html`<p>${reason}</p>`}
<p class="soft">by ${by ?? 'the configuration (gates.freezes)'}, ${time(since, nowMs)}; ends ${moment(until, nowMs)}</p>
${by !== undefined && seated !== undefined && withRight(whyNot('pause'), formTo({ session: seated.session, action: '/unfreeze', fields, button }))}</article>`;
}

function freezeForm(seat: Seat & { readonly session: Session }, clusters: readonly string[]): Content {
  const fields = html`${lineField(seat, { name: 'name', label: 'Name' })}
${lineField(seat, { name: 'until', label: `Until, ${UNTIL_WORDS}` })}
${lineField(seat, { name: 'why', label: 'Why' })}
${choiceField(seat, { name: 'frozen', label: 'Cluster', choices: clusters, none: 'every cluster' })}`;
  return formTo({ session: seat.session, action: '/freeze', fields, button: html`<button>Freeze</button>` });
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
