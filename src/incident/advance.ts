import { noteWords } from '../approval/code.ts';
import { ladder, pagedBy } from '../escalate/ladder.ts';
import type { EntryDraft } from '../model/entry.ts';
import type { Incident } from '../model/incident.ts';
import { isList, type Json, textIn } from '../model/json.ts';
import type { Policy } from '../model/policy.ts';
import { renderAside, renderAsk, renderPage } from '../notify/render-page.ts';
import type { Page } from '../port/pager.ts';
import * as entries from './entries.ts';
import { close, hear, type News } from './hear.ts';

/** One turn of an incident: what it is now, what its timeline says, whom the pager is told about, and when to look again. */
export type Turn = {
  readonly incident: Incident;
  readonly entries: readonly EntryDraft[];
  readonly pages: readonly Page[];
  /** Episodes that rested long enough and still fire: somebody starts their runs. */
  readonly start: readonly string[];
  /** Absent: only mail moves it. */
  readonly dueMs?: number;
};

type About = { readonly nowMs: number; readonly policy: Pick<Policy, 'ladders' | 'severities' | 'pagerVotes'> & Partial<Pick<Policy, 'people'>> };

/**
 * An incident and its news become the next incident. Pure: storing and sending is the caller's.
 * It is open while a run is open, or something fires, or somebody was called and has not answered; mitigated when every run ended well
 * while something still fires; closed when nothing of that is left, or by a person.
 */
export function advance(before: Incident, news: readonly News[], { nowMs, policy }: About): Turn {
  const lines: EntryDraft[] = before.chain.n === 0 ? [entries.opened(before, before.openedMs)] : [];
  const pages: Page[] = [];
  let incident = before;
  for (const one of news) {
    const heard = hear(incident, one, policy);
    incident = heard.incident;
    lines.push(...heard.entries);
    pages.push(...asides(incident, one, policy));
    if (heard.answered !== undefined) {
      const [{ reason } = { reason: '' }] = heard.answered;
      pages.push(...targets(heard.answered, policy).map((target) => renderPage(incident, { action: 'acknowledge', target, reason })));
    }
  }

  const start = incident.state === 'closed' ? [] : incident.parked.filter(({ untilMs }) => untilMs <= nowMs).map(({ episode }) => episode);
  if (start.length > 0) incident = { ...incident, parked: incident.parked.filter(({ episode }) => !start.includes(episode)) };
  lines.push(...start.map((episode) => entries.unparked(episode, nowMs)));

  const begun = new Set(before.climbs.map(({ key }) => key));
  const called = callPeople(incident, begun, { nowMs, policy });
  incident = called.incident;
  lines.push(...called.entries);
  pages.push(...called.pages);

  const settled = settle(incident, { nowMs, began: before.chain.n > 0 || news.length > 0 });
  incident = settled.incident;
  lines.push(...settled.entries);
  if (incident.state === 'closed' && before.state !== 'closed') {
    const reason = incident.closedBecause ?? 'closed';
    const called = targets(incident.climbs, policy);
    pages.push(...called.map((target) => renderPage(incident, { action: 'resolve', target, reason })));
    if (called.length > 0) pages.push(renderAside(incident, { action: 'note', run: '', text: `Over: ${reason}`, atMs: nowMs, report: true }));
  }

  const dueMs = Math.min(called.nextMs, ...incident.parked.map(({ untilMs }) => untilMs));
  return { incident, entries: entries.together(lines), pages, start, ...(incident.state === 'closed' || dueMs === Infinity ? {} : { dueMs }) };
}

type Called = Pick<Turn, 'incident' | 'entries' | 'pages'> & { readonly nextMs: number };

/** Walks every ladder as far as its time has come. A ladder that is not there is said once, when its climb begins. */
function callPeople(incident: Incident, begun: ReadonlySet<string>, { nowMs, policy }: About): Called {
  const lines: EntryDraft[] = [];
  const pages: Page[] = [];
  let nextMs = Infinity;
  let paged = targets(incident.climbs, policy);
  const climbs = incident.climbs.map((climb) => {
    const ascent = ladder(climb, policy.ladders, nowMs);
    if (ascent.problem !== undefined && !begun.has(climb.key)) lines.push(entries.climbProblem(ascent.problem, nowMs));
    for (const { page } of ascent.page) {
      lines.push(entries.paged(page, climb, nowMs));
      pages.push(renderPage(incident, { action: 'trigger', target: page, reason: climb.reason, before: paged }));
      paged = [...paged.filter((one) => one !== page), page];
    }
    nextMs = Math.min(nextMs, ascent.nextMs ?? Infinity);
    return { ...climb, walked: ascent.walked };
  });
  return { incident: { ...incident, climbs }, entries: lines, pages, nextMs };
}

/** The state that the incident's runs, alerts and calls add up to. */
function settle(incident: Incident, { nowMs, began }: { readonly nowMs: number; readonly began: boolean }): Pick<Turn, 'incident' | 'entries'> {
  if (incident.state === 'closed') return { incident, entries: [] };
  const { firing, openRuns, runs, playbook } = incident;
  const unwell = incident.unwell ?? [];
  // A call that nobody answered keeps it open: an alert that resolves by itself says nothing about what failed. Without a playbook the alert is all there is.
  const isCalling = playbook !== undefined && incident.climbs.some((climb) => climb.stoppedMs === undefined);
  if (began && firing.length === 0 && openRuns.length === 0 && !isCalling) return close(incident, { because: wordsOf(incident) }, nowMs);
  const isMitigated = firing.length > 0 && openRuns.length === 0 && runs.length > 0 && unwell.length === 0 && !isCalling;
  if (isMitigated && incident.state === 'open')
    return { incident: { ...incident, state: 'mitigated', mitigatedMs: nowMs }, entries: [entries.mitigated(firing.length, nowMs)] };
  if (isMitigated || incident.state === 'open') return { incident, entries: [] };
  const { mitigatedMs: _mitigatedMs, ...rest } = incident;
  return { incident: { ...rest, state: 'open' }, entries: [entries.reopened(openRuns.length > 0 ? 'a run is open' : 'it is not over yet', nowMs)] };
}

function wordsOf({ runs, unwell = [] }: Incident): string {
  const quiet = 'Nothing fires any more';
  if (runs.length === 0) return `${quiet}; no run was needed`;
  if (unwell.length === 0) return `${quiet}; ${runs.length === 1 ? 'the run' : `all ${runs.length} runs`} ended well`;
  return `${quiet}; ${unwell.length} of ${runs.length} ${runs.length === 1 ? 'run' : 'runs'} did not end well`;
}

/** Lines of a run that PagerDuty is noted of, where it called somebody for the incident. */
const NOTED: readonly string[] = [
  'approval.vote',
  'approval.granted',
  'approval.glass-broken',
  'approval.withdrawn',
  'approval.held',
  'approval.released',
  'approval.rejected',
  'approval.expired',
  'run.ended',
];

/** What a run did is a change, and what became of it a note: neither wakes anybody. */
function asides(incident: Incident, { mail, atMs }: News, policy: About['policy']): readonly Page[] {
  if (mail.kind === 'note' && mail.reply !== undefined) return [renderAside(incident, { action: 'note', run: '', text: mail.reply, atMs })];
  if (mail.kind !== 'run') return [];
  const { run, text, type } = mail;
  if (type === 'step.done' || type === 'undo.done') return [renderAside(incident, { action: 'change', run, text, atMs })];
  const isCalled = targets(incident.climbs, policy).length > 0;
  if (type === 'approval.widened' && (isCalled || mail.facts['page'] !== undefined)) {
    const whom = whomToAsk(mail.facts['add'], policy);
    if (whom.length > 0) return [renderAsk(incident, { whom, run, text, atMs })];
  }
  if (!isCalled) return [];
  if (type === 'run.proposed' && mail.state === 'proposed' && policy.pagerVotes === true) {
    const how = noteWords(textIn(mail.facts['digest']), mail.facts['typed'] === true);
    return [renderAside(incident, { action: 'note', run, text: `${text}. ${how}`, atMs })];
  }
  return NOTED.includes(type) ? [renderAside(incident, { action: 'note', run, text, atMs })] : [];
}

/** Everybody of these teams whom the pager knows. */
function whomToAsk(add: Json | undefined, { people = [] }: About['policy']): readonly (readonly [name: string, id: string])[] {
  const teams = isList(add) ? add.map(textIn) : [];
  return people.flatMap(({ name, pagerduty, teams: own }) =>
    pagerduty !== undefined && own.some((team) => teams.includes(team)) ? [[name, pagerduty] as const] : [],
  );
}

/** Everybody whom these climbs paged, each once. */
function targets(climbs: Incident['climbs'], { ladders }: About['policy']): readonly string[] {
  return [...new Set(climbs.flatMap((climb) => pagedBy(climb, ladders)))];
}
