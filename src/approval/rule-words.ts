import { formatDuration } from '../model/duration.ts';
import { type Proposal, rulesFor } from './require.ts';

/** By which rules a plan asks whom it asks, each as it is called in the configuration; what the playbook itself asks for comes last. */
export function ruleWords(proposal: Pick<Proposal, 'plan' | 'playbook' | 'policy' | 'stageApproval'>): readonly string[] {
  const { playbook, policy, stageApproval } = proposal;
  const rules = rulesFor(proposal);
  if (rules.kind === 'none') return [];
  if (rules.kind === 'auto')
    return [...new Set(rules.auto.map(({ action, limit }) => `approvals.auto for ${action}, at most ${limit.count} in ${formatDuration(limit.perMs)}`))];
  const stricter = rules.stricter.map((rule) => {
    const of = [rule.playbook, rule.action].filter((one) => one !== undefined);
    return `approvals.stricter[${policy.approvals.stricter.indexOf(rule)}] for ${of.length === 0 ? 'everything' : of.join(', ')}`;
  });
  return [`approvals.${rules.base}`, ...stricter, ...(stageApproval === undefined ? [] : [`what ${playbook} asks for itself`])];
}
