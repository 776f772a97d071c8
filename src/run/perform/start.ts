import { autoCharge } from '../../approval/require.ts';
import { SalvorError } from '../../model/error.ts';
import { isSteps } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import type { Performance } from '../engine.ts';
import { holdToStart } from '../gates.ts';
import { type Budget, takeLocks } from '../locks.ts';
import type { Observation } from '../observation.ts';
import { makePlan, whatChanged } from './plan.ts';
import { troubleOf } from './trouble.ts';

/** Looks once more before the first write: gates, the very same plan, the very same clusters, the locks and budgets. */
export async function start(performance: Performance): Promise<Observation> {
  const { engine, session, playbook } = performance;
  const run = session.run();
  const stage = playbook.stages[run.stage];
  if (run.plan === undefined || stage === undefined || !isSteps(stage)) throw new SalvorError('internal', `run ${run.id} starts without a plan`);
  try {
    const clusterUids = await uidsOf(performance, run);
    const now = await makePlan(performance, stage, run.plan.generation);
    if (now.digest !== run.plan.digest) return { kind: 'voided', changed: whatChanged(run.plan, now) };
    const writes = run.plan.steps.some((step) => step.changes.length > 0);
    if (!writes) return { kind: 'started', clusterUids };
    const held = await holdToStart(engine, run, run.plan);
    // What keeps a lock away is queued for below, in the commit that would take it.
    if (held !== undefined && held.gate !== 'lock') return { kind: 'held', hold: held };
    if (run.locked) return { kind: 'started', clusterUids };
    session.take({ ...run, clusterUids }, [], []);
    const hold = await takeLocks(engine, session, budgetOf(run));
    return hold === undefined ? { kind: 'started', clusterUids } : { kind: 'held', hold };
  } catch (error) {
    const again = troubleOf(error, run);
    if (again !== undefined) return again;
    return { kind: 'voided', changed: [error instanceof Error ? error.message : 'the plan could not be made again'] };
  }
}

/** The uids of every cluster the plan writes to, as they are known or as they are now. */
async function uidsOf({ engine }: Performance, run: Run): Promise<{ readonly [cluster: string]: string }> {
  const uids = new Map(Object.entries(run.clusterUids));
  for (const step of run.plan?.steps ?? []) {
    if (!uids.has(step.cluster)) uids.set(step.cluster, (await engine.clusters.get(step.cluster)?.uid()) ?? '');
  }
  return Object.fromEntries(uids);
}

/** The limits of automatic approval, counted when it is used. */
function budgetOf(run: Run): Budget {
  const requirement = run.approval?.requirement;
  return requirement?.kind === 'auto' ? autoCharge(requirement) : { guards: [], changes: [] };
}
