import type { RunSummary } from '../../port/view/run.ts';
import { isGoodEnd, nameOf, short, standing } from '../../port/view/run-words.ts';
import { type Html, html } from '../html.ts';
import { time } from '../layout.ts';

/** A run in a list: what it is, where it stands, since when. */
export function runCard(run: RunSummary, nowMs: number): Html {
  return html`<article>
<h3><a href="/runs/${encodeURIComponent(run.id)}">${nameOf(run)}</a> ${stateTag(run.state)}</h3>
<p>It ${standingOf(run)}</p>
<p class="soft">Run ${short(run.id)} on ${run.cluster}, ${run.endedAt === undefined ? 'began' : 'ended'} ${time(run.endedAt ?? run.createdAt, nowMs)}</p>
</article>`;
}

/** Where it stands, with whose decision it waits for. */
export function standingOf(run: RunSummary): string {
  return standing(run.asks === undefined ? run : { ...run, approval: { asks: run.asks } });
}

/** A state as a word and a colour: the word alone says it, too. */
export function stateTag(state: string): Html {
  const tone = state === 'proposed' ? 'warn' : isGoodEnd(state) ? 'good' : ENDED_BADLY.has(state) ? 'bad' : 'soft';
  return html`<span class="tag ${tone}">${state}</span>`;
}

const ENDED_BADLY: ReadonlySet<string> = new Set(['failed', 'rolled-back', 'handed-over', 'expired', 'unknown', 'not-undone']);
