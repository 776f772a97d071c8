import { plain, plainLines } from '../domain/plain.ts';
import { counted } from '../model/counted.ts';
import { defined } from '../model/defined.ts';
import type { Entry } from '../model/entry.ts';
import { callWords, type Incident, type Proposal } from '../model/incident.ts';
import { isObject, type JsonObject, textIn } from '../model/json.ts';
import { formatTime } from '../model/time.ts';
import type { CardFacts, ChatMessage } from '../port/chat.ts';
import { renderApproval, textsIn } from './render-approval.ts';
import { cardKey, entryKey, fileKey } from './thread.ts';

/** A hand-over shows so many lines of what was seen; the report has all. */
const MOST_SEEN = 15;

/**
 * One line of an incident's timeline as a message of its thread. The line carries its own words in `text`; the first is the answer.
 * A proposal that asks people becomes an approval, with the digest that a yes is for; the end becomes the report's announcement.
 */
export function renderEntry(entry: Pick<Entry, 'n' | 'type' | 'data' | 'atMs'>, incident: Pick<Incident, 'id'>): ChatMessage {
  const message = { key: entryKey(incident.id, entry.n), thread: incident.id, atMs: entry.atMs };
  const [title = entry.type, ...lines] = plainLines(textIn(entry.data['text']));
  const facts = entry.data['facts'];
  if (entry.type === 'run.proposed' && entry.data['state'] === 'proposed' && isObject(facts)) return { ...message, kind: 'approval', ...renderApproval(entry) };
  if (entry.type === 'run.diagnosed' && isObject(facts) && facts['finding'] === 'hand-over')
    return { ...message, kind: 'timeline', aloud: true, ...handOverOf(facts) };
  const calls = REMINDERS.has(entry.type) && isObject(facts) ? textsIn(facts['of']) : [];
  const said = { title, lines, ...(isAloud(entry) ? { aloud: true } : {}), ...(calls.length === 0 ? {} : { calls }) };
  return { ...message, kind: entry.type === 'incident.closed' ? 'report' : 'timeline', ...said };
}

/** Lines of which everybody in the channel should know at once: something failed, nobody answers, a person has to do something, it is over or begins again. */
const ALOUD: ReadonlySet<string> = new Set([
  'incident.reopened',
  'incident.mitigated',
  'incident.severity',
  'approval.escalated',
  'approval.widened',
  'approval.kept',
  'approval.glass-broken',
  'wait.escalated',
  'ask.asked',
  'step.failed',
  'step.unknown',
  'run.unverified',
  'undo.failed',
  'undo.impossible',
  'writes.unknown',
  'escalation.problem',
  'page.nobody',
  'page.refused',
  'page.waits',
  'channel.lost',
]);
/** Lines that call those who can do what is waited for. */
const REMINDERS: ReadonlySet<string> = new Set(['approval.reminded', 'ask.reminded']);
const BAD_ENDS: ReadonlySet<string> = new Set(['failed', 'rolled-back', 'handed-over', 'expired']);

function isAloud({ type, data }: Pick<Entry, 'type' | 'data'>): boolean {
  const { facts } = data;
  if (!isObject(facts)) return ALOUD.has(type);
  if (type === 'run.ended') return BAD_ENDS.has(textIn(facts['end']));
  // What is looked at again by itself is no failure yet.
  return ALOUD.has(type) && facts['again'] !== true;
}

/** The message of a proposal with what was decided about it since: an edit of the one that was posted. */
export function renderProposal(entry: Pick<Entry, 'n' | 'data' | 'atMs'>, incident: Pick<Incident, 'id'>, proposal: Proposal): ChatMessage {
  return { key: entryKey(incident.id, entry.n), thread: incident.id, atMs: entry.atMs, kind: 'approval', ...renderApproval(entry, proposal) };
}

/** What a person takes over: the answer, what was seen, and what to look at, first things first. */
function handOverOf({ reason, evidence, hints }: JsonObject): Pick<ChatMessage, 'title' | 'lines'> {
  const seen = textsIn(evidence).filter((line) => line !== reason);
  const more = seen.length - MOST_SEEN;
  const lines = [
    ...seen.slice(0, MOST_SEEN),
    ...(more > 0 ? [`and ${counted(more, 'line')} more in the report`] : []),
    ...textsIn(hints).map((hint, index) => `${index + 1}. ${hint}`),
  ];
  return { title: plain(`A person has to take over: ${textIn(reason)}`, 500), lines: lines.map((line) => plain(line, 500)) };
}

/** The whole report behind the end of an incident, as a file. */
export function renderFile({ n, atMs }: Pick<Entry, 'n' | 'atMs'>, { id, title }: Pick<Incident, 'id' | 'title'>): ChatMessage {
  return { key: fileKey(id, n), thread: id, kind: 'file', title: plain(`Report: ${title}`, 200), lines: [], atMs };
}

/** The card of an incident, one message that is edited: how it stands, and what happened last. */
export function renderCard(incident: Incident, latest: readonly string[], updatedMs: number): ChatMessage {
  const { severity, state, cluster, firing, openRuns, runs, lead, communications, channel } = incident;
  const since = state === 'closed' ? incident.closedMs : state === 'mitigated' ? incident.mitigatedMs : undefined;
  const title = plain(incident.title, 200);
  const card: CardFacts = {
    severity,
    state,
    title,
    cluster,
    sinceMs: since ?? incident.openedMs,
    updatedMs,
    ...defined({ lead, communications, channel: channel?.state === 'open' ? channel.id : undefined }),
    firing: firing.length,
    openRuns: openRuns.length,
    runs: runs.length,
    notices: noticesOf(incident).map((line) => plain(line)),
    latest: latest.map((line) => plain(line)),
  };
  const lines = [
    `Cluster ${cluster}, ${state} since ${formatTime(card.sinceMs)}`,
    ...(incident.closedBecause === undefined ? [] : [incident.closedBecause]),
    `${counted(firing.length, 'alert')} firing, ${openRuns.length} of ${counted(runs.length, 'run')} open`,
    ...(lead === undefined ? [] : [`Lead: ${lead}`]),
    ...(communications === undefined ? [] : [`Communications: ${communications}`]),
    ...callsOf(incident),
    ...latest,
  ];
  return {
    key: cardKey(incident.id),
    thread: incident.id,
    kind: 'card',
    title: plain(`${severity} ${incident.title}: ${state}`, 250),
    lines: lines.map((line) => plain(line)),
    card,
  };
}

function noticesOf(incident: Incident): readonly string[] {
  return [...(incident.closedBecause === undefined ? [] : [incident.closedBecause]), ...callsOf(incident)];
}

function callsOf({ climbs }: Incident): readonly string[] {
  return climbs.filter((climb) => climb.stoppedMs === undefined).map(({ ladder, reason }) => `${callWords(ladder)}: ${reason}`);
}
