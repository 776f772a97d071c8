import type { EndState, Run, StepState } from '../model/run.ts';
import { type About, after, calming, entry, type Turn, turn } from './observation.ts';

type Ending = {
  readonly end: EndState;
  readonly reason: string;
  readonly mode: 'rollback' | 'stop' /** Start the ladder with this reason. */;
  readonly page?: boolean;
};

/** Ends of which people must hear: the alert's cause is still there. */
const UNWELL: readonly EndState[] = ['failed', 'rolled-back', 'handed-over', 'expired'];

/** Puts a run on its way to an end: first what must be undone, then the end itself. */
export function close(run: Run, about: About, ending: Ending): Turn {
  const closing = { end: ending.end, reason: ending.reason, mode: ending.mode, sinceMs: about.nowMs, attempts: 0 };
  const { hold: _hold, heldSinceMs: _since, trouble: _trouble, waiting: _waiting, doing: _doing, dueMs: _due, escalated: _escalated, ...rest } = run;
  const next: Run = { ...rest, state: 'closing', closing };
  const tell =
    (ending.page ?? UNWELL.includes(ending.end))
      ? [{ kind: 'escalate' as const, key: `${run.id}/end`, ladder: about.playbook.escalate, reason: ending.reason }]
      : [];
  const first = {
    entries: [entry('run.closing', { end: ending.end, reason: ending.reason, mode: ending.mode, undo: toUndo(next).map((step) => step.step) })],
    tell: [...calming(run), ...tell],
  };
  return after(first, continueClosing(next, about));
}

/** The next thing on the way to the end: keep evidence, undo one step, or end. */
export function continueClosing(run: Run, about: About): Turn {
  const { dueMs: _due, ...rest } = run;
  const { hold: _hold, ...unheld } = rest;
  const step = toUndo(run)[0];
  if (step === undefined) return end(unheld, about);
  const keepUntilMs = keptUntilMs(run, step);
  if (keepUntilMs > about.nowMs) return turn({ ...unheld, dueMs: keepUntilMs });
  return turn(rest, { kind: 'undo', step: step.step, generation: step.generation });
}

function end(run: Run, about: About): Turn {
  const closing = run.closing;
  if (closing === undefined) return turn(run);
  const state = closing.end;
  // Where nothing is undone, nobody looked what came of a write that a crash or a lost answer cut short.
  const unknown = run.openIntents.map((key) => key.slice(key.indexOf(' ') + 1));
  const left = unknown.length === 0 ? [] : [entry('writes.unknown', { writes: unknown })];
  return turn({ ...run, state, endedMs: about.nowMs }, { kind: 'end' }, [...left, entry('run.ended', { end: state, reason: closing.reason })]);
}

/** Steps still to be undone, latest first, over all generations. */
export function toUndo(run: Run): readonly StepState[] {
  const mode = run.closing?.mode ?? 'stop';
  return run.steps.filter((step) => hasBegun(step) && (step.undo === 'always' || (mode === 'rollback' && step.undo === 'on-failure'))).toReversed();
}

/** A step that may have written something, and was not undone yet. */
function hasBegun(step: StepState): boolean {
  return step.wrote !== false && step.phase !== 'planned' && step.phase !== 'undone' && step.phase !== 'not-undone' && step.phase !== 'written-off';
}

/** A failed drill's evidence stays a while before it is cleaned up. */
function keptUntilMs(run: Run, step: StepState): number {
  if (run.closing === undefined || run.closing.end === 'done' || run.closing.end === 'recovered') return 0;
  return step.keepOnFailureMs === undefined ? 0 : run.closing.sinceMs + step.keepOnFailureMs;
}

/** One step of a run: by its name the latest of that name, else the one of that generation. */
export type Which = string | { readonly step: string; readonly generation: number };

/** Replaces one step of a run. */
export function withStep(run: Run, which: Which, change: Partial<StepState>): Run {
  const index = run.steps.findLastIndex((step) => isMeant(step, which));
  return { ...run, steps: run.steps.map((step, at) => (at === index ? { ...step, ...change } : step)) };
}

export function stepState(run: Run, which: Which): StepState | undefined {
  return run.steps.findLast((step) => isMeant(step, which));
}

function isMeant({ step, generation }: StepState, which: Which): boolean {
  return typeof which === 'string' ? step === which : step === which.step && generation === which.generation;
}
