import type { Change, Plan } from '../model/plan.ts';
import type { Risk } from '../model/risk.ts';
import type { PlanView } from '../port/view/run.ts';

/** A plan as people and programs see it: each change with its risk. */
export function planView(plan: Plan, actionRisk: (action: string) => Risk | undefined): PlanView {
  return {
    digest: plan.digest,
    risk: plan.risk,
    stage: plan.stage,
    generation: plan.generation,
    steps: plan.steps.map(({ step, action, cluster, summary, risk, changes, undo, facts, notes }) => ({
      step,
      action,
      cluster,
      summary,
      risk,
      changes: changes.map((change) => changeView(change, actionRisk(action) ?? risk)),
      // Taking back what a step did is never worse than reversible, unless the step says so.
      undo: undo.map((change) => changeView(change, 'reversible')),
      facts,
      notes: notes ?? [],
    })),
  };
}

function changeView({ verb, object, field, from, to, risk, note }: Change, otherwise: Risk): PlanView['steps'][number]['changes'][number] {
  return { verb, object, field, from, to, risk: risk ?? otherwise, note };
}
