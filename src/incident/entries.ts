import { plain, plainLines } from '../domain/plain.ts';
import { redactJson } from '../domain/redact.ts';
import { formatDuration } from '../model/duration.ts';
import { ENTRY_LIMIT_BYTES, type EntryDraft } from '../model/entry.ts';
import { type Climb, callWords, ONE_RUNG } from '../model/incident.ts';
import { type JsonObject, textIn } from '../model/json.ts';
import type { ChannelMail, IncidentMail, PagerMail } from '../model/mail.ts';
import type { Severity } from '../model/policy.ts';
import { formatTime } from '../model/time.ts';

/**
 * The lines of an incident's timeline, as data: a fixed type, the facts, and in `text` the words for people. Everything that people see is one of these
 * first; cards, threads, pages and reports are made of them. Lines of runs keep the type that they have in the run's own journal.
 */
export type RunMail = Extract<IncidentMail, { kind: 'run' }>;
export type AlertMail = Extract<IncidentMail, { kind: 'alert' }>;

function draft(type: string, atMs: number, { text, ...facts }: JsonObject & { readonly text: string }): EntryDraft {
  return { type, atMs, data: { text: plain(text), ...facts } };
}

export const opened = (of: { readonly title: string; readonly severity: Severity }, atMs: number): EntryDraft =>
  draft('incident.opened', atMs, { text: `${of.severity} ${of.title}`, severity: of.severity });

export const reopened = (why: string, atMs: number): EntryDraft => draft('incident.reopened', atMs, { text: `Open again: ${why}` });

export const mitigated = (firing: number, atMs: number): EntryDraft =>
  draft('incident.mitigated', atMs, { text: `Mitigated: every run ended well; ${firing === 1 ? 'one alert still fires' : `${firing} alerts still fire`}` });

export const closed = (because: string, atMs: number, by?: string): EntryDraft =>
  draft('incident.closed', atMs, { text: because, ...(by === undefined ? {} : { by }) });

export const alertJoined = ({ name, summary, episode }: AlertMail, atMs: number): EntryDraft =>
  draft('alert.joined', atMs, { text: `${name} fires: ${summary}`, name: plain(name), summary: plain(summary), episode });

export const alertEnded = ({ name, summary, episode }: AlertMail, atMs: number): EntryDraft =>
  draft('alert.resolved', atMs, { text: `${name} no longer fires: ${summary}`, name: plain(name), summary: plain(summary), episode });

/** As many alerts that come at once are a line each; more of them are one line together, and one message. */
const MOST_APART = 3;
/** Episodes that a common line names; all have their own record. */
const MOST_EPISODES = 100;

/** The lines of one turn for people: a storm of alerts is one line that counts them by name. */
export function together(lines: readonly EntryDraft[]): readonly EntryDraft[] {
  return (['alert.joined', 'alert.resolved'] as const).reduce<readonly EntryDraft[]>((left, type) => {
    const alerts = left.filter((line) => line.type === type);
    const [first] = alerts;
    if (first === undefined || alerts.length <= MOST_APART) return left;
    const common = oneLine(type, first.atMs, alerts);
    return left.flatMap((line) => (line === first ? [common] : line.type === type ? [] : [line]));
  }, lines);
}

function oneLine(type: 'alert.joined' | 'alert.resolved', atMs: number, alerts: readonly EntryDraft[]): EntryDraft {
  const names = [...Map.groupBy(alerts, ({ data }) => textIn(data['name']))].toSorted(([, a], [, b]) => b.length - a.length);
  const episodes = alerts.slice(0, MOST_EPISODES).map(({ data }) => textIn(data['episode']));
  const what = names.map(([name, all]) => `${all.length} ${name}`).join(', ');
  const text = `${alerts.length} alerts ${type === 'alert.joined' ? 'fire' : 'no longer fire'}: ${what}; first: ${textIn(alerts[0]?.data['summary'])}`;
  return draft(type, atMs, { text, alerts: alerts.length, episodes });
}

export const parked = (episode: string, untilMs: number, atMs: number): EntryDraft =>
  draft('alert.parked', atMs, { text: `It fires again so soon that it rests; looked at again at ${formatTime(untilMs)}`, episode, untilMs });

export const unparked = (episode: string, atMs: number): EntryDraft =>
  draft('alert.unparked', atMs, { text: 'It still fires after its rest: a run starts', episode });

/** A person's own lines are kept. */
export function noted({ by, surface, text }: Extract<IncidentMail, { kind: 'note' }>, atMs: number): EntryDraft {
  const [first = '', ...more] = plainLines(text);
  return { type: 'note', atMs, data: { text: [`${plain(by, 100)}: ${first}`, ...more].join('\n'), by, surface } };
}

export const severityChanged = (of: { readonly from: Severity; readonly to: Severity; readonly why: string }, atMs: number): EntryDraft =>
  draft('incident.severity', atMs, { text: `${of.from} becomes ${of.to}: ${of.why}`, from: of.from, to: of.to });

export const leadChanged = ({ from, to, by }: { readonly from: string | undefined; readonly to: string; readonly by: string }, atMs: number): EntryDraft =>
  draft('incident.lead', atMs, {
    text: `${to} leads${from === undefined ? '' : `, after ${from}`}${by === to ? '' : `: set by ${by}`}`,
    to,
    by,
    ...(from === undefined ? {} : { from }),
  });

export const communicationsChanged = (of: { readonly from: string | undefined; readonly to: string; readonly by: string }, atMs: number): EntryDraft =>
  draft('incident.communications', atMs, {
    text: `${of.to} speaks for it to others${of.from === undefined ? '' : `, after ${of.from}`}${of.by === of.to ? '' : `: set by ${of.by}`}`,
    to: of.to,
    by: of.by,
    ...(of.from === undefined ? {} : { from: of.from }),
  });

/** A person's own lines are kept. */
export function updated({ by, surface, text }: Extract<IncidentMail, { kind: 'update' }>, atMs: number): EntryDraft {
  const [first = '', ...more] = plainLines(text);
  return { type: 'incident.update', atMs, data: { text: [`${plain(by, 100)} to others: ${first}`, ...more].join('\n'), by, surface } };
}

export const climbStarted = ({ key, ladder, reason }: Climb, atMs: number): EntryDraft =>
  draft('escalation.started', atMs, { text: `${callWords(ladder)}: ${reason}`, key, ladder });

export const climbProblem = (problem: string, atMs: number): EntryDraft => draft('escalation.problem', atMs, { text: `Calling people: ${problem}` });

export const paged = (target: string, { key, reason }: Climb, atMs: number): EntryDraft =>
  draft('escalation.paged', atMs, { text: `paged ${target}: ${reason}`, key, target });

export const climbStopped = ({ key, ladder }: Climb, why: string, atMs: number): EntryDraft =>
  draft('escalation.stopped', atMs, {
    text: `${ladder.startsWith(ONE_RUNG) ? `${ladder.slice(ONE_RUNG.length)} is called no more` : `Nobody more is called by ladder "${ladder}"`}: ${why}`,
    key,
  });

export const unanswered = (by: string, atMs: number): EntryDraft => draft('escalation.resumed', atMs, { text: `People are called again: ${by}`, by });

/** What became of a page. Facts beside the words: whom it was for, and what became of it. */
export const pageTold = (mail: PagerMail, atMs: number): EntryDraft =>
  draft(`page.${mail.what}`, atMs, { text: pageWords(mail), target: mail.target, ...(mail.number === undefined ? {} : { number: mail.number }) });

/** A page that called nobody, and who is paged in its place. */
export function pageFailed({ what, target, withinMs = 0, reason = '' }: PagerMail, next: readonly string[], atMs: number): EntryDraft {
  const why =
    what === 'refused'
      ? `PagerDuty does not take the page for ${target} (${reason})`
      : `PagerDuty took the page for ${target} and made no incident within ${formatDuration(withinMs)}`;
  const then = next.length === 0 ? `nobody is left above on the ladder. Call by hand: ${target}` : `paging ${next.join(', ')}`;
  return draft(`page.${what}`, atMs, { text: `${why}: ${then}`, target, next: [...next] });
}

function pageWords({ what, target, who = [], onCallMs, number, sinceMs = 0, reason = '' }: PagerMail): string {
  const people = who.join(', ');
  const incident = number === undefined ? 'its incident' : `incident #${number}`;
  switch (what) {
    case 'waits': {
      const known = people === '' || onCallMs === undefined ? target : `${people} (on call for ${target} at ${formatTime(onCallMs)})`;
      return `PagerDuty takes no pages since ${formatTime(sinceMs)} (${reason}): the page for ${target} waits. Call by hand: ${known}`;
    }
    case 'called':
      return `PagerDuty calls ${people === '' ? 'its people' : people} for ${target}: ${incident}`;
    case 'escalated':
      return `PagerDuty calls ${people === '' ? 'the next people' : people} for ${target}: ${incident} is escalated`;
    case 'joined':
      return `PagerDuty called nobody for ${target}: the page joined ${incident}, which was open. Give ${target} an integration of its own`;
    case 'unsure':
      return `PagerDuty took the page for ${target}; whether it calls anybody could not be asked: ${reason}`;
    case 'asked':
      return `PagerDuty asks ${people} to help with ${target}`;
    case 'not-asked':
      return `PagerDuty asked nobody to help with ${target} (${reason}). Call by hand: ${people}`;
    default:
      return `PagerDuty took the page for ${target}`;
  }
}

/** What became of the incident's own channel. `name` is what people call it. */
export function channelTold({ what, reason = '' }: ChannelMail, name: string, atMs: number): EntryDraft {
  return draft(`channel.${what}`, atMs, { text: channelWords(what, name, reason), name });
}

function channelWords(what: ChannelMail['what'], name: string, reason: string): string {
  switch (what) {
    case 'opened':
      return `#${name} is the channel of this incident`;
    case 'none':
      return `There is no channel of its own (${reason}): this thread is the place`;
    case 'lost':
      return `Nothing more is said in #${name}: ${reason}. The thread here is the place, and decisions are taken here`;
    case 'left-out':
      return `#${name}: ${reason}`;
    case 'archived':
      return `#${name} was quiet for long and is archived`;
  }
}

/** A line of a run's journal. Its facts are kept as the run gave them, but for secrets; where they are too large only the words are. */
export function runTold({ run, n, type, text, state, facts }: RunMail, atMs: number): EntryDraft {
  const words = draft(type, atMs, { text, run, n, state });
  const full = { ...words.data, facts: redactJson(facts) };
  return Buffer.byteLength(JSON.stringify(full)) > ENTRY_LIMIT_BYTES ? words : { ...words, data: full };
}
