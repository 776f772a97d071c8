import { parseFacts } from '../../action/parse.ts';
import { errorCode, errorText, SalvorError } from '../../model/error.ts';
import type { Measured, Verdict } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import { isAwait, isSteps, type With } from '../../model/playbook.ts';
import type { StepState } from '../../model/run.ts';
import type { Performance } from '../engine.ts';
import type { Observation } from '../observation.ts';
import { readerOf } from '../views.ts';
import { actionOf, byOurClock, clusterOf, nowIn, paramsOf, plannedParams, storedResult, timed } from './call.ts';
import { troubleOf } from './trouble.ts';

/** Verifies every step of the stage and then the stage's own checks, in order; the first that does not hold answers for all. */
export async function verify(performance: Performance): Promise<Observation> {
  const { engine, session, playbook } = performance;
  const run = session.run();
  const stage = playbook.stages[run.stage];
  if (stage === undefined || !isSteps(stage)) throw new SalvorError('internal', `run ${run.id} verifies without a stage of steps`);
  const evidence: string[] = [];
  const checks = new Map<string, JsonObject>();
  let measured: Measured = {};
  try {
    for (const state of run.steps.filter((step) => step.stage === stage.id && step.phase === 'done')) {
      const verdict = await verifyStep(performance, state);
      if (!verdict.ok) return { kind: 'unverified', reason: verdict.reason, again: verdict.again ?? false, step: state.step };
      evidence.push(...verdict.evidence);
      measured = { ...measured, ...verdict.measured };
    }
    for (const named of stage.verify) {
      const verdict = await look(performance, { ...named, cluster: named.cluster ?? stage.cluster });
      if (!verdict.ok) return { kind: 'unverified', reason: verdict.reason, again: verdict.again ?? false };
      evidence.push(...verdict.evidence);
      measured = { ...measured, ...verdict.measured };
      if (named.id !== undefined) checks.set(named.id, verdict.facts);
    }
    return { kind: 'verified', checks: Object.fromEntries(checks), evidence, measured };
  } catch (error) {
    const again = troubleOf(error, run);
    if (again !== undefined) return again;
    engine.log.warn('verify.failed', { runId: run.id, code: errorCode(error), reason: errorText(error) });
    return { kind: 'unverified', reason: errorText(error), again: false };
  }
}

async function verifyStep({ engine, session }: Performance, { step, planned, result }: StepState): Promise<Verdict> {
  // A person settled it as done, so nobody knows its result: the person's word is the evidence, and the stage's own checks still look.
  if (result === undefined) return { ok: true, evidence: [`${step} was settled as done by a person`] };
  const action = actionOf(engine, planned.action, 'remediation');
  const cluster = await clusterOf({ engine, session }, planned.cluster);
  const params = plannedParams(action, planned);
  const known = storedResult(action, result) as never;
  const about = { run: session.run().id, cluster: cluster.name, nowMs: nowIn(engine, cluster), params, kube: readerOf(cluster.access), result: known };
  const verdict = await timed(engine, { action, signal: session.signal }, (signal) => action.verify({ ...about, signal }));
  return verdict.ok ? { ...verdict, measured: byOurClock(verdict.measured, cluster) } : verdict;
}

/** The check of an `await`. */
export async function check(performance: Performance): Promise<Observation> {
  const { engine, session, playbook } = performance;
  const run = session.run();
  const stage = playbook.stages[run.stage];
  if (stage === undefined || !isAwait(stage)) throw new SalvorError('internal', `run ${run.id} awaits without a stage that does`);
  try {
    const verdict = await look(performance, { ...stage.await, cluster: stage.cluster });
    if (verdict.ok) return { kind: 'checked', facts: verdict.facts, evidence: verdict.evidence, measured: verdict.measured ?? {} };
    return { kind: 'unchecked', reason: verdict.reason, again: verdict.again ?? true };
  } catch (error) {
    const again = troubleOf(error, run);
    if (again !== undefined) return again;
    engine.log.warn('check.failed', { runId: run.id, code: errorCode(error), reason: errorText(error) });
    return { kind: 'unchecked', reason: errorText(error), again: true };
  }
}

type Use = { readonly action: string; readonly with: With; readonly cluster: string | { readonly from: string } | undefined };

async function look({ engine, session }: Performance, use: Use) {
  const run = session.run();
  const action = actionOf(engine, use.action, 'check');
  const cluster = await clusterOf({ engine, session }, use.cluster);
  const { params } = paramsOf(run, action, use.with);
  const answer = await timed(engine, { action, signal: session.signal }, (signal) =>
    action.run({ run: run.id, cluster: cluster.name, nowMs: nowIn(engine, cluster), signal, params, kube: readerOf(cluster.access) }),
  );
  return answer.ok ? { ...answer, measured: byOurClock(answer.measured, cluster), facts: parseFacts(action, answer.facts) } : answer;
}
