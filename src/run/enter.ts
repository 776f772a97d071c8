import type { JsonObject } from '../model/json.ts';
import { isAwait, isSteps, type Reference, type Stage } from '../model/playbook.ts';
import type { Run } from '../model/run.ts';
import { compare, lookUp } from '../playbook/resolve.ts';
import { close, stepState } from './close.ts';
import type { Observation } from './observation.ts';
import { type About, after, type Draft, entry, none, type Turn, turn } from './observation.ts';
import { nextReminderMs } from './remind.ts';
import { scopeOf } from './scope.ts';

/** A playbook without stages looks and tells. */
const NOTHING_TO_DO = 'It looked, and changes nothing';

/** Enters the run's stage: skips what its `when` rules out, then plans, waits or asks. Behind the last stage the run is done. */
export function enterStage(run: Run, about: About): Turn {
  const skipped: Draft[] = [];
  const stages = about.playbook.stages;
  for (let index = run.stage; index < stages.length; index += 1) {
    const stage = stages[index];
    if (stage === undefined) break;
    const here: Run = { ...run, stage: index };
    if (stage.when === undefined || compare(stage.when, scopeOf(run))) return after({ entries: skipped, tell: [] }, begin(here, stage, about));
    const reason = `the condition on ${stage.when.from} does not hold`;
    if (stage.when.else === 'stop')
      return after({ entries: skipped, tell: [] }, close(here, about, { end: 'done', reason: `Stopped before "${stage.id}": ${reason}`, mode: 'stop' }));
    if (stage.when.else === 'hand-over')
      return after(
        { entries: skipped, tell: [] },
        close(here, about, { end: 'handed-over', reason: `Handed over before "${stage.id}": ${reason}`, mode: 'stop' }),
      );
    skipped.push(entry('stage.skipped', { stage: stage.id, reason }));
  }
  return after(
    { entries: skipped, tell: [] },
    close({ ...run, stage: stages.length }, about, { end: 'done', reason: stages.length === 0 ? NOTHING_TO_DO : 'Every stage is verified', mode: 'stop' }),
  );
}

function begin(run: Run, stage: Stage, about: About): Turn {
  const { plan: _plan, approval: _approval, waiting: _waiting, hold: _hold, dueMs: _due, verifyingSinceMs: _since, verifyFailures: _failures, ...rest } = run;
  if (isSteps(stage)) return turn({ ...rest, state: 'diagnosing', doing: 'plan' }, { kind: 'plan' });
  const { nowMs } = about;
  if (isAwait(stage)) {
    const waiting = {
      for: 'world',
      what: 'await',
      reason: `waiting for ${stage.await.action}`,
      sinceMs: nowMs,
      untilMs: nowMs + stage.await.within,
      lookMs: nowMs,
    } as const;
    const { doing: _doing, ...idle } = rest;
    return turn({ ...idle, state: 'waiting', waiting, dueMs: nowMs }, { kind: 'check' }, [
      entry('await.started', { stage: stage.id, action: stage.await.action, untilMs: waiting.untilMs }),
    ]);
  }
  const { ask } = stage;
  const untilMs = nowMs + ask.within;
  const lookMs = nextReminderMs({ everyMs: ask.remind, sinceMs: nowMs, untilMs }, about) ?? untilMs;
  const waiting = { for: 'person', what: 'ask', reason: ask.text, sinceMs: nowMs, untilMs, lookMs } as const;
  const { doing: _doing, ...idle } = rest;
  return turn({ ...idle, state: 'waiting', waiting, dueMs: lookMs }, none, [
    entry('ask.asked', { stage: stage.id, text: ask.text, role: ask.role, untilMs: waiting.untilMs, shown: shownOf(run, ask.show) }),
  ]);
}

/** What the person who is asked sees beside the question; what is absent is not shown. */
function shownOf(run: Run, show: readonly Reference[]): JsonObject {
  const scope = scopeOf(run);
  return Object.fromEntries(show.map(({ from }) => [from, lookUp(from, scope)]));
}

/** Goes on behind a stage that is finished. */
export function nextStage(run: Run, about: About): Turn {
  const { changed: _changed, ...rest } = run;
  return enterStage({ ...rest, stage: run.stage + 1 }, about);
}

type Found = Extract<Observation, { kind: 'found' }>;

/** Takes the facts of a diagnosis into the run, and the journal's line of it. */
export function takeFacts(run: Run, found: Found, { playbook }: About): { readonly run: Run; readonly entries: readonly Draft[] } {
  const same = run.finding?.kind === found.finding.kind && run.finding.reason === found.finding.reason;
  const next: Run = { ...run, finding: found.finding, diagnosis: { ...run.diagnosis, ...found.facts }, measured: { ...run.measured, ...found.measured } };
  if (same) return { run: next, entries: [] };
  const { kind, reason } = found.finding;
  const hints = found.finding.kind === 'hand-over' ? [...found.finding.hints] : [];
  const report = playbook.stages.length === 0 ? true : undefined;
  return { run: next, entries: [entry('run.diagnosed', { finding: kind, reason, hints, report, evidence: [...found.evidence], facts: found.facts })] };
}

/** Where a finding leads, from any state that may still follow it. */
export function followFinding(run: Run, found: Found, about: About): Turn {
  const taken = takeFacts(run, found, about);
  return after({ entries: taken.entries, tell: [] }, follow(taken.run, found, about));
}

function follow(run: Run, { finding }: Found, about: About): Turn {
  switch (finding.kind) {
    case 'act':
      return enterStage(run, about);
    case 'recovered':
      return close(run, about, { end: 'recovered', reason: finding.reason, mode: 'rollback' });
    case 'hand-over':
      return close(run, about, { end: 'handed-over', reason: finding.reason, mode: 'stop' });
    case 'wait': {
      const sinceMs = run.waiting?.what === 'finding' ? run.waiting.sinceMs : about.nowMs;
      const untilMs = sinceMs + finding.giveUpMs;
      if (about.nowMs >= untilMs) return close(run, about, { end: 'handed-over', reason: `Waited in vain: ${finding.reason}`, mode: 'stop' });
      const lookMs = Math.min(untilMs, about.nowMs + finding.lookAgainMs);
      const { doing: _doing, hold: _hold, plan: _plan, approval: _approval, ...rest } = run;
      const first = run.waiting?.what === 'finding' ? [] : [entry('run.waiting', { for: 'world', reason: finding.reason, untilMs })];
      return turn(
        { ...rest, state: 'waiting', waiting: { for: 'world', what: 'finding', reason: finding.reason, sinceMs, untilMs, lookMs }, dueMs: lookMs },
        none,
        first,
      );
    }
  }
}

/** The first step of the current plan that is not done yet. */
export function nextStep(run: Run): string | undefined {
  return run.plan?.steps.find((planned) => stepState(run, planned.step)?.phase !== 'done')?.step;
}
