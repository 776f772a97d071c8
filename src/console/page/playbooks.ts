import type { PlaybookSummary, PlaybookView } from '../../port/view/playbook.ts';
import { html } from '../html.ts';
import { type Page, rows, type Seat, withRight } from '../layout.ts';
import type { Looking } from '../looking.ts';
import { offeredFor } from '../offered.ts';
import { logInHint } from './form.ts';
import { type FormChoices, startForm } from './start-form.ts';

export function playbooksPage(items: readonly PlaybookSummary[]): Page {
  return {
    title: 'Playbooks',
    part: 'playbooks',
    main: html`<h1>Playbooks</h1>
<p class="answer">${items.length} ${items.length === 1 ? 'playbook is' : 'playbooks are'} loaded. Open one to see what it would do, and to start it.</p>
<h2>What there is</h2>
${items.map(
  ({ id, summary, risk, startedBy, command }) => html`<article><h3><a href="/playbooks/${encodeURIComponent(id)}">${id}</a></h3>
<p>${summary}</p><p class="soft">${risk}; started by ${startedBy.join(', ')}${command !== undefined && `; /dr ${command}`}</p></article>`,
)}`,
  };
}

/** One playbook; what can be chosen in its form is asked for only where somebody may send it. */
export async function playbookView(looking: Looking): Promise<Page> {
  const { commands, caller, clusters, seat, part } = looking;
  const playbook = await commands.playbook(caller, part('id'));
  const isForm = seat.session !== undefined && seat.whyNot('run') === undefined;
  return playbookPage(playbook, seat, { clusters, offered: isForm ? await offeredFor(playbook, looking) : new Map() });
}

/** What it answers, what it asks of people, and the form that starts it. */
function playbookPage(playbook: PlaybookView, seat: Seat, choices: FormChoices): Page {
  const { id, summary, match, command, aliases, stages, schedule, actions, text } = playbook;
  const { session } = seat;
  return {
    title: id,
    part: 'playbooks',
    main: html`
<h1>${id}</h1>
<p class="answer">${summary}</p>
${rows([
  ['Alerts', match.map((one) => html`<code>${one}</code> `)],
  ['Schedule', schedule !== undefined && `${schedule.cron} (${schedule.timeZone})`],
  ['Command', command !== undefined && [`/dr ${command}`, ...aliases].join(', ')],
  ['Risk', playbook.risk],
  [
    'Stages',
    stages.length > 0 &&
      html`<ol>${stages.map((stage) => html`<li>${stage.id}: ${stage.kind}, ${stage.risk}${stage.asks !== undefined && `; ${stage.asks}`}</li>`)}</ol>`,
  ],
])}
<h2>Start it</h2>
${
  session === undefined
    ? logInHint('To start it', `/playbooks/${encodeURIComponent(id)}`)
    : withRight(seat.whyNot('run'), startForm(playbook, { ...seat, session }, choices))
}
<details id="actions"><summary>What it can do: ${actions.length} actions</summary>
<ul>${actions.map((one) => html`<li><code>${one.action}</code>, ${one.risk}${one.stage !== undefined && `, in ${one.stage}`}${one.summary !== undefined && `: ${one.summary}`}</li>`)}</ul></details>
<details id="text"><summary>The file</summary><pre>${text}</pre></details>`,
  };
}
