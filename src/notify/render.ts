import { plain, plainLines } from '../domain/plain.ts';
import { counted } from '../model/counted.ts';
import type { Entry } from '../model/entry.ts';
import type { Incident } from '../model/incident.ts';
import { isList, isObject, type Json, type JsonObject, textIn } from '../model/json.ts';
import { formatTime } from '../model/time.ts';
import type { ChatMessage } from '../port/chat.ts';
import { cardKey, entryKey } from './thread.ts';

/** A card shows so many steps of a plan; the rest is a number. */
const MOST_STEPS = 20;
/** And a hand-over so many lines of what was seen; the report has all. */
const MOST_SEEN = 15;

/**
 * One line of an incident's timeline as a message of its thread. The line carries its own words in `text`; the first is the answer.
 * A proposal that asks people becomes an approval, with the digest that a yes is for; the end becomes the report's announcement.
 */
export function renderEntry(entry: Pick<Entry, 'n' | 'type' | 'data' | 'atMs'>, incident: Pick<Incident, 'id'>): ChatMessage {
  const message = { key: entryKey(incident.id, entry.n), thread: incident.id };
  const [title = entry.type, ...lines] = plainLines(textIn(entry.data['text']));
  const facts = entry.data['facts'];
  if (entry.type === 'run.proposed' && entry.data['state'] === 'proposed' && isObject(facts))
    return { ...message, kind: 'approval', ...approvalOf(entry, facts) };
  if (entry.type === 'run.diagnosed' && isObject(facts) && facts['finding'] === 'hand-over') return { ...message, kind: 'timeline', ...handOverOf(facts) };
  return { ...message, kind: entry.type === 'incident.closed' ? 'report' : 'timeline', title, lines };
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

function textsIn(value: Json | undefined): readonly string[] {
  return isList(value) ? value.map(textIn) : [];
}

/** The card of an incident, one message that is edited: how it stands, and what happened last. */
export function renderCard(incident: Incident, latest: readonly string[]): ChatMessage {
  const { severity, state, title, cluster, firing, openRuns, runs, lead } = incident;
  const since = state === 'closed' ? incident.closedMs : state === 'mitigated' ? incident.mitigatedMs : undefined;
  const climbing = incident.climbs.filter((climb) => climb.stoppedMs === undefined);
  const lines = [
    `Cluster ${cluster}, ${state} since ${formatTime(since ?? incident.openedMs)}`,
    ...(incident.closedBecause === undefined ? [] : [incident.closedBecause]),
    `${counted(firing.length, 'alert')} firing, ${openRuns.length} of ${counted(runs.length, 'run')} open`,
    ...(lead === undefined ? [] : [`Lead: ${lead}`]),
    ...climbing.map(({ ladder, reason }) => `Calling people by ladder "${ladder}": ${reason}`),
    ...latest,
  ];
  return {
    key: cardKey(incident.id),
    thread: incident.id,
    kind: 'card',
    title: plain(`${severity} ${title}: ${state}`, 250),
    lines: lines.map((line) => plain(line)),
  };
}

/** What people decide about: each step with its number of changes and what it costs, who is asked until when, and how to say yes without Slack. */
function approvalOf(entry: Pick<Entry, 'data'>, facts: JsonObject): Pick<ChatMessage, 'title' | 'lines' | 'approval'> {
  const run = textIn(entry.data['run']);
  const plan = textIn(facts['digest']);
  const steps = isList(facts['steps']) ? facts['steps'].filter(isObject) : [];
  const changed = textsIn(facts['changed']);
  const expiresMs = facts['expiresMs'];
  const summary = steps.map((step) => textIn(step['summary'])).join('; ');
  const lines = [
    ...steps
      .slice(0, MOST_STEPS)
      .flatMap((step) => [
        `${textIn(step['step'])} on ${textIn(step['cluster'])}: ${textIn(step['summary'])} (${countOf(step['changes'], 'change')})`,
        ...textsIn(step['told']).map((text) => `- ${text}`),
      ]),
    ...(steps.length > MOST_STEPS ? [`and ${counted(steps.length - MOST_STEPS, 'step')} more`] : []),
    ...(changed.length === 0 ? [] : [`Changed since the last proposal: ${changed.join('; ')}`]),
    `Risk: ${textIn(facts['risk'])}; ${textIn(facts['asks'])}${typeof expiresMs === 'number' ? `; expires ${formatTime(expiresMs)}` : ''}`,
    `Approve: salvor approve ${shortRun(run)} --plan ${plan.slice(0, 8)}`,
  ];
  return { title: plain(`Approve ${plan.slice(0, 8)}? ${summary}`, 500), lines: lines.map((line) => plain(line)), approval: { run, plan } };
}

/** `run/3f9a01c2…-1` as a person types it. */
function shortRun(run: string): string {
  return run.replace(/^run\//, '');
}

function countOf(value: Json | undefined, what: string): string {
  return typeof value === 'number' ? counted(value, what) : textIn(value);
}
