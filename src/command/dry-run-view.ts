import type { Action } from '../action/contract.ts';
import { declaredRisk } from '../action/declared-risk.ts';
import type { DryRun } from '../port/view/run.ts';
import type { DryRun as Found } from '../run/dry-run.ts';
import type { Asked } from '../run/start.ts';
import { planView } from './plan-view.ts';
import { requirementText } from './requirement-text.ts';

/** What a dry run found, as people and programs see it. */
export function dryRunView(
  { playbook, cluster, target }: Asked,
  { finding, evidence, plan, requirement, holds }: Found,
  actions: { get(id: string): Action | undefined },
): DryRun {
  return {
    playbook: playbook.id,
    cluster,
    target: target.value,
    finding: { kind: finding.kind, reason: finding.reason, hints: finding.kind === 'hand-over' ? finding.hints : [] },
    evidence,
    plan: plan === undefined ? undefined : planView(plan, (id) => declaredRisk(actions, { action: id })),
    asks: requirement === undefined ? undefined : requirementText(requirement),
    holds: holds.map(({ gate, reason, untilMs }) => ({ gate, reason, until: untilMs })),
  };
}
