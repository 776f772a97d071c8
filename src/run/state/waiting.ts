import type { RunMail } from '../../model/mail.ts';
import { type AskStage, isAwait, isSteps, type Stage } from '../../model/playbook.ts';
import type { Run, Waiting } from '../../model/run.ts';
import { judgeAnswer } from '../answer.ts';
import { close, stepState, withStep } from '../close.ts';
import { followFinding, nextStage } from '../enter.ts';
import { type About, after, calming, entry, none, type Observation, paging, type Turn, turn } from '../observation.ts';

/** Parked durably: for the world, for time, or for a person. Nothing is held in memory meanwhile. */
export function waiting(run: Run, seen: Observation, about: About): Turn | undefined {
  if (run.waiting === undefined) return undefined;
  const parked: Parked = { ...run, waiting: run.waiting };
  switch (run.waiting.what) {
    case 'finding':
      return waitingForFinding(parked, seen, about);
    case 'settle':
      return settling(parked, seen, about);
    case 'await':
      return awaiting(parked, seen, about);
    case 'ask':
      return asking(parked, seen, about);
    case 'settle-step':
      return settlingStep(parked, seen, about);
  }
}

type Parked = Run & { readonly waiting: Waiting };

function waitingForFinding(run: Parked, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'found') return followFinding(run, seen, about);
  if (seen.kind === 'claimed') return about.nowMs >= run.waiting.lookMs ? turn(run, { kind: 'diagnose' }) : turn({ ...run, dueMs: run.waiting.lookMs });
  if (seen.kind === 'mail' && seen.mail.kind === 'resolved') return turn(run, { kind: 'diagnose' }, [entry('alert.resolved', { episode: seen.mail.episode })]);
  if (seen.kind === 'mail' && seen.mail.kind === 'look') return turn(run, { kind: 'diagnose' });
  return undefined;
}

function settling(run: Parked, seen: Observation, about: About): Turn | undefined {
  const news = seen.kind === 'mail' && seen.mail.kind === 'resolved';
  if (seen.kind !== 'claimed' && !news) return undefined;
  if (seen.kind === 'claimed' && about.nowMs < run.waiting.untilMs) return turn({ ...run, dueMs: run.waiting.untilMs });
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  return turn({ ...rest, state: 'diagnosing', doing: 'diagnose' }, { kind: 'diagnose' });
}

function awaiting(run: Parked, seen: Observation, about: About): Turn | undefined {
  const stage = about.playbook.stages[run.stage];
  if (stage === undefined || !isAwait(stage)) return undefined;
  switch (seen.kind) {
    case 'claimed':
      if (about.nowMs < Math.min(run.waiting.lookMs, run.waiting.untilMs)) return turn({ ...run, dueMs: run.waiting.lookMs });
      return turn(run, { kind: 'check' });
    case 'mail':
      return seen.mail.kind === 'look' ? turn(run, { kind: 'check' }) : undefined;
    case 'checked': {
      const { waiting: _waiting, dueMs: _due, ...rest } = run;
      const next: Run = { ...rest, checks: { ...run.checks, [stage.id]: seen.facts }, measured: { ...run.measured, ...seen.measured } };
      return after(
        { entries: [entry('await.done', { stage: stage.id, evidence: [...seen.evidence] })], tell: calming(run) },
        nextStage(withoutEscalation(next), about),
      );
    }
    case 'unchecked':
    case 'trouble': {
      if (about.nowMs >= run.waiting.untilMs) return patienceOver(run, stage.await.within, about);
      const lookMs = Math.min(run.waiting.untilMs, about.nowMs + (seen.kind === 'trouble' ? seen.afterMs : stage.await.every));
      const isNews = run.waiting.reason !== seen.reason;
      return turn(
        { ...run, waiting: { ...run.waiting, reason: seen.reason, lookMs }, dueMs: lookMs },
        none,
        isNews ? [entry('await.waiting', { stage: stage.id, reason: seen.reason })] : [],
      );
    }
    default:
      return undefined;
  }
}

function asking(run: Parked, seen: Observation, about: About): Turn | undefined {
  const stage = about.playbook.stages[run.stage];
  if (stage === undefined || !isAsk(stage)) return undefined;
  if (seen.kind === 'claimed') {
    if (about.nowMs >= run.waiting.untilMs) return patienceOver(run, stage.ask.within, about);
    if (about.nowMs < run.waiting.lookMs) return turn({ ...run, dueMs: run.waiting.lookMs });
    return turn({ ...run, waiting: { ...run.waiting, lookMs: run.waiting.untilMs }, dueMs: run.waiting.untilMs }, none, [
      entry('ask.reminded', { stage: stage.id, untilMs: run.waiting.untilMs }),
    ]);
  }
  if (seen.kind === 'mail' && seen.mail.kind === 'answer') return takeAnswer(run, { stage, mail: seen.mail, atMs: seen.atMs }, about);
  return undefined;
}

type Answered = { readonly stage: AskStage; readonly mail: Extract<RunMail, { kind: 'answer' }>; readonly atMs: number };

function takeAnswer(run: Run, { stage, mail, atMs }: Answered, about: About): Turn {
  const judged = judgeAnswer({ stage, mail, run, policy: about.policy });
  if (judged.kind === 'refused') return turn(run, none, [entry('ask.refused', { stage: stage.id, by: mail.by, code: judged.code, reason: judged.reason })]);
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  const next: Run = { ...rest, answers: { ...run.answers, [stage.id]: { value: judged.value, by: mail.by, atMs } } };
  const said = { entries: [entry('ask.answered', { stage: stage.id, by: mail.by, surface: mail.surface, value: judged.value })], tell: calming(run) };
  if (judged.goesOn) return after(said, nextStage(withoutEscalation(next), about));
  return after(said, otherwise(next, { answer: stage.ask.otherwise, reason: `${mail.by} answered ${JSON.stringify(judged.value)}` }, about));
}

type Failing = { readonly answer: 'stop' | 'rollback' | 'hand-over' | 'escalate'; readonly reason: string };

/** Patience is over: `escalate` starts the ladder once and waits one more time, then a person has to take over. */
function patienceOver(run: Parked, withinMs: number, about: About): Turn {
  const stage = about.playbook.stages[run.stage];
  const answer = stage === undefined || isSteps(stage) ? 'stop' : isAwait(stage) ? stage.await.otherwise : stage.ask.otherwise;
  if (answer === 'escalate' && run.waiting.escalated !== true) {
    const untilMs = about.nowMs + withinMs;
    const key = `${run.id}/${stage?.id ?? ''}`;
    const lookMs = run.waiting.what === 'await' ? about.nowMs : untilMs;
    return paging(
      turn({ ...run, escalated: key, waiting: { ...run.waiting, untilMs, lookMs, escalated: true }, dueMs: lookMs }, none, [
        entry('wait.escalated', { stage: stage?.id ?? '', ladder: about.playbook.escalate, untilMs }),
      ]),
      about,
      { key, reason: `Still waiting: ${run.waiting.reason}` },
    );
  }
  return otherwise(run, { answer, reason: `Waited in vain: ${run.waiting.reason}` }, about);
}

function otherwise(run: Run, { answer, reason }: Failing, about: About): Turn {
  if (answer === 'rollback') return close(run, about, { end: 'rolled-back', reason, mode: 'rollback' });
  if (answer === 'stop') return close(run, about, { end: 'failed', reason, mode: 'stop' });
  return close(run, about, { end: 'handed-over', reason, mode: 'stop' });
}

/** A person settles what a crash or timeout left unknown. */
function settlingStep(run: Parked, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'claimed') return turn({ ...run, dueMs: run.waiting.lookMs });
  if (seen.kind !== 'mail' || seen.mail.kind !== 'settle') return undefined;
  const { mail } = seen;
  const state = stepState(run, mail.step);
  if (state?.phase !== 'unknown')
    return turn(run, none, [entry('settle.refused', { step: mail.step, by: mail.by, reason: `"${mail.step}" has no unknown outcome` })]);
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  const said = { entries: [entry('step.settled', { step: mail.step, by: mail.by, as: mail.as })], tell: calming(run) };
  const base: Run = { ...withoutEscalation(rest), state: 'executing', doing: 'step', openIntents: [] };
  if (mail.as === 'done') return after(said, turn(withStep(base, mail.step, { phase: 'done', result: state.result ?? {}, endedMs: about.nowMs }), none));
  return after(said, turn(withStep(base, mail.step, { phase: 'planned' }), none));
}

function isAsk(stage: Stage): stage is AskStage {
  return 'ask' in stage;
}

function withoutEscalation(run: Run): Run {
  const { escalated: _escalated, ...rest } = run;
  return rest;
}
