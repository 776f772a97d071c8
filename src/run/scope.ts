import type { JsonObject } from '../model/json.ts';
import type { Run } from '../model/run.ts';
import type { Scope } from '../playbook/resolve.ts';

/** What a playbook's references can see of a run. Results of steps count only once the step is done. */
export function scopeOf(run: Run): Scope {
  const steps = new Map<string, JsonObject>();
  for (const step of run.steps) {
    if (step.phase === 'done' && step.result !== undefined) steps.set(step.step, step.result);
  }
  return {
    labels: run.start.by === 'alert' ? run.start.labels : [],
    params: run.params,
    found: run.found,
    run: { id: run.id, cluster: run.cluster },
    diagnosis: run.diagnosis,
    steps: Object.fromEntries(steps),
    checks: run.checks,
    answers: run.answers,
  };
}
