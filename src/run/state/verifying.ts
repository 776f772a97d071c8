import { isSteps } from '../../model/playbook.ts';
import type { Run } from '../../model/run.ts';
import { diagnoseAgain } from '../again.ts';
import { close, withStep } from '../close.ts';
import { nextStage } from '../enter.ts';
import { type About, after, entry, none, type Observation, type Turn, turn } from '../observation.ts';

const LOOK_AGAIN_MS = 5000;
const LONGEST_VERIFY_MS = 300_000;

/** Checks that it worked. What was done is not believed, it is read. */
export function verifying(run: Run, seen: Observation, about: About): Turn | undefined {
  switch (seen.kind) {
    case 'claimed':
      return turn(withoutDue(run), { kind: 'verify' });
    case 'verified': {
      const next: Run = { ...withoutDue(run), checks: { ...run.checks, ...seen.checks }, measured: { ...run.measured, ...seen.measured } };
      return after({ entries: [entry('run.verified', { stage: run.plan?.stage ?? '', evidence: [...seen.evidence] })], tell: [] }, nextStage(next, about));
    }
    case 'unverified': {
      const sinceMs = run.verifyingSinceMs ?? about.nowMs;
      if (seen.again && about.nowMs - sinceMs < withinOf(run, about)) {
        const first = (run.verifyFailures ?? 0) === 0;
        const again: Run = { ...run, verifyFailures: (run.verifyFailures ?? 0) + 1, dueMs: about.nowMs + LOOK_AGAIN_MS };
        return turn(again, none, first ? [entry('run.unverified', { reason: seen.reason, again: true })] : []);
      }
      return after({ entries: [entry('run.unverified', { reason: seen.reason, again: false })], tell: [] }, unhelped(run, seen, about));
    }
    default:
      return undefined;
  }
}

/** Every step is done: look whether it helped. */
export function startVerifying(run: Run, about: About): Turn {
  const { doing: _doing, hold: _hold, dueMs: _due, ...rest } = run;
  return turn({ ...rest, state: 'verifying', verifyingSinceMs: about.nowMs, verifyFailures: 0 }, { kind: 'verify' }, [
    entry('run.verifying', { stage: run.plan?.stage ?? '' }),
  ]);
}

/** A step or the verification failed: the stage says what follows. */
export function failStage(run: Run, reason: string, about: About): Turn {
  const stage = about.playbook.stages[run.stage];
  const answer = stage !== undefined && isSteps(stage) ? stage.onFailure : 'stop';
  if (answer === 'propose') return diagnoseAgain(run, [`the last attempt failed: ${reason}`], about);
  if (answer === 'rollback') return close(run, about, { end: 'rolled-back', reason, mode: 'rollback' });
  return close(run, about, { end: 'failed', reason, mode: 'stop' });
}

/** What was done did not help. A new proposal plans the step anew that said so itself; where only a check of the stage says no, nothing is left to propose. */
function unhelped(run: Run, { step, reason }: Extract<Observation, { kind: 'unverified' }>, about: About): Turn {
  const stage = about.playbook.stages[run.stage];
  if (stage === undefined || !isSteps(stage) || stage.onFailure !== 'propose') return failStage(run, reason, about);
  if (step === undefined) return close(run, about, { end: 'failed', reason, mode: 'stop' });
  return failStage(withStep(run, step, { phase: 'failed', reason }), reason, about);
}

function withinOf(run: Run, about: About): number {
  const stage = about.playbook.stages[run.stage];
  const limits = stage !== undefined && isSteps(stage) ? stage.verify.map((check) => check.within) : [];
  return limits.length === 0 ? LONGEST_VERIFY_MS : Math.max(...limits);
}

function withoutDue(run: Run): Run {
  const { dueMs: _due, ...rest } = run;
  return rest;
}
