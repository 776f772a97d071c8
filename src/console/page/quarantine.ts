import { html } from '../html.ts';
import { moment, type Page, paging } from '../layout.ts';
import type { Looking } from '../looking.ts';

const PAGE = 50;

/** Alerts that could not be read: why, when, and as much of them as tells whose they are. */
export async function quarantineView({ commands, caller, seat, query }: Looking): Promise<Page> {
  const cursor = query('cursor');
  const [{ items, next }, { quarantined }] = await Promise.all([
    commands.quarantine(caller, { limit: PAGE, ...(cursor === '' ? {} : { cursor }) }),
    commands.ledger(caller),
  ]);
  return {
    title: 'Quarantine',
    part: 'operations',
    main: html`
<h1>Quarantine</h1>
<p class="answer">${quarantined === 0 ? 'Nothing is in quarantine.' : `${quarantined} ${quarantined === 1 ? 'alert' : 'alerts'} could not be used. Nothing was done for ${quarantined === 1 ? 'it' : 'them'}.`}</p>
${
  items.length > 0 &&
  html`<h2>Newest first</h2>${items.map(
    ({ at, reason, cluster, excerpt }) =>
      html`<article><h3>${reason}</h3><p class="soft">${cluster ?? 'no cluster'}, ${moment(at, seat.nowMs)}</p><pre>${excerpt}</pre></article>`,
  )}`
}
${paging({ newest: cursor === '' ? undefined : '/quarantine', next: next === undefined ? undefined : `/quarantine?cursor=${encodeURIComponent(next)}` })}
<p><a href="/operations">Operations</a></p>`,
  };
}
