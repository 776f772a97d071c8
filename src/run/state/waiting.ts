import type { RunMail } from '../../model/mail.ts';
import { type AskStage, isAwait, isSteps, type Stage } from '../../model/playbook.ts';
import type { Run, Waiting } from '../../model/run.ts';
import { judgeAnswer } from '../answer.ts';
import { close, stepState, withStep } from '../close.ts';
import { followFinding, nextStage } from '../enter.ts';
import { type About, after, entry, none, type Observation, type Turn, turn } from '../observation.ts';

/** Parked durably: for the world, for time, or for a person. Nothing is held in memory meanwhile. */
export function waiting(run: Run, seen: Observation, about: About): Turn | undefined {
  const { waiting: parked } = run;
  if (parked === undefined) return undefined;
  switch (parked.what) {
    case 'finding':
      return waitingForFinding(run, parked, seen, about);
    case 'settle':
      return settling(run, parked, seen, about);
    case 'await':
      return awaiting(run, parked, seen, about);
    case 'ask':
      return asking(run, parked, seen, about);
    case 'settle-step':
      return settlingStep(run, parked, seen, about);
  }
}

function waitingForFinding(run: Run, parked: Waiting, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'found') return followFinding(run, seen, about);
  if (seen.kind === 'claimed') return about.nowMs >= parked.lookMs ? turn(run, { kind: 'diagnose' }) : turn({ ...run, dueMs: parked.lookMs });
  if (seen.kind === 'mail' && seen.mail.kind === 'resolved') return turn(run, { kind: 'diagnose' }, [entry('alert.resolved', { episode: seen.mail.episode })]);
  if (seen.kind === 'mail' && seen.mail.kind === 'look') return turn(run, { kind: 'diagnose' });
  return undefined;
}

function settling(run: Run, parked: Waiting, seen: Observation, about: About): Turn | undefined {
  const news = seen.kind === 'mail' && seen.mail.kind === 'resolved';
  if (seen.kind !== 'claimed' && !news) return undefined;
  if (seen.kind === 'claimed' && about.nowMs < parked.untilMs) return turn({ ...run, dueMs: parked.untilMs });
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  return turn({ ...rest, state: 'diagnosing', doing: 'diagnose' }, { kind: 'diagnose' });
}

function awaiting(run: Run, parked: Waiting, seen: Observation, about: About): Turn | undefined {
  const stage = about.playbook.stages[run.stage];
  if (stage === undefined || !isAwait(stage)) return undefined;
  switch (seen.kind) {
    case 'claimed':
      if (about.nowMs < Math.min(parked.lookMs, parked.untilMs)) return turn({ ...run, dueMs: parked.lookMs });
      return turn(run, { kind: 'check' });
    case 'mail':
      return seen.mail.kind === 'look' ? turn(run, { kind: 'check' }) : undefined;
    case 'checked': {
      const { waiting: _waiting, dueMs: _due, ...rest } = run;
      const next: Run = { ...rest, checks: { ...run.checks, [stage.id]: seen.facts }, measured: { ...run.measured, ...seen.measured } };
      return after(
        { entries: [entry('await.done', { stage: stage.id, evidence: [...seen.evidence] })], tell: calm(run) },
        nextStage(withoutEscalation(next), about),
      );
    }
    case 'unchecked':
    case 'trouble': {
      if (about.nowMs >= parked.untilMs) return patienceOver(run, parked, stage.await.within, about);
      const lookMs = Math.min(parked.untilMs, about.nowMs + (seen.kind === 'trouble' ? seen.afterMs : stage.await.every));
      const isNews = parked.reason !== seen.reason;
      return turn(
        { ...run, waiting: { ...parked, reason: seen.reason, lookMs }, dueMs: lookMs },
        none,
        isNews ? [entry('await.waiting', { stage: stage.id, reason: seen.reason })] : [],
      );
    }
    default:
      return undefined;
  }
}

function asking(run: Run, parked: Waiting, seen: Observation, about: About): Turn | undefined {
  const stage = about.playbook.stages[run.stage];
  if (stage === undefined || !isAsk(stage)) return undefined;
  if (seen.kind === 'claimed') {
    if (about.nowMs >= parked.untilMs) return patienceOver(run, parked, stage.ask.within, about);
    if (about.nowMs < parked.lookMs) return turn({ ...run, dueMs: parked.lookMs });
    return turn({ ...run, waiting: { ...parked, lookMs: parked.untilMs }, dueMs: parked.untilMs }, none, [
      entry('ask.reminded', { stage: stage.id, untilMs: parked.untilMs }),
    ]);
  }
  if (seen.kind === 'mail' && seen.mail.kind === 'answer') return answer(run, stage, seen.mail, seen.atMs, about);
  return undefined;
}

function answer(run: Run, stage: AskStage, mail: Extract<RunMail, { kind: 'answer' }>, atMs: number, about: About): Turn {
  const judged = judgeAnswer({ stage, mail, run, policy: about.policy });
  if (judged.kind === 'refused') return turn(run, none, [entry('ask.refused', { stage: stage.id, by: mail.by, code: judged.code, reason: judged.reason })]);
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  const next: Run = { ...rest, answers: { ...run.answers, [stage.id]: { value: judged.value, by: mail.by, atMs } } };
  const said = { entries: [entry('ask.answered', { stage: stage.id, by: mail.by, surface: mail.surface, value: judged.value })], tell: calm(run) };
  if (judged.goesOn) return after(said, nextStage(withoutEscalation(next), about));
  return after(said, otherwise(next, stage.ask.otherwise, `${mail.by} answered ${JSON.stringify(judged.value)}`, about));
}

/** Patience is over: `escalate` starts the ladder once and waits one more time, then a person has to take over. */
function patienceOver(run: Run, parked: Waiting, withinMs: number, about: About): Turn {
  const stage = about.playbook.stages[run.stage];
  const answer = stage === undefined || isSteps(stage) ? 'stop' : isAwait(stage) ? stage.await.otherwise : stage.ask.otherwise;
  if (answer === 'escalate' && parked.escalated !== true) {
    const untilMs = about.nowMs + withinMs;
    const key = `${run.id}/${stage?.id ?? ''}`;
    const lookMs = parked.what === 'await' ? about.nowMs : untilMs;
    return turn(
      { ...run, escalated: key, waiting: { ...parked, untilMs, lookMs, escalated: true }, dueMs: lookMs },
      none,
      [entry('wait.escalated', { stage: stage?.id ?? '', ladder: about.playbook.escalate, untilMs })],
      [{ kind: 'escalate', key, ladder: about.playbook.escalate, reason: `Still waiting: ${parked.reason}` }],
    );
  }
  return otherwise(run, answer, `Waited in vain: ${parked.reason}`, about);
}

function otherwise(run: Run, answer: 'stop' | 'rollback' | 'hand-over' | 'escalate', reason: string, about: About): Turn {
  if (answer === 'rollback') return close(run, about, { end: 'rolled-back', reason, mode: 'rollback' });
  if (answer === 'stop') return close(run, about, { end: 'failed', reason, mode: 'stop' });
  return close(run, about, { end: 'handed-over', reason, mode: 'stop' });
}

/** A person settles what a crash or timeout left unknown. */
function settlingStep(run: Run, parked: Waiting, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'claimed') return turn({ ...run, dueMs: parked.lookMs });
  if (seen.kind !== 'mail' || seen.mail.kind !== 'settle') return undefined;
  const { mail } = seen;
  const state = stepState(run, mail.step);
  if (state?.phase !== 'unknown')
    return turn(run, none, [entry('settle.refused', { step: mail.step, by: mail.by, reason: `"${mail.step}" has no unknown outcome` })]);
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  const said = { entries: [entry('step.settled', { step: mail.step, by: mail.by, as: mail.as })], tell: calm(run) };
  const base: Run = { ...withoutEscalation(rest), state: 'executing', doing: 'step', openIntents: [] };
  if (mail.as === 'done')
    return after(said, turn(withStep(base, mail.step, { phase: 'done', result: state.result ?? {}, endedMs: about.nowMs }), none, [], []));
  return after(said, turn(withStep(base, mail.step, { phase: 'planned' }), none));
}

function isAsk(stage: Stage): stage is AskStage {
  return 'ask' in stage;
}

function calm(run: Run): Turn['tell'] {
  return run.escalated === undefined ? [] : [{ kind: 'calm', key: run.escalated }];
}

function withoutEscalation(run: Run): Run {
  const { escalated: _escalated, ...rest } = run;
  return rest;
}
