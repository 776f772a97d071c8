import { defined } from '../model/defined.ts';
import type { ApprovalPolicy, ApprovalStage, Policy, StricterRule } from '../model/policy.ts';
import { momentMs } from '../playbook/moment.ts';
import type { ConfigFile } from './schema.ts';

/** What the operator decided, as the rooms that decide by it see it. */
export function policyOf(file: ConfigFile): Policy {
  const { approvals, gates, rights } = file;
  return {
    people: file.people.map(({ token: _token, oidc: _oidc, slack, pagerduty, ...person }) => ({ ...person, ...defined({ slack, pagerduty }) })),
    roles: file.roles,
    rights,
    approvals: {
      reversible: approvalPolicy(approvals.reversible),
      destructive: approvalPolicy(approvals.destructive),
      stricter: approvals.stricter.map(
        ({ within, remind, stages, ...one }): StricterRule => defined({ ...one, stages: stages?.map(approvalStage), withinMs: within, remindMs: remind }),
      ),
      ...(approvals.breakGlass === undefined ? {} : { breakGlass: { need: approvals.breakGlass.need, ...defined({ page: approvals.breakGlass.page }) } }),
      auto: approvals.auto.map(({ playbook, ...one }) => ({ ...one, ...defined({ playbook }) })),
    },
    ladders: Object.fromEntries(Object.entries(file.ladders).map(([name, rungs]) => [name, rungs.map(({ page, after }) => ({ page, afterMs: after }))])),
    ...(file.pagerduty !== undefined && file.pagerduty.webhookSecrets.length > 0 ? { pagerVotes: true } : {}),
    quiet: file.quiet,
    gates: {
      blastRadius: gates.blastRadius,
      windows: gates.windows.map(({ lasts, ...window }) => ({ ...window, lastsMs: lasts })),
      freezes: gates.freezes.map(({ name, from, until, timeZone, clusters }) => ({
        name,
        fromMs: momentMs(from, timeZone) ?? Number.NEGATIVE_INFINITY,
        untilMs: momentMs(until, timeZone) ?? Number.POSITIVE_INFINITY,
        clusters,
      })),
    },
    unrouted: file.unrouted,
    severities: file.severities,
  };
}

type Rule = ConfigFile['approvals']['reversible'];

function approvalPolicy({ within, remind, stages, distinctTeams, onExpiry, ...rule }: Rule): ApprovalPolicy {
  return {
    ...rule,
    withinMs: within,
    remindMs: remind,
    ...(distinctTeams ? { distinctTeams } : {}),
    ...(stages.length === 0 ? {} : { stages: stages.map(approvalStage) }),
    ...(onExpiry === 'hold' ? { onExpiry } : {}),
  };
}

function approvalStage({ addApprovers, page, within }: Rule['stages'][number]): ApprovalStage {
  return { addApprovers, withinMs: within, ...defined({ page }) };
}
