import { plain, plainLines } from '../domain/plain.ts';
import { goesOn } from '../escalate/ladder.ts';
import { severityOf } from '../ingest/incident.ts';
import type { EntryDraft } from '../model/entry.ts';
import type { Climb, Incident } from '../model/incident.ts';
import type { IncidentMail } from '../model/mail.ts';
import type { Policy, Severity } from '../model/policy.ts';
import { OPEN_STATES } from '../model/run.ts';
import * as entries from './entries.ts';
import { channelTells } from './hear-channel.ts';
import { pagerTells } from './hear-pager.ts';

/** One piece of news for an incident, with the time at which it was committed. */
export type News = { readonly mail: IncidentMail; readonly atMs: number };

/** What an incident is after a piece of news, and the lines that say so. */
export type Heard = {
  readonly incident: Incident;
  readonly entries: readonly EntryDraft[];
  /** A person answered for these causes: the pager is told. */
  readonly answered?: readonly Climb[];
};

/** Ends after which nothing is left to do for the run's target. */
const WELL: readonly string[] = ['done', 'recovered', 'superseded'];

/** The pager's clock may be behind ours by that much. */
const SKEW_MS = 60_000;
const MOST_RUNS = 1000;
const MOST_CLIMBS = 100;

/** Takes one piece of news. What is known already changes nothing and says nothing; what is new behind a close opens the incident again. */
export function hear(incident: Incident, { mail, atMs }: News, policy: Pick<Policy, 'severities' | 'ladders'>): Heard {
  switch (mail.kind) {
    case 'alert':
      return mail.status === 'firing' ? alertFires(incident, mail, { atMs, policy }) : alertEnds(incident, mail, atMs);
    case 'run':
      return runTells(incident, mail, atMs);
    case 'note':
      return { incident, entries: [entries.noted(mail, atMs)] };
    case 'severity':
      return severityIs(incident, { to: mail.severity, why: `set by ${mail.by}` }, atMs);
    case 'lead':
      return leadIs(incident, mail, atMs);
    case 'communications':
      return communicationsAre(incident, mail, atMs);
    case 'update': {
      const { by, text } = mail;
      const update = { by, text: plainLines(text).join('\n'), atMs };
      return { incident: { ...incident, update }, entries: [entries.updated(mail, atMs)] };
    }
    case 'acknowledge':
      return isStale(incident, mail) ? { incident, entries: [] } : acknowledge(asOf(incident, mail), mail, atMs);
    case 'close':
      return close(incident, { because: `Closed by ${mail.by}: ${mail.reason}`, by: mail.by }, atMs);
    case 'escalate':
      return climb(incident, mail, atMs);
    case 'calm':
      return calm(incident, mail, atMs);
    case 'park':
      return park(incident, mail, atMs);
    case 'pager':
      return pagerTells(incident, mail, { atMs, ladders: policy.ladders });
    case 'channel':
      return channelTells(incident, mail, atMs);
    case 'unacknowledged':
      return isStale(incident, mail) ? { incident, entries: [] } : unanswered(asOf(incident, mail), mail, { atMs, ladders: policy.ladders });
  }
}

type AlertMail = Extract<IncidentMail, { kind: 'alert' }>;

function alertFires(incident: Incident, mail: AlertMail, { atMs, policy }: { readonly atMs: number; readonly policy: Pick<Policy, 'severities'> }): Heard {
  if (incident.firing.includes(mail.episode)) return { incident, entries: [] };
  const open = reopen(incident, `${mail.name} fires`, atMs);
  const joined: Heard = {
    incident: { ...open.incident, firing: [...open.incident.firing, mail.episode] },
    entries: [...open.entries, entries.alertJoined(mail, atMs)],
  };
  if (mail.severity === undefined) return joined;
  const said = severityOf(mail.severity, policy.severities);
  // By itself the severity only rises: SEV1 sorts before SEV2.
  if (said >= joined.incident.severity) return joined;
  const raised = severityIs(joined.incident, { to: said, why: `${mail.name} is ${mail.severity}` }, atMs);
  return { ...raised, entries: [...joined.entries, ...raised.entries] };
}

function alertEnds(incident: Incident, mail: AlertMail, atMs: number): Heard {
  if (!incident.firing.includes(mail.episode)) return { incident, entries: [] };
  const firing = incident.firing.filter((episode) => episode !== mail.episode);
  const parked = incident.parked.filter(({ episode }) => episode !== mail.episode);
  return { incident: { ...incident, firing, parked }, entries: [entries.alertEnded(mail, atMs)] };
}

function runTells(incident: Incident, mail: Extract<IncidentMail, { kind: 'run' }>, atMs: number): Heard {
  const { run, state } = mail;
  const isOpen = OPEN_STATES.some((open) => open === state);
  // Nearly all that tell are open, and who tells first is found first.
  const isNew = !incident.openRuns.includes(run) && !incident.runs.includes(run);
  const open = isNew && isOpen ? reopen(incident, `${run} starts`, atMs) : { incident, entries: [] };
  const { openRuns, unwell = [] } = open.incident;
  const others = without(unwell, run);
  const next: Incident = {
    ...open.incident,
    runs: isNew ? [...open.incident.runs, run].slice(-MOST_RUNS) : open.incident.runs,
    openRuns: isOpen ? together(openRuns, run) : without(openRuns, run),
    unwell: isOpen || WELL.includes(state) ? others : [...others, run].slice(-MOST_RUNS),
  };
  return { incident: next, entries: [...open.entries, entries.runTold(mail, atMs)] };
}

/** The same list where nothing changes: of thousands of runs in one incident each tells many times. */
function without(list: readonly string[], one: string): readonly string[] {
  return list.includes(one) ? list.filter((other) => other !== one) : list;
}

function together(list: readonly string[], one: string): readonly string[] {
  return list.includes(one) ? list : [...list, one];
}

function severityIs(incident: Incident, { to, why }: { readonly to: Severity; readonly why: string }, atMs: number): Heard {
  if (to === incident.severity) return { incident, entries: [] };
  return { incident: { ...incident, severity: to }, entries: [entries.severityChanged({ from: incident.severity, to, why }, atMs)] };
}

/** One leads at a time: who hands over and who takes over is the same piece of news. Who takes it has answered; who was named by another may be asleep. */
function leadIs(incident: Incident, { lead, by }: Extract<IncidentMail, { kind: 'lead' }>, atMs: number): Heard {
  const led = ledBy(incident, { lead, by }, atMs);
  return lead === by ? answeredBy(led, by, { atMs, calledMs: atMs }) : led;
}

function communicationsAre(incident: Incident, { person, by }: Extract<IncidentMail, { kind: 'communications' }>, atMs: number): Heard {
  const { communications: from } = incident;
  if (person === from) return { incident, entries: [] };
  return { incident: { ...incident, communications: person }, entries: [entries.communicationsChanged({ from, to: person, by }, atMs)] };
}

type InPager = { readonly pagerMs?: number };

/** News of the pager about an acknowledgement, older than what is known of it already. */
function isStale({ pagerMs }: Incident, news: InPager): boolean {
  return news.pagerMs !== undefined && pagerMs !== undefined && news.pagerMs < pagerMs;
}

function asOf(incident: Incident, { pagerMs }: InPager): Incident {
  return pagerMs === undefined ? incident : { ...incident, pagerMs };
}

/** Somebody has it. Where nobody leads yet, they do. */
function acknowledge(incident: Incident, { by, person, pagerMs }: Extract<IncidentMail, { kind: 'acknowledge' }>, atMs: number): Heard {
  const heard = person && incident.lead === undefined ? ledBy(incident, { lead: by, by }, atMs) : { incident, entries: [] };
  return answeredBy(heard, by, { atMs, calledMs: (pagerMs ?? atMs) + SKEW_MS });
}

function ledBy(incident: Incident, { lead, by }: { readonly lead: string; readonly by: string }, atMs: number): Heard {
  if (lead === incident.lead) return { incident, entries: [] };
  return { incident: { ...incident, lead }, entries: [entries.leadChanged({ from: incident.lead, to: lead, by }, atMs)] };
}

/** Every ladder that was being climbed by then stops: its people were called for this, and one of them came. */
function answeredBy({ incident, entries: said }: Heard, by: string, { atMs, calledMs }: { readonly atMs: number; readonly calledMs: number }): Heard {
  const climbing = incident.climbs.filter((one) => one.stoppedMs === undefined && one.sinceMs <= calledMs);
  if (climbing.length === 0) return { incident, entries: said };
  const climbs = incident.climbs.map((one) => (climbing.includes(one) ? { ...one, stoppedMs: atMs, answered: true } : one));
  const stopped = climbing.map((one) => entries.climbStopped(one, `${by} answered`, atMs));
  return { incident: { ...incident, climbs }, entries: [...said, ...stopped], answered: climbing };
}

/** An answer that does not hold: whoever was called for a cause that is still there is called again. */
function unanswered(
  incident: Incident,
  { by }: { readonly by: string },
  { atMs, ladders }: { readonly atMs: number; readonly ladders: Policy['ladders'] },
): Heard {
  if (incident.state === 'closed' || !incident.climbs.some(({ answered }) => answered === true)) return { incident, entries: [] };
  const climbs = incident.climbs.map((one) => (one.answered === true ? goesOn(one, ladders, atMs) : one));
  return { incident: { ...incident, climbs }, entries: [entries.unanswered(by, atMs)] };
}

/** Ends an incident: nobody more is called. Runs that are still open go on, and tell here how they end. */
export function close(incident: Incident, { because, by }: { readonly because: string; readonly by?: string }, atMs: number): Heard {
  if (incident.state === 'closed') return { incident, entries: [] };
  const left = incident.openRuns.length;
  const words = left === 0 ? because : `${because} (${left === 1 ? 'one run goes' : `${left} runs go`} on)`;
  const climbs = incident.climbs.map(({ answered: _answered, ...one }) => (one.stoppedMs === undefined ? { ...one, stoppedMs: atMs } : one));
  return { incident: { ...incident, state: 'closed', closedMs: atMs, closedBecause: words, climbs, parked: [] }, entries: [entries.closed(words, atMs, by)] };
}

function reopen(incident: Incident, why: string, atMs: number): Heard {
  if (incident.state !== 'closed') return { incident, entries: [] };
  const { closedMs: _closedMs, closedBecause: _because, mitigatedMs: _mitigatedMs, ...rest } = incident;
  return { incident: { ...rest, state: 'open' }, entries: [entries.reopened(why, atMs)] };
}

/** The same cause calls people once, answered or not. */
function climb(incident: Incident, { key, ladder, reason }: Extract<IncidentMail, { kind: 'escalate' }>, atMs: number): Heard {
  if (incident.climbs.some((one) => one.key === key)) return { incident, entries: [] };
  const open = reopen(incident, reason, atMs);
  const begun: Climb = { key, ladder, reason: plain(reason), sinceMs: atMs, walked: 0 };
  const kept = open.incident.climbs.filter((one, index, all) => one.stoppedMs === undefined || index >= all.length - MOST_CLIMBS);
  return { incident: { ...open.incident, climbs: [...kept, begun] }, entries: [...open.entries, entries.climbStarted(begun, atMs)] };
}

function calm(incident: Incident, { key, by }: Extract<IncidentMail, { kind: 'calm' }>, atMs: number): Heard {
  // The key of a proposal stands for all that was called for it.
  const isMeant = (one: Climb): boolean => one.key === key || one.key.startsWith(`${key}/`);
  const climbing = incident.climbs.filter((one) => isMeant(one) && one.stoppedMs === undefined);
  if (climbing.length === 0) return { incident: by === undefined ? forgotten(incident, key) : incident, entries: [] };
  const climbs = incident.climbs.map((one) => (climbing.includes(one) ? { ...one, stoppedMs: atMs } : one));
  const why = by === undefined ? 'its cause is gone' : `${by} answered`;
  const heard = { incident: { ...incident, climbs }, entries: climbing.map((one) => entries.climbStopped(one, why, atMs)) };
  return by === undefined ? heard : { ...heard, answered: climbing };
}

/** A cause that is gone calls nobody again, whatever becomes of the answer to it. */
function forgotten(incident: Incident, key: string): Incident {
  if (!incident.climbs.some((one) => one.key === key && one.answered === true)) return incident;
  return { ...incident, climbs: incident.climbs.map(({ answered, ...one }) => (one.key === key || answered === undefined ? one : { ...one, answered })) };
}

function park(incident: Incident, { episode, untilMs }: Extract<IncidentMail, { kind: 'park' }>, atMs: number): Heard {
  if (incident.state === 'closed' || !incident.firing.includes(episode)) return { incident, entries: [] };
  const others = incident.parked.filter((one) => one.episode !== episode);
  return { incident: { ...incident, parked: [...others, { episode, untilMs }] }, entries: [entries.parked(episode, untilMs, atMs)] };
}
