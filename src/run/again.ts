import { isList } from '../model/json.ts';
import type { Run } from '../model/run.ts';
import { close } from './close.ts';
import { type About, calming, type Draft, entry, type Turn, turn } from './observation.ts';

/** A plan that keeps changing is a sign that nobody understands what goes on. */
const MOST_VOIDS = 9;

/** Enters execution with a granted approval; gates, digest and locks are looked at first. */
export function startSteps(run: Run, entries: readonly Draft[]): Turn {
  // A hold that the proposal showed is asked anew, and told where it still holds.
  const { waiting: _waiting, dueMs: _due, escalated: _escalated, hold: _hold, ...rest } = run;
  return { run: { ...rest, state: 'executing', doing: 'start' }, effect: { kind: 'start' }, entries, tell: calming(run, whoGranted(entries)) };
}

function whoGranted(entries: readonly Draft[]): string | undefined {
  const by = entries.find(({ type }) => type === 'approval.granted')?.data['by'];
  return isList(by) ? by.filter((one) => typeof one === 'string').join(', ') : undefined;
}

/** The approval is void: diagnose again, and make a new proposal that says what changed. Steps that are done stay done. */
export function diagnoseAgain(run: Run, changed: readonly string[], about: About): Turn {
  if (run.voids >= MOST_VOIDS) return close(run, about, { end: 'handed-over', reason: `The plan kept changing: ${changed.join('; ')}`, mode: 'stop' });
  const { plan, approval: _approval, hold: _hold, heldSinceMs: _since, dueMs: _due, ...rest } = run;
  const line = entry('run.voided', { digest: plan?.digest ?? '', changed: [...changed] });
  // What was taken up and had written nothing yet was never begun.
  const steps = run.steps.filter((step) => step.phase !== 'started' || step.wrote !== false);
  return turn({ ...rest, steps, state: 'diagnosing', doing: 'diagnose', changed, voids: run.voids + 1 }, { kind: 'diagnose' }, [line]);
}
