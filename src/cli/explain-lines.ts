import { z } from 'zod';
import { formatTime } from '../model/time.ts';
import { GateExplained, type PlaybookExplained, StageExplained } from '../port/view/explain.ts';
import { AnyJson, AnyObject, listOf } from '../port/view/shape.ts';
import { countOf, type Io, paint, printLine } from './print.ts';
import { type Fact, factLine, stageFacts } from './who-lines.ts';

const Change = z.object({ verb: z.string(), object: z.string(), field: z.string().optional(), from: AnyJson.optional(), to: AnyJson.optional() });

const Planned = z.object({ finding: z.string(), reason: z.string(), evidence: listOf(z.string()).default([]), changes: listOf(Change).default([]) });

const Alert = z.object({
  alert: z.string(),
  cluster: z.string(),
  status: z.string(),
  labels: listOf(z.tuple([z.string(), z.string()])),
  answer: z.string(),
  why: z.string(),
  playbook: z.string().optional(),
  target: AnyJson.optional(),
  params: AnyObject.optional(),
  others: listOf(z.object({ playbook: z.string(), why: z.string() })),
  gates: listOf(GateExplained).optional(),
  approvals: listOf(StageExplained).optional(),
  dryRun: Planned.optional(),
});

/** What `salvor explain` prints, as the API and the offline way answer it. */
export const Explanation = z.object({
  at: z.string(),
  alerts: listOf(Alert),
  quarantined: listOf(z.object({ reason: z.string(), excerpt: z.string() })),
  truncated: z.number().optional(),
});
export type Explanation = z.infer<typeof Explanation>;
type Alert = z.infer<typeof Alert>;

/** Per alert: the playbook chosen, why not the others, gates, who approves, what would be sent. */
export function printExplanation(io: Io, { at, alerts, quarantined, truncated = 0 }: Explanation): void {
  const runs = alerts.filter(({ answer }) => answer === 'run').length;
  const rest = quarantined.length === 0 ? '' : `, ${quarantined.length} quarantined`;
  printLine(io, paint(io, 'bold', `${countOf(alerts.length, 'alert')}: ${runs} would start or join a run${rest} (as if it came at ${at}; nothing is stored)`));
  for (const alert of alerts) printAlert(io, alert);
  for (const { reason, excerpt } of quarantined) printLine(io, `\n${paint(io, 'red', `Quarantined: ${reason}`)}\n  ${excerpt}`);
  if (truncated > 0) printLine(io, `\n${countOf(truncated, 'alert')} more are not in this body: Alertmanager cut it (max_alerts).`);
}

function printAlert(io: Io, alert: Alert): void {
  const { labels, why, others, gates = [], approvals = [], dryRun } = alert;
  printLine(io, `\n${paint(io, 'bold', `${alert.alert} (${alert.status}) on ${alert.cluster}: ${answerWords(alert)}`)}`);
  const fact = (...of: Fact): void => printLine(io, factLine(of));
  fact('labels', labels.map(([name, value]) => `${name}="${value}"`).join(' '));
  fact('because', why);
  const given = Object.entries(alert.params ?? {}).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (given.length > 0) fact('with', given.join(' '));
  if (alert.answer === 'run') fact('gates', gateWords(gates));
  for (const stage of approvals) for (const one of stageFacts(stage)) fact(...one);
  if (dryRun !== undefined) {
    fact('finds', `${dryRun.finding}: ${dryRun.reason}`);
    for (const evidence of dryRun.evidence) fact('', evidence);
    for (const change of dryRun.changes) fact('sends', changeWords(change));
    if (dryRun.changes.length === 0) fact('sends', 'nothing yet');
  } else if (alert.answer === 'run') fact('sends', 'not known here: no cluster was asked (a server that is named by --url asks them)');
  for (const other of others) fact('not', `${other.playbook}: ${other.why}`);
}

/** `playbook on cluster`: gates as they stand, and who would approve each stage. */
export function printPlaybookExplained(io: Io, { playbook, cluster, gates, stages }: PlaybookExplained): void {
  const asking = stages.filter(({ people = [], waits }) => waits === undefined && people.length > 0);
  const answer = asking.length === 0 ? 'asks nobody' : `asks people ${TIMES[asking.length] ?? `${asking.length} times`}`;
  const held = gates.length === 0 ? '' : ', and is held now';
  printLine(io, paint(io, 'bold', `${playbook} on ${cluster} ${answer}${held} (${countOf(stages.length, 'stage')}; nothing is stored)`));
  for (const fact of [['gates', gateWords(gates)] as const, ...stages.flatMap(stageFacts)]) printLine(io, factLine(fact));
}

const TIMES: { readonly [count: number]: string } = { 1: 'once', 2: 'twice' };

function gateWords(gates: PlaybookExplained['gates']): string {
  if (gates.length === 0) return 'open';
  return gates
    .map(({ gate, reason, until }) => {
      const at = until === undefined ? '' : formatTime(Date.parse(until));
      // Some reasons say already until when.
      return `held by ${gate}: ${reason}${reason.includes(at) ? '' : `, until ${at}`}`;
    })
    .join('; ');
}

function answerWords({ answer, playbook = '', target }: Alert): string {
  switch (answer) {
    case 'run':
      return `${playbook}${target === undefined ? ', for each target that it finds' : ` on ${typeof target === 'string' ? target : JSON.stringify(target)}`}`;
    case 'hand-over':
      return `handed over to a person (${playbook})`;
    case 'heartbeat':
      return 'the heartbeat';
    case 'page':
      return 'no playbook answers it; somebody is paged';
    case 'incident':
      return 'no playbook answers it; an incident is opened';
    case 'count':
      return 'no playbook answers it; it is counted';
    default:
      return answer;
  }
}

function changeWords({ verb, object, field, from, to }: z.infer<typeof Change>): string {
  const values = from === undefined && to === undefined ? '' : `: ${from === undefined ? '' : `${JSON.stringify(from)} -> `}${JSON.stringify(to ?? null)}`;
  return `${verb} ${object}${field === undefined ? '' : ` ${field}`}${values}`;
}
