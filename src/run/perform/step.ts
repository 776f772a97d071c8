import { isMore } from '../../action/contract.ts';
import { parseResult } from '../../action/parse.ts';
import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { PlannedStep } from '../../model/plan.ts';
import type { Run, StepState } from '../../model/run.ts';
import { stepState, type Which } from '../close.ts';
import type { Performance } from '../engine.ts';
import type { Observation } from '../observation.ts';
import { proberOf, readerOf } from '../views.ts';
import { changedFacts } from '../what-changed.ts';
import { closeIntents, guardedWriter, HeldFault, InterruptedFault } from '../writer.ts';
import { actionOf, clusterOf, nowIn, plannedParams, storedResult, timed } from './call.ts';
import { troubleOf } from './trouble.ts';

const SOONEST_LOOK_MS = 5000;
const LATEST_LOOK_MS = 30_000;

/** What takes hours is looked at every half a minute, what has just begun more often. */
function lookMs(sinceMs: number): number {
  return Math.min(LATEST_LOOK_MS, Math.max(SOONEST_LOOK_MS, sinceMs / 100));
}

/** So many refusals of one step in a row end it, whatever their class. */
const MOST_REFUSALS = 200;

/** Executes one step with its stepKey: first the facts that void an approval are compared, then the handler runs with the guarded writer. */
export async function execute(performance: Performance, name: string): Promise<Observation> {
  const { engine, session } = performance;
  const state = stepOf(performance, name);
  const { planned } = state;
  try {
    const action = actionOf(engine, planned.action, 'remediation');
    const cluster = await clusterOf(performance, planned.cluster, 'write');
    const params = plannedParams(action, planned);
    if (action.onUnknown === 'ask' && isOpen(session.run(), planned))
      return { kind: 'step-unknown', step: name, reason: 'Salvor stopped between the request and its answer' };
    const about = { run: session.run().id, cluster: cluster.name, nowMs: nowIn(engine, cluster), params, stepKey: planned.stepKey };
    // Before each step, and each round of a long one, only the facts are compared.
    const now = await timed(engine, { action, signal: session.signal }, async (signal) => {
      if (action.facts === undefined) return action.plan({ ...about, signal, kube: proberOf(cluster.access) });
      return { facts: await action.facts({ ...about, signal, kube: readerOf(cluster.access) }) };
    });
    const changed = changedFacts(planned, now);
    if (changed.length > 0) return { kind: 'voided', changed };
    const answer = await timed(engine, { action, signal: session.signal }, (signal) =>
      action.execute({
        ...about,
        signal,
        approved: planned.changes,
        kube: guardedWriter({ engine, session, access: cluster.access, state, mode: 'execute', signal }),
      }),
    );
    closeIntents({ engine, session, state }, { again: isMore(answer) });
    if (isMore(answer)) return { kind: 'step-pending', step: name, afterMs: answer.more, progress: answer.progress };
    const result = parseResult(action, answer);
    return action.observe === undefined ? { kind: 'step-done', step: name, result } : { kind: 'step-observing', step: name, result };
  } catch (error) {
    return afterFault(performance, state, error);
  }
}

/** A write was announced, and what came of it is not known. */
function isOpen(run: Run, planned: PlannedStep): boolean {
  return run.openIntents.some((key) => key.startsWith(planned.stepKey.slice(0, 16)));
}

function afterFault({ engine, session }: Performance, { step, planned }: StepState, error: unknown): Observation {
  const run = session.run();
  if (error instanceof InterruptedFault) return { kind: 'interrupted' };
  const code = errorCode(error);
  if (code === 'run.not-planned') return { kind: 'voided', changed: [errorText(error)] };
  const action = engine.actions.get(planned.action);
  // Only a write can be unknown: a read that timed out is read again, and a refusal is an answer.
  if (action?.kind === 'remediation' && action.onUnknown === 'ask' && isOpen(run, planned) && !(error instanceof HeldFault) && code !== 'run.fenced')
    return { kind: 'step-unknown', step, reason: errorText(error) };
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
    const result = storedResult(action, state.result ?? {});
    if (action.observe === undefined) return { kind: 'step-done', step: name, result };
    const cluster = await clusterOf(performance, planned.cluster);
    const params = plannedParams(action, planned);
    const { observe: look } = action;
    const seen = await timed(engine, { action, signal: session.signal }, (signal) =>
      look({
        run: session.run().id,
        cluster: cluster.name,
        nowMs: nowIn(engine, cluster),
        signal,
        params,
        kube: readerOf(cluster.access),
        result,
      }),
    );
    switch (seen.state) {
      case 'pending':
        return { kind: 'step-pending', step: name, afterMs: lookMs(engine.clock.nowMs() - (state.startedMs ?? 0)), progress: seen.progress };
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
export async function undo(performance: Performance, which: { readonly step: string; readonly generation: number }): Promise<Observation> {
  const { engine, session } = performance;
  const { step, generation } = which;
  const state = stepOf(performance, which);
  const { planned, result } = state;
  try {
    const action = actionOf(engine, planned.action, 'remediation');
    const { rollback } = action;
    if (typeof rollback !== 'function') return { kind: 'undo-impossible', step, generation, reason: rollback.impossible };
    const cluster = await clusterOf(performance, planned.cluster, 'write');
    const params = plannedParams(action, planned);
    const about = { run: session.run().id, cluster: cluster.name, nowMs: nowIn(engine, cluster), params, stepKey: planned.stepKey };
    const known = result === undefined ? {} : { result: storedResult(action, result) as never };
    const answer = await timed(engine, { action, signal: session.signal }, (signal) =>
      rollback({ ...about, ...known, signal, kube: guardedWriter({ engine, session, access: cluster.access, state, mode: 'undo', signal }) }),
    );
    if (answer.kind !== 'failed') closeIntents({ engine, session, state }, { outcome: 'undone' });
    switch (answer.kind) {
      case 'undone':
        return { kind: 'undone', step, generation, evidence: answer.evidence ?? '' };
      case 'more':
        return { kind: 'undo-more', step, generation, afterMs: answer.more, progress: answer.progress };
      case 'failed':
        return { kind: 'undo-failed', step, reason: answer.reason };
    }
  } catch (error) {
    return troubleOf(error, session.run()) ?? { kind: 'undo-failed', step, reason: errorText(error) };
  }
}

function stepOf({ session }: Performance, which: Which): StepState {
  const state = stepState(session.run(), which);
  if (state === undefined) throw new SalvorError('internal', `run ${session.run().id} has no step ${JSON.stringify(which)}`);
  return state;
}
