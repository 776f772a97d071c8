import { distance } from '../../model/when.ts';
import type { OnCallList } from '../../port/view/on-call.ts';
import { mrkdwn } from '../text.ts';

const MOST = 20;

/** Who is on call, a line each; how old the answer is stands beside it. */
export function onCallText({ items, problem }: OnCallList, nowMs: number): string {
  const lines = items.slice(0, MOST).map(({ name, who, at, called, problem: why }) => {
    const names = who.length === 0 ? mrkdwn(why ?? 'not known', 300) : mrkdwn(who.join(', '), 300);
    const age = at === undefined ? '' : `, as of ${distance(at, nowMs)}`;
    const by = called.length === 0 ? '' : ` (${mrkdwn(called.join('; '), 200)})`;
    return `• *${mrkdwn(name, 80)}*: ${names}${age}${by}`;
  });
  const more = items.length - MOST;
  return [
    items.length === 0 ? 'Nobody is called by a ladder, and no team is kept by a schedule.' : '*On call*',
    ...(problem === undefined ? [] : [`Not as of now: ${mrkdwn(problem, 300)}`]),
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join('\n');
}
