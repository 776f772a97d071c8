import { readNoteVote } from '../approval/code.ts';
import { plain } from '../domain/plain.ts';
import { digest } from '../model/digest.ts';
import { SalvorError } from '../model/error.ts';
import { laneId } from '../model/identity.ts';
import { type JsonObject, textIn } from '../model/json.ts';
import type { IncidentMail } from '../model/mail.ts';
import { callHeard, readPageLane } from '../notify/pages/lane.ts';
import { listAll } from '../port/list-all.ts';
import { OWN_NOTE, type PagerNews } from '../port/pager.ts';
import type { Store } from '../port/store.ts';
import type { CommandDeps } from './deps.ts';
import type { pagerVotes } from './pager-vote.ts';

/** As `notify/thread.ts` makes them. */
const PAGE_KEY = /^salvor\/([^/]+)\/(incident\/.+)$/;

type Deps = Pick<CommandDeps, 'store' | 'policy' | 'ids'> & {
  /** The pager's user that our own requests are made as; undefined while it is not known. */
  readonly own?: () => string | undefined;
  /** Takes a vote that somebody wrote as a note, and answers what they are told there; absent: a note is a note. */
  readonly vote?: ReturnType<typeof pagerVotes>;
};

/**
 * Takes in what happens in the pager: who acknowledges there has it here, and calls go on where that does not hold; what else people do there is a line of
 * the timeline. Resolving there ends nothing here: an incident ends when nothing is left to do. Durable when it resolves; a repeat changes nothing; what is
 * our own doing, about a key that is none of ours, or about an incident that is gone, is let go.
 */
export function hearPager({ store, policy, ids, own, vote }: Deps): (news: PagerNews) => Promise<'heard' | 'again' | 'ours' | 'unknown'> {
  return async (news) => {
    if (isOurs(news, own?.())) return 'ours';
    const at = placeOf(news.key) ?? (await placeOfCall(store, news));
    const record = at === undefined ? undefined : await store.get(at.cluster, at.incident);
    if (at === undefined || record?.kind !== 'incident') return 'unknown';
    const mail = mailOf(news, policy().people);
    if (mail === undefined) return 'unknown';
    const key = `pager/${digest(news.id)}`;
    const to = news.what === 'triggered' ? laneId('pager', record.id) : record.id;
    // Mail is known by its key only while it is unread, and a webhook is repeated for two days: what was heard is kept beside it.
    const heard = { do: 'put', id: `reply/${key}`, kind: 'reply', value: { heard: news.what } } as const;
    const guards = [{ is: 'absent', id: heard.id }] as const;
    const voted = news.what === 'annotated' ? readNoteVote(news.text ?? '') : undefined;
    let value = mail;
    if (voted !== undefined && vote !== undefined && 'by' in mail) {
      // What was answered once is not judged again. A vote is its own guard: whoever dies between it and its answer takes it again, which changes nothing.
      if ((await store.get(at.cluster, heard.id)) !== undefined) return 'again';
      const reply = await vote(voted, { cluster: at.cluster, incident: record.id, who: textIn(mail.by), person: personOf(news, policy().people) });
      value = { ...mail, reply };
    }
    const { kind } = await store.commit({ partition: at.cluster, opId: ids.next(), guards, changes: [heard, { do: 'mail', to, key, value }] });
    return kind === 'done' ? 'heard' : 'again';
  };
}

/** What our own requests cause comes back as news of our own user. Notes are known by their beginning, too. */
function isOurs({ what, user, text }: PagerNews, own: string | undefined): boolean {
  const isByUs = own === undefined || user?.id === own;
  if (what === 'annotated') return isByUs && (text ?? '').startsWith(OWN_NOTE);
  return own !== undefined && user?.id === own && (what === 'escalated' || what === 'reassigned');
}

type Place = { readonly cluster: string; readonly incident: string };

function placeOf(key: string | undefined): Place | undefined {
  const [, cluster, incident] = PAGE_KEY.exec(key ?? '') ?? [];
  return cluster === undefined || incident === undefined ? undefined : { cluster, incident };
}

/**
 * The incident whose page made the call that the news name: some come without our key. While a page was sent of which nobody knows yet which call it became,
 * a note may be on that one: it is not taken now (`pager.unavailable`), and comes again.
 */
async function placeOfCall(store: Store, { what, call }: PagerNews): Promise<Place | undefined> {
  if (call === undefined) return undefined;
  const records = await listAll(store, { kind: 'lane', where: { to: 'pager' } });
  const lanes = records.flatMap(({ partition, value }) => {
    const lane = readPageLane(value);
    return lane === undefined ? [] : [{ partition, lane }];
  });
  const made = lanes.find(({ lane }) => lane.found.some(([id]) => id === call.id));
  if (made !== undefined) return { cluster: made.partition, incident: made.lane.incident };
  if (what === 'annotated' && lanes.some(({ lane }) => lane.watched.length > 0))
    throw new SalvorError('pager.unavailable', 'which call a page became is not known yet; the note has to come again', { retry: 'later' });
  return undefined;
}

type People = readonly { readonly name: string; readonly pagerduty?: string }[];

/** Who they are here, by the id that they have in the pager. */
function personOf({ user }: PagerNews, people: People): string | undefined {
  return people.find(({ pagerduty }) => pagerduty !== undefined && pagerduty === user?.id)?.name;
}

function mailOf(news: PagerNews, people: People): IncidentMail | JsonObject | undefined {
  const { what, user, call, atMs } = news;
  const person = personOf(news, people);
  const by = person ?? (user === undefined ? 'PagerDuty' : `PagerDuty user ${plain(user.name, 40)}`);
  const when = atMs === undefined ? {} : { pagerMs: atMs };
  switch (what) {
    case 'triggered':
      return call === undefined ? undefined : callHeard(call);
    case 'acknowledged':
      return { kind: 'acknowledge', by, surface: 'pagerduty', person: person !== undefined, ...when };
    case 'unacknowledged': {
      const why = user === undefined ? 'the acknowledgement in PagerDuty ran out' : `${by} took the acknowledgement in PagerDuty back`;
      return { kind: 'unacknowledged', by: why, surface: 'pagerduty', ...when };
    }
    default:
      return { kind: 'note', by, surface: 'pagerduty', text: wordsOf(news) };
  }
}

function wordsOf({ what, text = '', whom = 'somebody', call }: PagerNews): string {
  const called = call === undefined || call.who.length === 0 ? '' : `: ${call.who.join(', ')}`;
  switch (what) {
    case 'annotated':
      return text;
    case 'resolved':
      return 'resolved it in PagerDuty; here it stays open while alerts fire or runs are open';
    case 'reopened':
      return 'opened it again in PagerDuty';
    case 'escalated':
      return `escalated it in PagerDuty${called}`;
    case 'reassigned':
      return `reassigned it in PagerDuty${called}`;
    case 'delegated':
      return `gave it to ${text === '' ? 'another escalation policy' : text} in PagerDuty${called}`;
    case 'prioritized':
      return text === '' ? 'took its priority in PagerDuty away' : `set its priority in PagerDuty to ${text}`;
    case 'asked':
      return `asked ${whom} for help in PagerDuty${text === '' ? '' : `: ${text}`}`;
    case 'replied':
      return `${text === 'declined' ? 'declined' : 'agreed'} to help in PagerDuty`;
    default:
      return `published in PagerDuty: ${text}`;
  }
}
