import type { Run } from '../../model/run.ts';
import { diagnoseAgain } from '../again.ts';
import { stepState, withStep } from '../close.ts';
import { nextStep } from '../enter.ts';
import { type About, after, entry, none, type Observation, paging, type Turn, turn } from '../observation.ts';
import { worthTelling } from '../worth-telling.ts';
import { failStage, startVerifying } from './verifying.ts';
import { withdraw } from './vote.ts';

/** Does exactly the plan: gates and locks first, then step by step, each with the same key however often it is tried. */
export function executing(run: Run, seen: Observation, about: About): Turn | undefined {
  switch (seen.kind) {
    case 'claimed':
      return goOn(run, about);
    case 'started': {
      const { hold: _hold, ...rest } = run;
      return after(
        { entries: [entry('run.executing', { stage: run.plan?.stage ?? '', digest: run.plan?.digest ?? '' })], tell: [] },
        goOn({ ...rest, doing: 'step' }, about),
      );
    }
    // A pause ended, a lock came free, or what is observed changed: there is no need to wait until it is due.
    case 'mail':
      if (seen.mail.kind === 'withdraw' && run.doing === 'start' && run.approval?.requirement.kind === 'people')
        return withdraw({ ...run, approval: run.approval }, seen.mail, about);
      return seen.mail.kind === 'look' && (run.hold !== undefined || isObserving(run)) ? goOn(run, about) : undefined;
    case 'voided':
      return diagnoseAgain(run, seen.changed, about);
    case 'step-done': {
      const done = withStep(run, seen.step, { phase: 'done', result: seen.result, endedMs: about.nowMs });
      return after({ entries: [entry('step.done', { step: seen.step, result: seen.result })], tell: [] }, goOn(done, about));
    }
    case 'step-observing':
      return turn(withStep(run, seen.step, { phase: 'observing', result: seen.result }), { kind: 'observe', step: seen.step }, [
        entry('step.started', { step: seen.step, result: seen.result }),
      ]);
    case 'step-pending': {
      const state = stepState(run, seen.step);
      const startedMs = state?.startedMs ?? about.nowMs;
      const tells = state?.progress !== seen.progress && worthTelling({ sinceMs: startedMs, saidMs: state?.saidMs, nowMs: about.nowMs });
      const pending = withStep({ ...run, dueMs: about.nowMs + seen.afterMs }, seen.step, {
        progress: seen.progress,
        phase: state?.phase === 'observing' ? 'observing' : 'started',
        startedMs,
        ...(tells ? { saidMs: about.nowMs } : {}),
      });
      return turn(pending, none, tells ? [entry('step.progress', { step: seen.step, progress: seen.progress })] : []);
    }
    case 'step-failed':
      return after(
        { entries: [entry('step.failed', { step: seen.step, reason: seen.reason })], tell: [] },
        failStage(withStep(run, seen.step, { phase: 'failed', reason: seen.reason, endedMs: about.nowMs }), seen.reason, about),
      );
    case 'step-unknown': {
      const waiting = {
        for: 'person',
        what: 'settle-step',
        reason: `Whether "${seen.step}" happened is not known: ${seen.reason}`,
        sinceMs: about.nowMs,
        untilMs: about.nowMs + 604_800_000,
        lookMs: about.nowMs + 604_800_000,
      } as const;
      const key = `${run.id}/unknown/${seen.step}`;
      return paging(
        turn(
          { ...withStep(run, seen.step, { phase: 'unknown', reason: seen.reason }), state: 'waiting', waiting, escalated: key, dueMs: waiting.lookMs },
          none,
          [entry('step.unknown', { step: seen.step, reason: seen.reason })],
        ),
        about,
        { key, reason: waiting.reason },
      );
    }
    default:
      return undefined;
  }
}

function isObserving(run: Run): boolean {
  const name = nextStep(run);
  return name !== undefined && stepState(run, name)?.phase === 'observing';
}

/** The next effect of an executing run: the same after a crash as without one. */
function goOn(run: Run, about: About): Turn {
  const { dueMs: _due, ...rest } = run;
  if (run.doing === 'start') {
    const { approval } = run;
    const tooLate = approval !== undefined && approval.requirement.kind === 'people' && about.nowMs > approval.expiresMs;
    if (tooLate) return diagnoseAgain(run, ['the approval was not used within its time'], about);
    return turn(rest, { kind: 'start' });
  }
  const name = nextStep(run);
  if (name === undefined) return startVerifying(rest, about);
  const state = stepState(run, name);
  const overdue = state?.startedMs !== undefined && about.nowMs > state.startedMs + state.withinMs;
  if (overdue && run.hold === undefined && run.trouble === undefined) {
    const reason = `too slow: not finished within its time${state.progress === undefined ? '' : ` (${state.progress})`}`;
    return after(
      { entries: [entry('step.failed', { step: name, reason })], tell: [] },
      failStage(withStep(rest, name, { phase: 'failed', reason, endedMs: about.nowMs }), reason, about),
    );
  }
  if (state?.phase === 'observing') return turn(rest, { kind: 'observe', step: name });
  return turn(withStep(rest, name, { phase: 'started', startedMs: state?.startedMs ?? about.nowMs, attempts: (state?.attempts ?? 0) + 1 }), {
    kind: 'execute',
    step: name,
  });
}
