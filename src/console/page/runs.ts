import type { LockList } from '../../port/view/operation.ts';
import { short } from '../../port/view/run-words.ts';
import { type Content, html } from '../html.ts';
import { type Page, paging, type Seat, time } from '../layout.ts';
import type { Looking } from '../looking.ts';
import { runCard } from './run-card.ts';

const MOST = 200;
const PAGE = 25;

/** The runs, open ones first, and who holds which lock. */
export async function runsView({ commands, caller, seat, query }: Looking): Promise<Page> {
  const cursor = query('cursor');
  const [open, ended, locks] = await Promise.all([
    commands.runs(caller, { open: true, limit: MOST }),
    commands.runs(caller, { open: false, limit: PAGE, ...(cursor === '' ? {} : { cursor }) }),
    commands.locks(caller),
  ]);
  const { items } = open;
  const more = open.next === undefined ? '' : `the newest ${items.length} of more than that `;
  return {
    title: 'Runs',
    part: 'runs',
    live: '/api/v1/stream',
    main: html`
<h1>Runs</h1>
<p class="answer">${items.length === 0 ? 'Nothing is at work.' : `${items.length} at work.`}${more !== '' && ` These are ${more}.`}</p>
${cursor === '' && items.length > 0 && html`<h2>At work</h2>${items.map((run) => runCard(run, seat.nowMs))}`}
${cursor === '' && locksPart(locks.items, seat)}
${ended.items.length > 0 && html`<h2>Ended</h2>${ended.items.map((run) => runCard(run, seat.nowMs))}`}
${paging({ newest: cursor === '' ? undefined : '/runs', next: ended.next === undefined ? undefined : `/runs?cursor=${encodeURIComponent(ended.next)}` })}`,
  };
}

function locksPart(locks: LockList['items'], { nowMs }: Seat): Content {
  if (locks.length === 0) return undefined;
  return html`<h2>Locks</h2><ul>${locks.map(
    ({ key, run, since, waiting }) =>
      html`<li>${key}: held by <a href="/runs/${encodeURIComponent(run)}">run ${short(run)}</a>, since ${time(since, nowMs)}${
        waiting.length > 0 &&
        html`; waiting: ${waiting.map((one, at) => html`${at > 0 && ', '}<a href="/runs/${encodeURIComponent(one.run)}">run ${short(one.run)}</a>`)}`
      }</li>`,
  )}</ul>`;
}
