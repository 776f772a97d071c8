import { distance } from '../../model/when.ts';
import type { IncidentSummary, IncidentView, Told } from '../../port/view/incident.ts';
import type { LockList, PauseList } from '../../port/view/operation.ts';
import { short } from '../../port/view/run-words.ts';
import { code, mrkdwn } from '../text.ts';
import { runLine } from './run.ts';

/** What people are told about incidents, pauses and locks. The first line is the answer. */

const TIMELINE_LINES = 8;

/** `SEV1 open: daily backup failed on prod (70ee629d), ana leads, 12m ago`. */
export function incidentLine(incident: IncidentSummary, nowMs: number): string {
  const { id, title, state, severity, cluster, lead, openedAt } = incident;
  return `• ${severity} ${state}: *${mrkdwn(title, 200)}* on ${mrkdwn(cluster, 60)} (${code(short(id), 20)}), ${lead === undefined ? 'nobody leads' : `${mrkdwn(lead, 60)} leads`}, ${distance(openedAt, nowMs)}`;
}

export function incidentText(incident: IncidentView, nowMs: number): string {
  const { runs, timeline, people, closedBecause } = incident;
  const told = timeline.filter(({ text }) => text !== undefined && text !== '').slice(-TIMELINE_LINES);
  return [
    incidentLine(incident, nowMs).slice(2),
    ...(closedBecause === undefined ? [] : [`Closed: ${mrkdwn(closedBecause, 300)}`]),
    ...runs.slice(0, 5).map((run) => runLine(run, nowMs)),
    ...(people.length === 0
      ? []
      : [
          `Took part: ${people
            .slice(0, 12)
            .map((name) => mrkdwn(name, 60))
            .join(', ')}`,
        ]),
    ...(told.length === 0 ? [] : ['*Last*', ...told.map(({ text = '', at }) => `• ${distance(at, nowMs)}: ${mrkdwn(text, 200)}`)]),
  ].join('\n');
}

export function toldText({ incident, state, text }: Told): string {
  return `${mrkdwn(text, 300)} (incident ${code(short(incident), 20)}, ${state})`;
}

/** Every pause in force, below a first line. */
export function pausesText(first: string, { items }: PauseList, nowMs: number): string {
  const lines = items.map(({ cluster, playbook, by, reason, since, until }) => {
    const how = until === undefined ? 'until somebody resumes' : `ends ${distance(until, nowMs)}`;
    return `• ${mrkdwn(cluster, 60)}, ${playbook === undefined ? 'every playbook' : mrkdwn(playbook, 80)}: by ${mrkdwn(by, 60)} ${distance(since, nowMs)}, ${how}: ${mrkdwn(reason, 300)}`;
  });
  return [first, ...lines].join('\n');
}

/** The freezes in force, by hand and of the configuration. */
export function freezesText({ freezes = [] }: PauseList, nowMs: number): string {
  const lines = freezes.map(({ cluster, name, by, reason, since, until }) => {
    const who = by === undefined ? 'by the configuration' : `by ${mrkdwn(by, 60)}`;
    const why = reason === undefined ? '' : `: ${mrkdwn(reason, 300)}`;
    return `• ${mrkdwn(cluster, 60)}, ${code(name, 100)}: ${who} ${distance(since, nowMs)}, ends ${distance(until, nowMs)}${why}`;
  });
  return ['*Frozen*: nothing but an undo is written', ...lines].join('\n');
}

/** What people or the configuration stopped, the strongest first; empty: nothing is. */
export function stoppedTexts(list: PauseList, nowMs: number): readonly string[] {
  return [
    ...(list.items.length === 0 ? [] : [pausesText('*Paused*: nothing is written', list, nowMs)]),
    ...(list.freezes === undefined || list.freezes.length === 0 ? [] : [freezesText(list, nowMs)]),
  ];
}

export function locksText({ items }: LockList, nowMs: number): string {
  if (items.length === 0) return 'Nothing is locked.';
  const lines = items.slice(0, 20).map(({ key, run, since, waiting }) => {
    const who = waiting.length === 0 ? '' : `; ${waiting.length} wait`;
    return `• ${code(key, 200)} by run ${code(short(run), 20)}, ${distance(since, nowMs)}${who}`;
  });
  return [`${items.length === 1 ? 'One lock is' : `${items.length} locks are`} held`, ...lines].join('\n');
}
