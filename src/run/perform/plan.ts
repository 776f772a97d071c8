import { requirementFor } from '../../approval/require.ts';
import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import { makeStepKey } from '../../model/identity.ts';
import { MOST_CHANGES, type Plan, type PlannedStep, planDigest, stepRisk } from '../../model/plan.ts';
import { isSteps, type Playbook, type Step, type StepsStage } from '../../model/playbook.ts';
import { highestRisk } from '../../model/risk.ts';
import type { Run, StepState } from '../../model/run.ts';
import { type Use, usesOfStage } from '../../playbook/uses.ts';
import { stepState } from '../close.ts';
import type { Performance } from '../engine.ts';
import { holdToStart, lookAtGates } from '../gates.ts';
import type { Observation } from '../observation.ts';
import { lackingRights } from '../rights.ts';
import { proberOf } from '../views.ts';
import { actionOf, clusterOf, nowIn, paramsOf, timed } from './call.ts';
import { troubleOf } from './trouble.ts';

/** Plans the stage as a whole, each step as if those before it were done. Steps that are done already are left out. */
export async function plan(performance: Performance): Promise<Observation> {
  const { engine, session, playbook } = performance;
  const run = session.run();
  const stage = playbook.stages[run.stage];
  if (stage === undefined || !isSteps(stage)) return { kind: 'unplannable', reason: 'There is no stage to plan', hints: [] };
  try {
    const { refusal } = await lackingRights(engine, run, usesFrom(playbook, run.stage));
    if (refusal !== undefined) {
      engine.log.warn('plan.refused', { runId: run.id, stage: stage.id, reason: refusal });
      return { kind: 'unplannable', reason: refusal, hints: [] };
    }
    // A proposal that is looked at again keeps its generation; a new one gets the next.
    const generation = run.state === 'proposed' && run.plan !== undefined ? run.plan.generation : run.generation + 1;
    const made = await makePlan(performance, stage, generation);
    const requester = run.start.by === 'person' ? run.start.person : undefined;
    const requirement = requirementFor({
      plan: made,
      playbook: run.playbook,
      stageApproval: stage.approval,
      policy: engine.policy(),
      targetWord: run.target,
      nowMs: engine.clock.nowMs(),
      requester,
    });
    const looked = await lookAtGates(engine, run, made);
    const { glance } = performance;
    if (glance !== undefined) glance.last = { atMs: engine.clock.monotonicMs(), digest: made.digest, looked };
    const hold = await holdToStart(engine, { run, plan: made, looked });
    return { kind: 'planned', plan: made, steps: stepStates(stage, made), requirement, ...(hold === undefined ? {} : { hold }) };
  } catch (error) {
    const again = troubleOf(error, run);
    if (again !== undefined) return again;
    engine.log.warn('plan.failed', { runId: run.id, stage: stage.id, code: errorCode(error), reason: errorText(error) });
    return { kind: 'unplannable', reason: `"${stage.id}" cannot be planned: ${errorText(error)}`, hints: [] };
  }
}

/** Of all that is still to come: what a later stage may not do is known before the first one begins. */
function usesFrom({ stages }: Playbook, stage: number): readonly Use[] {
  return stages.slice(stage).flatMap(usesOfStage);
}

/** The plan of a stage at one generation: the same question gives the same digest, while the world stays the same. */
export async function makePlan({ engine, session, playbook }: Performance, stage: StepsStage, generation: number): Promise<Plan> {
  const run = session.run();
  const steps: PlannedStep[] = [];
  for (const step of stage.steps) {
    if (stepState(run, step.id)?.phase === 'done') continue;
    steps.push(await planStep({ engine, session, playbook }, { run, stage, step, generation }));
  }
  const count = steps.reduce((sum, step) => sum + step.changes.length, 0);
  if (count > MOST_CHANGES)
    throw new SalvorError('request.too-large', `The plan has ${count} changes, more than ${MOST_CHANGES}: split the work, for example by namespace`);
  const digest = planDigest({ playbookDigest: playbook.digest, params: run.params, stage: stage.id, generation, steps });
  return { stage: stage.id, generation, digest, risk: highestRisk(steps.map((step) => step.risk)), steps };
}

type Planning = { readonly run: Run; readonly stage: StepsStage; readonly step: Step; readonly generation: number };

async function planStep({ engine, session }: Performance, { run, stage, step, generation }: Planning): Promise<PlannedStep> {
  const action = actionOf(engine, step.action, 'remediation');
  const cluster = await clusterOf({ engine, session }, step.cluster ?? stage.cluster);
  const { raw, params } = paramsOf(run, action, step.with);
  const stepKey = makeStepKey({ run: run.id, bornMs: run.createdMs, step: step.id, params: raw, generation });
  const made = await timed(engine, { action, signal: session.signal }, (signal) =>
    action.plan({ run: run.id, cluster: cluster.name, nowMs: nowIn(engine, cluster), signal, params, kube: proberOf(cluster.access), stepKey }),
  );
  const { summary, changes, undo, facts, notes } = made;
  return {
    summary,
    changes,
    undo,
    facts,
    ...(notes === undefined ? {} : { notes }),
    step: step.id,
    action: step.action,
    cluster: cluster.name,
    params: raw,
    stepKey,
    risk: stepRisk(action.risk, changes),
    ...(typeof action.rollback === 'function' ? {} : { noUndo: action.rollback.impossible }),
  };
}

function stepStates(stage: StepsStage, made: Plan): readonly StepState[] {
  return made.steps.flatMap((planned): readonly StepState[] => {
    const step = stage.steps.find(({ id }) => id === planned.step);
    if (step === undefined) return [];
    const state = {
      step: step.id,
      stage: stage.id,
      generation: made.generation,
      planned,
      undo: step.undo,
      withinMs: step.within,
      phase: 'planned' as const,
      attempts: 0,
      wrote: false,
    };
    return [step.keepOnFailure === undefined ? state : { ...state, keepOnFailureMs: step.keepOnFailure }];
  });
}
