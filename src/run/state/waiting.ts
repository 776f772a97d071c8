import type { RunMail } from '../../model/mail.ts';
import { type AskStage, isAwait, isSteps, type Stage } from '../../model/playbook.ts';
import type { Run, Waiting } from '../../model/run.ts';
import { answerersOf, judgeAnswer } from '../answer.ts';
import { close, stepState, withStep } from '../close.ts';
import { followFinding, nextStage, takeFacts } from '../enter.ts';
import { type About, after, calming, entry, none, type Observation, paging, type Turn, turn } from '../observation.ts';
import { MOST_NAMED, nextReminderMs } from '../remind.ts';
import { worthTelling } from '../worth-telling.ts';

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
  // A diagnosis that cannot be made does not make patience endless.
  if ((seen.kind === 'trouble' || seen.kind === 'held') && about.nowMs >= run.waiting.untilMs)
    return close(run, about, { end: 'handed-over', reason: `Waited in vain: ${run.waiting.reason}`, mode: 'stop' });
  return undefined;
}

function settling(run: Parked, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'mail' && seen.mail.kind === 'resolved') return turn(run, { kind: 'diagnose' }, [entry('alert.resolved', { episode: seen.mail.episode })]);
  if (seen.kind === 'found') {
    if (seen.finding.kind === 'recovered') return followFinding(run, seen, about);
    const taken = takeFacts(run, seen, about);
    return turn(taken.run, none, taken.entries);
  }
  if (seen.kind !== 'claimed') return undefined;
  if (about.nowMs < run.waiting.untilMs) return turn({ ...run, dueMs: run.waiting.untilMs });
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
    case 'held':
      return about.nowMs >= run.waiting.untilMs ? patienceOver(run, stage.await.within, about) : undefined;
    case 'unchecked':
    case 'trouble': {
      const { reason, sinceMs, saidMs } = run.waiting;
      if (about.nowMs >= run.waiting.untilMs) return patienceOver(run, stage.await.within, about);
      if (seen.kind === 'unchecked' && !seen.again) return otherwise(run, { answer: finalAnswer(stage.await.otherwise), reason: seen.reason }, about);
      const lookMs = Math.min(run.waiting.untilMs, about.nowMs + (seen.kind === 'trouble' ? Math.max(seen.afterMs, stage.await.every) : stage.await.every));
      const tells = reason !== seen.reason && worthTelling({ sinceMs, saidMs, nowMs: about.nowMs });
      const now = { ...run.waiting, reason: seen.reason, lookMs, ...(tells ? { saidMs: about.nowMs } : {}) };
      return turn({ ...run, waiting: now, dueMs: lookMs }, none, tells ? [entry('await.waiting', { stage: stage.id, reason: seen.reason })] : []);
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
    const { sinceMs, untilMs } = run.waiting;
    const of = answerersOf(stage.ask.role, about.policy).slice(0, MOST_NAMED);
    const lookMs = nextReminderMs({ everyMs: stage.ask.remind, sinceMs, untilMs }, about) ?? untilMs;
    return turn({ ...run, waiting: { ...run.waiting, lookMs }, dueMs: lookMs }, none, [
      entry('ask.reminded', { stage: stage.id, role: stage.ask.role, text: stage.ask.text, untilMs, of }),
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
  const said = { entries: [entry('ask.answered', { stage: stage.id, by: mail.by, surface: mail.surface, value: judged.value })], tell: calming(run, mail.by) };
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
    const said = turn({ ...run, escalated: key, waiting: { ...run.waiting, untilMs, lookMs, escalated: true }, dueMs: lookMs }, none, [
      entry('wait.escalated', { stage: stage?.id ?? '', ladder: about.playbook.escalate, untilMs }),
    ]);
    return paging({ ...said, tell: calming(run) }, about, { key, reason: `Still waiting: ${run.waiting.reason}` });
  }
  return otherwise(run, { answer, reason: `Waited in vain: ${run.waiting.reason}` }, about);
}

function otherwise(run: Run, { answer, reason }: Failing, about: About): Turn {
  if (answer === 'rollback') return close(run, about, { end: 'rolled-back', reason, mode: 'rollback' });
  if (answer === 'stop') return close(run, about, { end: 'failed', reason, mode: 'stop' });
  return close(run, about, { end: 'handed-over', reason, mode: 'stop' });
}

/** A check that can no longer become true needs no more patience: who would only be told to wait longer takes over now. */
function finalAnswer(answer: Failing['answer']): Failing['answer'] {
  return answer === 'escalate' ? 'hand-over' : answer;
}

const UNSETTLED_MS = 604_800_000;

/** A person settles what a crash or timeout left unknown. Nobody else can, so it is asked for again each week. */
function settlingStep(run: Parked, seen: Observation, about: About): Turn | undefined {
  if (seen.kind === 'claimed') {
    const { reason, untilMs } = run.waiting;
    if (about.nowMs < untilMs) return turn({ ...run, dueMs: untilMs });
    const nextMs = about.nowMs + UNSETTLED_MS;
    const key = `${run.id}/unknown/${nextMs}`;
    const again = turn({ ...run, waiting: { ...run.waiting, untilMs: nextMs, lookMs: nextMs }, dueMs: nextMs, escalated: key });
    return paging({ ...again, tell: calming(run) }, about, { key, reason });
  }
  if (seen.kind !== 'mail' || seen.mail.kind !== 'settle') return undefined;
  const { mail } = seen;
  const state = stepState(run, mail.step);
  if (state?.phase !== 'unknown')
    return turn(run, none, [entry('settle.refused', { step: mail.step, by: mail.by, reason: `"${mail.step}" has no unknown outcome` })]);
  const { waiting: _waiting, dueMs: _due, ...rest } = run;
  const said = { entries: [entry('step.settled', { step: mail.step, by: mail.by, as: mail.as })], tell: calming(run, mail.by) };
  const base: Run = { ...withoutEscalation(rest), state: 'executing', doing: 'step', openIntents: [] };
  if (mail.as === 'done') return after(said, turn(withStep(base, mail.step, { phase: 'done', endedMs: about.nowMs }), none));
  // Its time starts anew: what passed was spent waiting for a person.
  const { startedMs: _started, reason: _reason, ...fresh } = state;
  const steps = base.steps.map((step) => (step === state ? { ...fresh, phase: 'planned' as const } : step));
  return after(said, turn({ ...base, steps }, none));
}

function isAsk(stage: Stage): stage is AskStage {
  return 'ask' in stage;
}

function withoutEscalation(run: Run): Run {
  const { escalated: _escalated, ...rest } = run;
  return rest;
}
