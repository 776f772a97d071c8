import { decide } from '../../approval/decide.ts';
import { autoCharge, requirementFor } from '../../approval/require.ts';
import type { Looked } from '../../gate/admit.ts';
import type { Requirement } from '../../model/approval.ts';
import { SalvorError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import { isSteps, type StepsStage } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { usesOfStage } from '../../playbook/uses.ts';
import type { Performance } from '../engine.ts';
import { holdShut, holdToStart, lookAtGates } from '../gates.ts';
import { type Budget, takeLocks } from '../locks.ts';
import type { Observation } from '../observation.ts';
import { lackingRights } from '../rights.ts';
import { ballotOf } from '../state/ballot.ts';
import { whatChanged } from '../what-changed.ts';
import { makePlan } from './plan.ts';
import { troubleOf } from './trouble.ts';

/** Looks once more before the first write: gates, the very same plan, the very same clusters, the locks and budgets. */
export async function start(performance: Performance): Promise<Observation> {
  const { engine, session, playbook } = performance;
  const run = session.run();
  const stage = playbook.stages[run.stage];
  if (run.plan === undefined || stage === undefined || !isSteps(stage)) throw new SalvorError('internal', `run ${run.id} starts without a plan`);
  try {
    // A pause or a freeze is asked first: while it lasts nothing is planned again and again.
    const looked = glanced(performance, run.plan) ?? (await lookAtGates(engine, run, run.plan));
    const shut = holdShut(engine, run, looked);
    if (shut !== undefined) return { kind: 'held', hold: shut };
    const { refusal } = await lackingRights(engine, run, usesOfStage(stage));
    if (refusal !== undefined) return { kind: 'voided', changed: [refusal] };
    const now = await makePlan(performance, stage, run.plan.generation);
    if (now.digest !== run.plan.digest) return { kind: 'voided', changed: whatChanged(run.plan, now) };
    const writes = run.plan.steps.some((step) => step.changes.length > 0);
    if (!writes) return { kind: 'started' };
    const missing = missingNow(performance);
    if (missing !== undefined) return { kind: 'voided', changed: [`the approval does not count any more: ${missing}`] };
    const requirement = autoNow(performance, stage);
    if (requirement !== undefined && requirement.kind !== 'auto') return { kind: 'voided', changed: ['the policy no longer lets it start by itself'] };
    const held = await holdToStart(engine, { run: session.run(), plan: run.plan, looked });
    // What keeps a lock away is queued for below, in the commit that would take it.
    if (held !== undefined && held.gate !== 'lock') return { kind: 'held', hold: held };
    const hold = await takeLocks(engine, session, chargeOf(run, requirement));
    return hold === undefined ? { kind: 'started' } : { kind: 'held', hold };
  } catch (error) {
    const again = troubleOf(error, run);
    if (again !== undefined) return again;
    return { kind: 'voided', changed: [error instanceof Error ? error.message : 'the plan could not be made again'] };
  }
}

/** So long, what was looked at when it was planned is as good as a look now: what came in between refuses the commits of the start and of the write. */
const GLANCE_MS = 250;

function glanced({ engine, glance }: Performance, plan: Plan): readonly Looked[] | undefined {
  const last = glance?.last;
  if (last === undefined || last.digest !== plan.digest || engine.clock.monotonicMs() - last.atMs > GLANCE_MS) return undefined;
  return last.looked;
}

/** What the policy says now of a plan that starts by itself: its limits are those of the hour in which it starts. Undefined for other plans. */
function autoNow({ engine, session }: Performance, stage: StepsStage): Requirement | undefined {
  const run = session.run();
  if (run.plan === undefined || run.approval?.requirement.kind !== 'auto') return undefined;
  return requirementFor({
    plan: run.plan,
    playbook: run.playbook,
    stageApproval: stage.approval,
    policy: engine.policy(),
    targetWord: run.target,
    nowMs: engine.clock.nowMs(),
  });
}

/** What is missing to the approval as people and teams are now: who left a team since approves nothing any more. Undefined: nothing. */
function missingNow({ engine, session }: Performance): string | undefined {
  const run = session.run();
  const { approval } = run;
  if (approval?.requirement.kind !== 'people') return undefined;
  const decision = decide({ ...ballotOf({ ...run, approval }, { policy: engine.policy() }), votes: approval.votes });
  return decision.kind === 'granted' ? undefined : decision.words;
}

/** The limits of automatic approval, counted once for each proposal, in the commit that starts it. */
function chargeOf(run: Run, requirement: Requirement | undefined): Budget {
  return requirement?.kind === 'auto' && run.charged !== run.generation ? autoCharge(requirement) : { guards: [], changes: [] };
}
