import type { Catalog } from '../action/catalog.ts';
import { stepsRisk } from '../action/declared-risk.ts';
import { formatDuration } from '../model/duration.ts';
import { isAwait, isReference, isSteps, type Need, type Param, type Playbook, type Stage, type StepsStage, type When } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import { highestRisk, type Risk } from '../model/risk.ts';

/** A playbook in the words of people: for the command line and the generated pages. */

/** The highest risk that the actions of a playbook declare. */
export function riskOf(playbook: Playbook, catalog: Catalog): Risk {
  return highestRisk(playbook.stages.flatMap((stage) => (isSteps(stage) ? [stepsRisk(catalog, stage.steps)] : [])));
}

/** What starts it: `alert`, `command node drain`, `0 3 1 * * UTC`. */
export function startsBy(playbook: Playbook): readonly string[] {
  const { match, command, schedule } = playbook;
  const starts: string[] = match.length > 0 ? ['alert'] : [];
  if (command !== undefined) starts.push(`command ${command}`);
  if (schedule !== undefined) starts.push(`${schedule.cron} ${schedule.timeZone}`);
  return starts;
}

/** `node, from alert.labels.node`, `number, default 3`, `one of daily, hourly, optional`. */
export function paramWords(param: Param): string {
  const parts = [param.type === 'choice' ? `one of ${(param.choose ?? []).join(', ')}` : param.type];
  if (param.from !== undefined) parts.push(`from ${param.from}`);
  if (param.default !== undefined) parts.push(`default ${JSON.stringify(param.default)}`);
  if (param.optional) parts.push('optional');
  return parts.join(', ');
}

/** The lines of one stage: what happens, who is asked, and what follows when it does not work. */
export function stageLines(stage: Stage, { catalog, policy }: { readonly catalog: Catalog; readonly policy?: Policy | undefined }): readonly string[] {
  const when = stage.when === undefined ? [] : [`only when ${whenWords(stage.when)}`];
  if (isAwait(stage)) {
    const { action, within, otherwise } = stage.await;
    return [...when, `waits up to ${formatDuration(within)} until ${action}: ${summaryOf(action, catalog)}`, `otherwise: ${otherwise}`];
  }
  if (!isSteps(stage)) {
    const { role, text, within, otherwise } = stage.ask;
    return [...when, `asks the ${role}, for up to ${formatDuration(within)}: ${text}`, `otherwise: ${otherwise}`];
  }
  const risk = stepsRisk(catalog, stage.steps);
  const steps = stage.steps.map(({ action, with: given }, index) => `${index + 1}. ${action}: ${summaryOf(action, catalog)}${withWords(given)}`);
  const checks = stage.verify.map(({ action }) => `then ${action}: ${summaryOf(action, catalog)}`);
  return [
    ...when,
    ...steps,
    ...checks,
    `${risk}: ${approvalWords({ stage, risk, policy })}`,
    `if it fails: ${stage.onFailure}; rejected: ${stage.onReject}; nobody answers: ${stage.onExpire}`,
  ];
}

function summaryOf(action: string, catalog: Catalog): string {
  return catalog.get(action)?.summary ?? 'not in the catalog';
}

function withWords(given: Playbook['diagnose'][number]['with']): string {
  const words = Object.entries(given).map(([name, value]) => `${name} = ${isReference(value) ? value.from : JSON.stringify(value)}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

const COMPARED = [
  ['is', 'is'],
  ['not', 'is not'],
  ['over', 'is over'],
  ['under', 'is under'],
  ['in', 'is in'],
] as const;

function whenWords(when: When): string {
  if (when.present !== undefined) return `${when.from} is ${when.present ? 'there' : 'absent'}`;
  const [field, words] = COMPARED.find(([name]) => when[name] !== undefined) ?? ['is', 'is'];
  return `${when.from} ${words} ${JSON.stringify(when[field])}`;
}

type Asked = { readonly stage: StepsStage; readonly risk: Risk; readonly policy: Policy | undefined };

/** Who is asked by the operator's policy and the stage's own wish; without a configuration: the defaults. */
function approvalWords({ stage, risk, policy }: Asked): string {
  if (risk === 'read') return 'asks nobody';
  const limits = stage.steps.map(({ action }) => policy?.approvals.auto.find((rule) => rule.action === action)?.limit);
  if (policy !== undefined && stage.approval === undefined && limits.every((limit) => limit !== undefined)) {
    return `automatic, at most ${limits.map(({ count, perMs }) => `${count} in ${formatDuration(perMs)}`).join(' and ')}`;
  }
  const rule = policy?.approvals[risk] ?? DEFAULTS[risk];
  const need = [...rule.need, ...(stage.approval?.need ?? [])].map(needWords);
  const parts = [`asks ${[...new Set(need)].join(' and ')}`];
  if (rule.notRequester || stage.approval?.notRequester === true) parts.push('not the requester');
  if (rule.typedConfirmation || stage.approval?.typedConfirmation === true) parts.push('with a typed confirmation');
  parts.push(`within ${formatDuration(stage.approval?.within ?? rule.withinMs)}`);
  return parts.join(', ');
}

function needWords({ team, role, count }: Need): string {
  return `${count} ${team === undefined ? `${role ?? ''}` : `of ${team}`}`;
}

const DEFAULTS: Pick<Policy['approvals'], 'reversible' | 'destructive'> = {
  reversible: { need: [{ role: 'approver', count: 1 }], notRequester: false, typedConfirmation: false, withinMs: 900_000, remindMs: 300_000 },
  destructive: {
    need: [
      { role: 'approver', count: 1 },
      { role: 'commander', count: 1 },
    ],
    notRequester: true,
    typedConfirmation: true,
    withinMs: 900_000,
    remindMs: 300_000,
  },
};
