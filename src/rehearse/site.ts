import { type Config, parseConfig } from '../config.ts';
import { SalvorError } from '../model/error.ts';
import type { Json } from '../model/json.ts';
import type { Policy } from '../model/policy.ts';
import { problemText } from '../model/problem.ts';

/** The site that rehearsals and the demo play on: one cluster, a few people in two teams, every role mapped. */
export const SITE_TEXT = `
clusters:
  - { name: prod, kubeconfig: /dev/null, default: true, namespaces: { include: ['*'], exclude: [kube-system] } }
people:
  - { name: ana, teams: [platform] }
  - { name: ben, teams: [platform] }
  - { name: cleo, teams: [incident-command] }
  - { name: dora, teams: [incident-command, platform-leads] }
roles: { approver: [platform], commander: [incident-command], owner: [platform] }
rights: { read: everyone, run: [platform], pause: [platform], supersede: [incident-command], configure: [platform-leads] }
approvals:
  reversible: { need: [{ team: platform, count: 1 }], within: 15m, remind: 5m }
  destructive: { need: [{ team: platform, count: 1 }, { team: incident-command, count: 1 }], notRequester: true, typedConfirmation: true, within: 15m }
ladders: { default: [{ page: platform-primary, after: 0m }, { page: platform-secondary, after: 15m }, { page: incident-command, after: 30m }] }
`;

/** The rehearsal site's configuration; a rehearsal's `policy` may list automatic actions. */
export function rehearsalConfig(policy: { readonly [name: string]: Json } = {}, text = SITE_TEXT): Config {
  const parsed = parseConfig(text, { file: 'rehearsal.yaml', environment: {} });
  if (!parsed.ok) throw new SalvorError('config.invalid', parsed.problems.map(problemText).join('; '));
  return { ...parsed.config, policy: withAuto(parsed.config.policy, policy['auto']) };
}

function withAuto(policy: Policy, auto: Json | undefined): Policy {
  if (!Array.isArray(auto)) return policy;
  const rules = auto.filter((action): action is string => typeof action === 'string').map((action) => ({ action, limit: { count: 1000, perMs: 3_600_000 } }));
  return { ...policy, approvals: { ...policy.approvals, auto: rules } };
}
