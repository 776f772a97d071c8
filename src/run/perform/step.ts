import { isMore } from '../../action/contract.ts';
import { parseParams, parseResult } from '../../action/parse.ts';
import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { StepState } from '../../model/run.ts';
import { stepState } from '../close.ts';
import type { Performance } from '../engine.ts';
import type { Observation } from '../observation.ts';
import { guardedWriter, HeldFault } from '../writer.ts';
import { actionOf, clusterOf, timed } from './call.ts';
import { changedFacts } from './plan.ts';
import { troubleOf } from './trouble.ts';

const LOOK_MS = 5000;
/** So many refusals of one step in a row end it, whatever their class. */
const MOST_REFUSALS = 200;

/** Executes one step with its stepKey: first the facts that void an approval are compared, then the handler runs with the guarded writer. */
export async function execute(performance: Performance, name: string): Promise<Observation> {
  const { engine, session } = performance;
  const run = session.run();
  const state = stepOf(performance, name);
  const { planned } = state;
  try {
    const action = actionOf(engine, planned.action, 'remediation');
    const cluster = await clusterOf(engine, run, planned.cluster);
    const params = parseParams(action, planned.params) as never;
    if (action.onUnknown === 'ask' && run.openIntents.some((key) => key.startsWith(planned.stepKey.slice(0, 16)))) {
      return { kind: 'step-unknown', step: name, reason: 'Salvor stopped between the request and its answer' };
    }
    const about = { run: run.id, cluster: cluster.name, nowMs: engine.clock.nowMs(), params, stepKey: planned.stepKey };
    const changed = await factsThatMoved(performance, state);
    if (changed.length > 0) return { kind: 'voided', changed };
    const kube = guardedWriter({ engine, session, access: cluster.access, planned, mode: 'execute' });
    const answer = await timed(engine, { action, signal: session.signal }, (signal) => action.execute({ ...about, signal, kube }));
    if (isMore(answer)) return { kind: 'step-pending', step: name, afterMs: answer.more, progress: answer.progress };
    const result = parseResult(action, answer);
    return action.observe === undefined ? { kind: 'step-done', step: name, result } : { kind: 'step-observing', step: name, result };
  } catch (error) {
    return afterFault(performance, state, error);
  }
}

/** Before each step, and each round of a long one, only the facts are compared. */
async function factsThatMoved({ engine, session }: Performance, state: StepState): Promise<readonly string[]> {
  const { planned } = state;
  const action = actionOf(engine, planned.action, 'remediation');
  const cluster = await clusterOf(engine, session.run(), planned.cluster);
  const params = parseParams(action, planned.params) as never;
  const now = await timed(engine, { action, signal: session.signal }, (signal) =>
    action.plan({ run: session.run().id, cluster: cluster.name, nowMs: engine.clock.nowMs(), signal, params, kube: cluster.access, stepKey: planned.stepKey }),
  );
  return changedFacts(planned, now);
}

function afterFault({ engine, session }: Performance, { step, planned }: StepState, error: unknown): Observation {
  const run = session.run();
  const code = errorCode(error);
  if (code === 'run.not-planned') return { kind: 'voided', changed: [errorText(error)] };
  const unknownOutcome = code === 'kube.timeout' || code === 'action.timeout';
  const action = engine.actions.get(planned.action);
  if (unknownOutcome && action?.kind === 'remediation' && action.onUnknown === 'ask') return { kind: 'step-unknown', step, reason: errorText(error) };
  const again = run.refusals < MOST_REFUSALS || error instanceof HeldFault ? troubleOf(error, run) : undefined;
  if (again !== undefined) return again;
  engine.log.warn('step.failed', { runId: run.id, stepId: step, code, reason: errorText(error) });
  return { kind: 'step-failed', step, reason: errorText(error) };
}

/** Looks at work that goes on without us. */
export async function observe(performance: Performance, name: string): Promise<Observation> {
  const { engine, session } = performance;
  const state = stepOf(performance, name);
  const { planned } = state;
  try {
    const action = actionOf(engine, planned.action, 'remediation');
    const result = parseResult(action, state.result);
    if (action.observe === undefined) return { kind: 'step-done', step: name, result };
    const cluster = await clusterOf(engine, session.run(), planned.cluster);
    const params = parseParams(action, planned.params) as never;
    const { observe: look } = action;
    const seen = await timed(engine, { action, signal: session.signal }, (signal) =>
      look({ run: session.run().id, cluster: cluster.name, nowMs: engine.clock.nowMs(), signal, params, kube: cluster.access, result }),
    );
    switch (seen.state) {
      case 'pending':
        return { kind: 'step-pending', step: name, afterMs: LOOK_MS, progress: seen.progress };
      case 'done':
        return { kind: 'step-done', step: name, result };
      case 'failed':
        return { kind: 'step-failed', step: name, reason: seen.reason };
    }
  } catch (error) {
    return afterFault(performance, state, error);
  }
}

/** Undoes one step, with the writer bound to the plan's undo. Without a known result the handler finds what is ours by the stepKey. */
export async function undo(performance: Performance, name: string): Promise<Observation> {
  const { engine, session } = performance;
  const run = session.run();
  const { planned, result } = stepOf(performance, name);
  try {
    const action = actionOf(engine, planned.action, 'remediation');
    const { rollback } = action;
    if (typeof rollback !== 'function') return { kind: 'undo-impossible', step: name, reason: rollback.impossible };
    const cluster = await clusterOf(engine, run, planned.cluster);
    const params = parseParams(action, planned.params) as never;
    const kube = guardedWriter({ engine, session, access: cluster.access, planned, mode: 'undo' });
    const about = { run: run.id, cluster: cluster.name, nowMs: engine.clock.nowMs(), params, stepKey: planned.stepKey, kube };
    const known = result === undefined ? {} : { result: parseResult(action, result) as never };
    const answer = await timed(engine, { action, signal: session.signal }, (signal) => rollback({ ...about, ...known, signal }));
    switch (answer.kind) {
      case 'undone':
        return { kind: 'undone', step: name, evidence: answer.evidence ?? '' };
      case 'more':
        return { kind: 'undo-more', step: name, afterMs: answer.more, progress: answer.progress };
      case 'failed':
        return { kind: 'undo-failed', step: name, reason: answer.reason };
    }
  } catch (error) {
    return troubleOf(error, run) ?? { kind: 'undo-failed', step: name, reason: errorText(error) };
  }
}

function stepOf({ session }: Performance, name: string): StepState & { readonly planned: PlannedStep } {
  const state = stepState(session.run(), name);
  if (state === undefined) throw new SalvorError('internal', `run ${session.run().id} has no step ${name}`);
  return state;
}
