import { defined } from '../model/defined.ts';
import type { ApprovalPolicy, Policy, StricterRule } from '../model/policy.ts';
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
      stricter: approvals.stricter.map(({ within, remind, ...one }): StricterRule => defined({ ...one, withinMs: within, remindMs: remind })),
      auto: approvals.auto.map(({ playbook, ...one }) => ({ ...one, ...defined({ playbook }) })),
    },
    ladders: Object.fromEntries(Object.entries(file.ladders).map(([name, rungs]) => [name, rungs.map(({ page, after }) => ({ page, afterMs: after }))])),
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

function approvalPolicy({ within, remind, ...rule }: ConfigFile['approvals']['reversible']): ApprovalPolicy {
  return { ...rule, withinMs: within, remindMs: remind };
}
