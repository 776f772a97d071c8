import { goneAhead } from '../escalate/ladder.ts';
import type { EntryDraft } from '../model/entry.ts';
import type { Incident } from '../model/incident.ts';
import type { PagerMail } from '../model/mail.ts';
import type { Policy } from '../model/policy.ts';
import * as entries from './entries.ts';

type Told = { readonly incident: Incident; readonly entries: readonly EntryDraft[] };
type About = { readonly atMs: number; readonly ladders: Policy['ladders'] };

/**
 * What became of a page, as one line. A page that called nobody takes the second route: the next rung of every ladder that it was sent for is due at
 * once. Behind an answer, or the end, neither is news.
 */
export function pagerTells(incident: Incident, mail: PagerMail, { atMs, ladders }: About): Told {
  const isOver = incident.state === 'closed' || incident.climbs.every(({ stoppedMs }) => stoppedMs !== undefined);
  if (mail.what !== 'nobody' && mail.what !== 'refused') return { incident, entries: isOver ? [] : [entries.pageTold(mail, atMs)] };
  if (isOver) return { incident, entries: [] };
  const next = new Set<string>();
  const climbs = incident.climbs.map((climb) => {
    const ahead = climb.stoppedMs === undefined ? goneAhead(climb, mail.target, ladders) : undefined;
    if (ahead !== undefined) next.add(ahead.next);
    return ahead?.climb ?? climb;
  });
  return { incident: { ...incident, climbs }, entries: [entries.pageFailed(mail, [...next], atMs)] };
}
