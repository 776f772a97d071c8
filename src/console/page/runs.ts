import type { LockList } from '../../port/view/operation.ts';
import type { RunSummary } from '../../port/view/run.ts';
import { short } from '../../port/view/run-words.ts';
import { html } from '../html.ts';
import { type Page, type Seat, time } from '../layout.ts';
import { runCard } from './run-card.ts';

/** The runs, open ones first, and who holds which lock. */
export function runsPage(
  { open, ended, locks }: { readonly open: readonly RunSummary[]; readonly ended: readonly RunSummary[]; readonly locks: LockList['items'] },
  { nowMs }: Seat,
): Page {
  return {
    title: 'Runs',
    part: 'runs',
    live: '/api/v1/stream',
    main: html`
<h1>Runs</h1>
<p class="answer">${open.length === 0 ? 'Nothing is at work.' : `${open.length} at work.`}</p>
${open.map((run) => runCard(run, nowMs))}
${
  locks.length > 0 &&
  html`<h2>Locks</h2><ul>${locks.map(
    ({ key, run, since, waiting }) =>
      html`<li>${key}: held by <a href="/runs/${encodeURIComponent(run)}">${short(run)}</a>, since ${time(since, nowMs)}${waiting.length > 0 && `; ${waiting.length} waiting`}</li>`,
  )}</ul>`
}
${ended.length > 0 && html`<h2>Ended</h2>${ended.map((run) => runCard(run, nowMs))}`}`,
  };
}
