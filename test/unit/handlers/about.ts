import type { About, CheckAction, DiagnosisAction, FinderAction, RemediationAction } from '../../../src/action/contract.ts';
import { NOW } from './velero-objects.ts';

export const STEP_KEY = '3f9a01c2'.padEnd(64, '0');

export function about(nowMs = NOW): About {
  return { run: 'run/0123456789abcdef-1', cluster: 'prod', nowMs, signal: new AbortController().signal };
}

/** Runs a diagnosis as the engine does, of a run that has begun one step: parameters and facts go through its schemas. */
export async function diagnose(action: DiagnosisAction, params: object, kube: Parameters<DiagnosisAction['run']>[0]['kube'], nowMs?: number) {
  const answer = await action.run({ ...about(nowMs), begun: [STEP_KEY], params: action.params.parse(params), kube });
  return { ...answer, facts: action.facts.parse(answer.facts) };
}

/** Runs a check as the engine does. */
export async function look(action: CheckAction, params: object, kube: Parameters<CheckAction['run']>[0]['kube'], nowMs?: number) {
  const answer = await action.run({ ...about(nowMs), params: action.params.parse(params), kube });
  return answer.ok ? { ...answer, facts: action.facts.parse(answer.facts) } : answer;
}

export async function find(action: FinderAction, params: object, kube: Parameters<FinderAction['run']>[0]['kube']) {
  return action.run({ ...about(), params: action.params.parse(params), kube });
}

/** The calls of one remediation with its parameters filled in. */
export function calls(action: RemediationAction, given: object, kube: Parameters<RemediationAction['execute']>[0]['kube']) {
  const params = action.params.parse(given);
  return {
    plan: (stepKey = STEP_KEY) => action.plan({ ...about(), params, kube, stepKey }),
    execute: (stepKey = STEP_KEY) => action.execute({ ...about(), params, kube, stepKey }),
    observe: (result: object) => action.observe?.({ ...about(), params, kube, result: action.result.parse(result) }),
    verify: (result: object) => action.verify({ ...about(), params, kube, result: action.result.parse(result) }),
    rollback: async (stepKey = STEP_KEY) =>
      typeof action.rollback === 'function' ? action.rollback({ ...about(), params, kube, stepKey }) : { kind: 'failed' as const, reason: 'impossible' },
  };
}
