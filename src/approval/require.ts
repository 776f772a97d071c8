import type { Requirement } from '../model/approval.ts';
import { defined } from '../model/defined.ts';
import { formatDuration } from '../model/duration.ts';
import type { Plan, PlannedStep } from '../model/plan.ts';
import type { Need, StageApproval } from '../model/playbook.ts';
import type { ApprovalPolicy, ApprovalStage, AutoRule, Person, Policy, StricterRule } from '../model/policy.ts';
import { sourceOfTeam } from '../model/team.ts';
import { formatTime } from '../model/time.ts';
import type { Change, Guard } from '../port/store.ts';
import { emptyGroupWords } from './group.ts';
import { seatApart } from './seat-apart.ts';
import { seat, slotsOf, teamsOf } from './slot.ts';

export type Proposal = {
  readonly plan: Pick<Plan, 'risk' | 'steps'>;
  /** The playbook's id. */
  readonly playbook: string;
  readonly stageApproval?: StageApproval | undefined;
  readonly policy: Pick<Policy, 'approvals' | 'people' | 'roles' | 'groups'>;
  /** What must be typed where a typed confirmation is asked: the target, as people say it. */
  readonly targetWord: string;
  readonly nowMs: number;
  /** The person who asked for the run; absent for an alert or a schedule. */
  readonly requester?: string | undefined;
};

/** A playbook may give people up to a week. */
const LONGEST_WITHIN_MS = 604_800_000;

/** Whom does this plan have to ask? By its risk, with every stricter rule that applies; a playbook can only ask for more. In doubt nobody may approve. */
export function requirementFor(proposal: Proposal): Requirement {
  const { policy, stageApproval, targetWord } = proposal;
  const rules = rulesFor(proposal);
  if (rules.kind === 'none') return { kind: 'none' };
  if (rules.kind === 'auto') return { kind: 'auto', limits: limitsOf(rules.auto, proposal.nowMs) };

  const asked = tighten([policy.approvals[rules.base], ...rules.stricter], stageApproval, policy.roles);
  const problem = findProblem(asked, proposal);
  if (problem !== undefined) return { kind: 'hold', reason: problem };
  const { stages = [] } = asked;
  const { breakGlass } = policy.approvals;
  return {
    kind: 'people',
    need: asked.need,
    notRequester: asked.notRequester,
    ...(asked.typedConfirmation ? { confirmation: targetWord } : {}),
    withinMs: asked.withinMs,
    remindMs: asked.remindMs,
    ...(asked.distinctTeams === true ? { distinctTeams: true } : {}),
    ...(stages.length === 0 ? {} : { stages }),
    ...(asked.onExpiry === 'hold' ? { onExpiry: 'hold' } : {}),
    ...(breakGlass === undefined ? {} : { breakGlass }),
    words: requirementWords(asked, proposal),
  };
}

export type Rules =
  | { readonly kind: 'none' }
  | { readonly kind: 'auto'; readonly auto: readonly AutoRule[] }
  | { readonly kind: 'people'; readonly base: 'reversible' | 'destructive'; readonly stricter: readonly StricterRule[] };

/** The rules of the policy that speak about this plan: that of its risk with the stricter ones, or those by which it needs nobody. */
export function rulesFor(proposal: Pick<Proposal, 'plan' | 'playbook' | 'policy' | 'stageApproval'>): Rules {
  const { plan, policy, stageApproval } = proposal;
  const writing = plan.steps.filter((step) => step.changes.length > 0);
  if (writing.length === 0) return { kind: 'none' };
  const stricter = policy.approvals.stricter.filter((rule) => applies(rule, proposal.playbook, writing));
  const auto = autoRules(writing, proposal);
  if (auto !== undefined && !stricter.some(asksPeople) && !asksPeople(stageApproval ?? {})) return { kind: 'auto', auto };
  return { kind: 'people', base: plan.risk === 'destructive' ? 'destructive' : 'reversible', stricter };
}

/** `needs 1 of platform and 1 of incident-command, not the requester, typed confirmation, within 15m, then 1 of oncall:PSECOND, too`. */
function requirementWords({ need, notRequester, typedConfirmation, withinMs, distinctTeams, stages = [] }: ApprovalPolicy, proposal: Proposal): string {
  return [
    `needs ${needWords(need)}`,
    ...(distinctTeams === true ? ['each of another team'] : []),
    ...(notRequester ? ['not the requester'] : []),
    ...(typedConfirmation ? ['typed confirmation'] : []),
    `within ${formatDuration(withinMs)}`,
    ...stages.map(stageWords),
    ...oldAnswers(need, stages, proposal),
  ].join(', ');
}

/** `1 of platform and 1 of incident-command`. */
export function needWords(need: readonly Need[]): string {
  return need.map(({ count, team, role }) => `${count} of ${team ?? role ?? ''}`).join(' and ');
}

/** `then also oncall:PSECOND, calling platform-secondary, for 10m`. */
export function stageWords({ addApprovers, page, withinMs }: ApprovalStage): string {
  const also = addApprovers.length === 0 ? 'then' : `then also ${addApprovers.join(' or ')}`;
  return `${also}${page === undefined ? '' : `, calling ${page}`}, for ${formatDuration(withinMs)}`;
}

/** Asked more often than this; an older answer is the last good one, which people should know. */
const OLD_MS = 600_000;

function oldAnswers(need: readonly Need[], stages: readonly ApprovalStage[], { policy, nowMs }: Proposal): readonly string[] {
  const teams = new Set([...need.flatMap((one) => teamsOf(one, policy.roles)), ...stages.flatMap(({ addApprovers }) => addApprovers)]);
  return Object.entries(policy.groups ?? {}).flatMap(([team, { people, atMs }]) =>
    teams.has(team) && people !== undefined && atMs !== undefined && nowMs - atMs > OLD_MS
      ? [`${team} as it was at ${formatTime(atMs)}, since it cannot be asked now`]
      : [],
  );
}

/** What an automatic start takes from its limits, in the commit that starts it. A plan that uses an action twice takes two. */
export function autoCharge(requirement: Extract<Requirement, { kind: 'auto' }>): { readonly guards: readonly Guard[]; readonly changes: readonly Change[] } {
  const charges = new Map<string, { readonly add: number; readonly limit: number }>();
  for (const { count, limit } of requirement.limits)
    charges.set(count, { add: (charges.get(count)?.add ?? 0) + 1, limit: Math.min(limit, charges.get(count)?.limit ?? limit) });
  return {
    guards: [...charges].map(([count, { add, limit }]) => ({ is: 'room', count, add, limit })),
    changes: [...charges].map(([id, { add }]) => ({ do: 'count', id, add })),
  };
}

function applies(rule: StricterRule, playbook: string, writing: readonly PlannedStep[]): boolean {
  return (rule.playbook === undefined || rule.playbook === playbook) && (rule.action === undefined || writing.some((step) => step.action === rule.action));
}

/** A rule that only changes times asks nobody. */
function asksPeople(rule: {
  readonly need?: readonly Need[] | undefined;
  readonly notRequester?: boolean | undefined;
  readonly typedConfirmation?: boolean | undefined;
  readonly distinctTeams?: boolean | undefined;
}): boolean {
  return (rule.need?.length ?? 0) > 0 || rule.notRequester === true || rule.typedConfirmation === true || rule.distinctTeams === true;
}

/** The rule of every writing step, or undefined where one has none. What is destructive is automatic only where the rule names its playbook, too. */
function autoRules(writing: readonly PlannedStep[], { playbook, policy }: Pick<Proposal, 'playbook' | 'policy'>): readonly AutoRule[] | undefined {
  const rules: AutoRule[] = [];
  for (const step of writing) {
    const fitting = policy.approvals.auto.filter(
      (rule) => rule.action === step.action && (rule.playbook === undefined ? step.risk !== 'destructive' : rule.playbook === playbook),
    );
    const [tightest] = fitting.sort((a, b) => a.limit.count / a.limit.perMs - b.limit.count / b.limit.perMs);
    if (tightest === undefined) return undefined;
    rules.push(tightest);
  }
  return rules;
}

function limitsOf(rules: readonly AutoRule[], nowMs: number): readonly { readonly count: string; readonly limit: number }[] {
  return rules.map(({ action, limit }) => ({ count: `auto/${action}/${nowMs - (nowMs % limit.perMs)}`, limit: limit.count }));
}

/** The strictest of all: more people, never fewer; the shortest time of the operator's rules. The playbook may set its own time. */
function tighten(rules: readonly Partial<ApprovalPolicy>[], stage: StageApproval | undefined, roles: Policy['roles']): ApprovalPolicy {
  const asking = [...rules, ...(stage === undefined ? [] : [stage])];
  const shortest = (times: readonly (number | undefined)[]): number => Math.min(...times.map((time) => time ?? Infinity));
  return {
    need: mergeNeeds(
      asking.flatMap((rule) => rule.need ?? []),
      roles,
    ),
    notRequester: asking.some((rule) => rule.notRequester === true),
    typedConfirmation: asking.some((rule) => rule.typedConfirmation === true),
    distinctTeams: asking.some((rule) => 'distinctTeams' in rule && rule.distinctTeams === true),
    ...defined({ stages: firstSaid(rules, 'stages'), onExpiry: firstSaid(rules, 'onExpiry') }),
    withinMs: stage?.within === undefined ? shortest(rules.map((rule) => rule.withinMs)) : Math.min(stage.within, LONGEST_WITHIN_MS),
    remindMs: stage?.remind ?? shortest(rules.map((rule) => rule.remindMs)),
  };
}

/** What only one rule can say: the first of the stricter ones that says it, else the rule of the risk. */
function firstSaid<K extends 'stages' | 'onExpiry'>([base, ...stricter]: readonly Partial<ApprovalPolicy>[], field: K): ApprovalPolicy[K] | undefined {
  return [...stricter, base].find((rule) => rule?.[field] !== undefined)?.[field];
}

/** Of needs for the same teams the highest count, so that a playbook's role and the team it stands for are not asked twice; the others add up. */
function mergeNeeds(needs: readonly Need[], roles: Policy['roles']): readonly Need[] {
  const merged = new Map<string, Need>();
  for (const need of needs) {
    const teams = teamsOf(need, roles);
    const key = teams.length === 0 ? `role ${need.role ?? ''}` : [...teams].sort().join(' ');
    const before = merged.get(key);
    if (before === undefined || before.count < need.count) merged.set(key, need);
  }
  return [...merged.values()];
}

/** Why nobody could ever fill this, in words; undefined where enough people exist. */
function findProblem({ need, notRequester, distinctTeams, stages = [] }: ApprovalPolicy, { policy, requester }: Proposal): string | undefined {
  if (need.length === 0) return 'the policy asks for no approver, which is never a yes';
  // Where only a later stage has enough people, it is waited for.
  const also = stages.flatMap(({ addApprovers }) => addApprovers);
  for (const one of need) {
    const teams = teamsOf(one, policy.roles);
    if (teams.length === 0) return `the role ${one.role ?? ''} is not mapped to a team, so nobody may approve`;
    if (hasAnyone(teams, policy.people) || hasAnyone(also, policy.people)) continue;
    const [group] = teams.filter((team) => sourceOfTeam(team) !== undefined);
    return `${group === undefined ? `nobody is in ${teams.join(' or ')}` : emptyGroupWords(group, policy.groups?.[group])}, so nobody may approve`;
  }
  const slots = slotsOf(need, policy.roles, also);
  const people = notRequester ? policy.people.filter(({ name }) => name !== requester) : policy.people;
  const seated = distinctTeams === true ? seatApart(people, slots) : seat(people, slots);
  const open = seated.flatMap((person, index) => (person === undefined ? [slots[index]?.words ?? ''] : []));
  const [missing] = open;
  if (missing === undefined) return undefined;
  const apart = distinctTeams === true ? ' for each to be of another team' : '';
  return `there are not enough people in ${missing}${apart}${notRequester && requester !== undefined ? ' beside the requester' : ''}, so nobody may approve`;
}

function hasAnyone(teams: readonly string[], people: readonly Person[]): boolean {
  return people.some((person) => person.teams.some((team) => teams.includes(team)));
}
