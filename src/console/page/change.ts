import type { Json } from '../../model/json.ts';
import type { PlanView } from '../../port/view/run.ts';
import { type Html, html } from '../html.ts';
import { diffLines, type Line } from './line-diff.ts';

type Change = PlanView['steps'][number]['changes'][number];

const SIGN = { create: '+', patch: '~', delete: '-', evict: '-' } as const;
const TONE = { create: 'good', patch: 'warn', delete: 'bad', evict: 'bad' } as const;
/** What is shorter stands in the line itself. */
const SHORT = 60;

/** One change of a plan. What it was and what it will be stand side by side where there is room, below each other where there is none. */
export function changePart({ verb, object, field, from, to, risk, note }: Change): Html {
  // What is evicted is named; `from` only tells it from others of its name.
  const before = verb === 'evict' || from === undefined ? undefined : textOf(from);
  const after = to === undefined ? undefined : textOf(to);
  const isShort = [before, after].every((one) => one === undefined || (one.length <= SHORT && !one.includes('\n')));
  const value = before === undefined && after === undefined ? '' : before === undefined ? `: ${after}` : `: ${before} → ${after ?? 'nothing'}`;
  const head = `${verb} ${object}${field === undefined ? '' : ` ${field}`}${isShort ? value : ''}${risk === 'destructive' ? ' (destructive)' : ''}${note === undefined ? '' : `, ${note}`}`;
  const what = html`<span class="what ${TONE[verb]}">${SIGN[verb]} ${head}</span>`;
  if (isShort) return html`<li>${what}</li>`;
  const sides = diffLines(before?.split('\n') ?? [], after?.split('\n') ?? []);
  return html`<li class="${before !== undefined && after !== undefined && 'sides'}">${what}${before !== undefined && sidePart('now', sides.before, 'gone')}${after !== undefined && sidePart('then', sides.after, 'made')}</li>`;
}

/** One side, line by line; what the other side has not is marked, by a sign as well as by a colour. */
function sidePart(name: string, lines: readonly Line[], tone: 'gone' | 'made'): Html {
  const sign = tone === 'gone' ? '-' : '+';
  return html`<div class="side"><b class="soft">${name}</b>${lines.map(({ text, isCommon }) =>
    isCommon ? html`<span>&nbsp; ${text}</span>` : html`<span class="${tone}">${sign} ${text}</span>`,
  )}</div>`;
}

/** Objects line by line, so that two of them can be compared. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  const short = JSON.stringify(value);
  return short.length <= SHORT ? short : JSON.stringify(value, null, 2);
}
