import { plain } from '../domain/plain.ts';
import { digest } from '../model/digest.ts';
import type { IncidentMail } from '../model/mail.ts';
import type { CommandDeps } from './deps.ts';

/** What somebody did in the pager with a page of ours. `id` is the same for a repeat. */
type PagerNews = {
  readonly id: string;
  readonly key: string;
  readonly what: 'acknowledged' | 'resolved' | 'annotated' | 'reopened';
  readonly user: string;
  readonly text?: string;
};

/** As `notify/thread.ts` makes them. */
const PAGE_KEY = /^salvor\/([^/]+)\/(incident\/.+)$/;

/**
 * Takes in what people do in the pager: who acknowledges there has it here, and what they write is on the timeline. Resolving there ends nothing here:
 * an incident ends when nothing is left to do. Durable when it resolves; a key that is none of ours, or of an incident that is gone, is let go.
 */
export function hearPager({ store, policy, ids }: Pick<CommandDeps, 'store' | 'policy' | 'ids'>): (news: PagerNews) => Promise<'heard' | 'unknown'> {
  return async ({ id, key, what, user, text }) => {
    const [, cluster = '', incident = ''] = PAGE_KEY.exec(key) ?? [];
    const record = await store.get(cluster, incident);
    if (record?.kind !== 'incident') return 'unknown';
    const person = policy().people.find(({ pagerduty }) => pagerduty === user)?.name;
    const by = person ?? `PagerDuty user ${plain(user, 40)}`;
    const mail: IncidentMail =
      what === 'acknowledged'
        ? { kind: 'acknowledge', by, surface: 'pagerduty', person: person !== undefined }
        : { kind: 'note', by, surface: 'pagerduty', text: wordsOf(what, text) };
    const change = { do: 'mail', to: record.id, key: `pager/${digest(id)}`, value: mail } as const;
    await store.commit({ partition: cluster, opId: ids.next(), guards: [], changes: [change] });
    return 'heard';
  };
}

function wordsOf(what: 'resolved' | 'annotated' | 'reopened', text: string | undefined): string {
  if (what === 'annotated') return text ?? '';
  return what === 'resolved' ? 'resolved it in PagerDuty; here it stays open while alerts fire or runs are open' : 'opened it again in PagerDuty';
}
