import { isSteps } from '../../model/playbook.ts';
import type { Run, StepState } from '../../model/run.ts';
import { startSteps } from '../again.ts';
import { close } from '../close.ts';
import { followFinding } from '../enter.ts';
import { type About, entry, none, type Observation, type Turn, turn } from '../observation.ts';
import { nextReminderMs } from '../remind.ts';
import { proposedSteps } from './proposal.ts';

/** Looks and plans; can only read, so a crash here costs nothing but the look. */
export function diagnosing(run: Run, seen: Observation, about: About): Turn | undefined {
  switch (seen.kind) {
    case 'claimed':
      return turn(withoutDue(run), { kind: run.doing === 'plan' ? 'plan' : 'diagnose' });
    case 'found':
      return followFinding(run, seen, about);
    case 'unplannable':
      return close(run, about, { end: 'handed-over', reason: seen.reason, mode: 'stop' });
    case 'planned':
      return propose(run, seen, about);
    default:
      return undefined;
  }
}

type Planned = Extract<Observation, { kind: 'planned' }>;

/** A plan was made: nobody is asked, an automatic rule covers it, or people decide. */
function propose(run: Run, seen: Planned, about: About): Turn {
  const { plan, requirement } = seen;
  const stage = about.playbook.stages[run.stage];
  const settleMs = stage !== undefined && isSteps(stage) ? stage.settle : undefined;
  if (requirement.kind === 'auto' && settleMs !== undefined && run.settledStage !== run.stage) {
    const untilMs = about.nowMs + settleMs;
    const { doing: _doing, ...rest } = run;
    const waiting = {
      for: 'time',
      what: 'settle',
      reason: 'settling before an automatic change, then looking again',
      sinceMs: about.nowMs,
      untilMs,
      lookMs: untilMs,
    } as const;
    return turn({ ...rest, state: 'waiting', settledStage: run.stage, waiting, dueMs: untilMs }, none, [
      entry('run.waiting', { for: 'time', reason: waiting.reason, untilMs }),
    ]);
  }
  const { doing: _doing, hold: _hold, dueMs: _due, ...rest } = run;
  const { changed } = run;
  const asked = requirement.kind === 'people' || requirement.kind === 'hold';
  const approval = { requirement, askedMs: about.nowMs, expiresMs: about.nowMs + (requirement.kind === 'people' ? requirement.withinMs : 900_000), votes: [] };
  const remindAtMs =
    requirement.kind === 'people'
      ? nextReminderMs({ everyMs: requirement.remindMs, sinceMs: approval.askedMs, untilMs: approval.expiresMs }, about)
      : undefined;
  const next: Run = {
    ...rest,
    generation: plan.generation,
    plan,
    steps: mergeSteps(run.steps, seen.steps),
    approval: remindAtMs === undefined ? approval : { ...approval, remindAtMs },
  };
  const proposed = entry('run.proposed', {
    stage: plan.stage,
    generation: plan.generation,
    digest: plan.digest,
    risk: plan.risk,
    asks: requirement.kind === 'people' ? requirement.words : requirement.kind === 'hold' ? requirement.reason : requirement.kind,
    expiresMs: asked ? approval.expiresMs : undefined,
    hold: asked && seen.hold !== undefined ? { gate: seen.hold.gate, reason: seen.hold.reason } : undefined,
    changed: changed === undefined ? undefined : [...changed],
    typed: requirement.kind === 'people' && requirement.confirmation !== undefined ? true : undefined,
    steps: proposedSteps(plan, seen.steps),
  });
  if (!asked) return startSteps({ ...next, approval: { ...approval, grantedMs: about.nowMs } }, [proposed]);
  const hold = requirement.kind === 'hold' ? ({ kind: 'hold', gate: 'role', reason: requirement.reason } as const) : seen.hold;
  return turn(
    { ...next, state: 'proposed', ...(hold === undefined ? {} : { hold }), dueMs: Math.min(approval.expiresMs, remindAtMs ?? approval.expiresMs) },
    none,
    [proposed],
  );
}

/** Steps that are done stay; what the new plan holds takes the place of what was planned before and not begun. */
function mergeSteps(before: readonly StepState[], planned: readonly StepState[]): readonly StepState[] {
  return [...before.filter((step) => step.phase !== 'planned'), ...planned];
}

function withoutDue(run: Run): Run {
  const { dueMs: _due, ...rest } = run;
  return rest;
}
