import type { z } from 'zod';
import { declaredRisk } from '../action/declared-risk.ts';
import { clocksOf } from '../model/clocks.ts';
import type { Entry } from '../model/entry.ts';
import { shortId } from '../model/identity.ts';
import type { AskStage, Playbook, Stage } from '../model/playbook.ts';
import { isOpen, type Run } from '../model/run.ts';
import { lookUp } from '../playbook/resolve.ts';
import type { AskView, RunSummary, RunView } from '../port/view/run.ts';
import type { EntryView } from '../port/view/shape.ts';
import { scopeOf } from '../run/scope.ts';
import { wordsOf } from '../run/words.ts';
import { approvalView, voteView } from './approval-view.ts';
import type { CommandDeps } from './deps.ts';
import { planView } from './plan-view.ts';
import { requirementText } from './requirement-text.ts';

type Seen = { readonly run: Run; readonly playbook: Playbook | undefined };

/** A run in a list. */
export function runSummary({ run, playbook }: Seen): RunSummary {
  const stage = playbook?.stages[run.stage];
  const { hold } = run;
  return {
    id: shortId(run.id),
    playbook: run.playbook,
    cluster: run.cluster,
    target: run.target,
    state: run.state,
    stage: stage?.id ?? run.plan?.stage,
    generation: run.generation,
    hold: hold === undefined ? undefined : { gate: hold.gate, reason: hold.reason, until: hold.untilMs },
    trouble: run.trouble === undefined ? undefined : { reason: run.trouble.reason, since: run.trouble.sinceMs },
    waiting: waitingView(run, stage),
    digest: run.plan?.digest,
    asks: run.state === 'proposed' && run.approval !== undefined ? requirementText(run.approval.requirement) : undefined,
    incident: shortId(run.incident),
    createdAt: run.createdMs,
    endedAt: run.endedMs,
    end: run.closing?.reason,
    undone: run.steps.filter(({ phase }) => phase === 'undone').length,
  };
}

/** A run with everything that is known of it. */
export function runView(seen: Seen, journal: readonly Entry[], { clock, actions, policy }: Pick<CommandDeps, 'clock' | 'actions' | 'policy'>): RunView {
  const { run } = seen;
  const { finding, start } = run;
  const clocks = clocksOf(run, journal, clock.nowMs());
  return {
    ...runSummary(seen),
    playbookDigest: run.playbookDigest,
    params: run.params,
    requestedBy: start.by === 'person' ? start.person : start.by,
    reason: start.by === 'person' ? start.reason : undefined,
    finding: finding === undefined ? undefined : { kind: finding.kind, reason: finding.reason, hints: finding.kind === 'hand-over' ? finding.hints : [] },
    facts: run.diagnosis,
    plan: run.plan === undefined ? undefined : planView(run.plan, (id) => declaredRisk(actions, { action: id })),
    changed: run.changed ?? [],
    approval: approvalView(run, policy()),
    approvals: (run.approval?.votes ?? []).map(voteView),
    steps: run.steps.map((step) => ({
      step: step.step,
      stage: step.stage,
      action: step.planned.action,
      cluster: step.planned.cluster,
      generation: step.generation,
      phase: step.phase,
      undo: step.undo,
      attempts: step.attempts,
      started: step.startedMs,
      ended: step.endedMs,
      progress: step.progress,
      reason: step.reason,
      result: step.result,
    })),
    answers: Object.entries(run.answers).map(([ask, { value, by, atMs }]) => ({ ask, value, by, at: atMs })),
    locks: run.lockKeys,
    // Its locks were given back with its end.
    locked: run.locked && isOpen(run.state),
    openIntents: run.openIntents,
    clocks: { detectMs: clocks.detect, decideMs: clocks.decide, actMs: clocks.act, proveMs: clocks.prove, peopleMs: clocks.people, cleanupMs: clocks.cleanup },
    journal: journal.map((entry) => entryView(entry, wordsOf(entry, run))),
  };
}

export function entryView({ n, atMs, type, data, hash }: Entry, text: string | undefined): EntryView {
  return { n, at: atMs, type, text: text === '' ? undefined : text, data, hash };
}

function waitingView(run: Run, stage: Stage | undefined): RunSummary['waiting'] {
  const { waiting } = run;
  if (waiting === undefined) return undefined;
  const ask = waiting.what === 'ask' && stage !== undefined && 'ask' in stage ? askView(run, stage) : undefined;
  return { for: waiting.for, what: waiting.what, reason: waiting.reason, since: waiting.sinceMs, until: waiting.untilMs, ask };
}

function askView(run: Run, { id, ask }: AskStage): z.infer<typeof AskView> {
  const scope = scopeOf(run);
  return {
    id,
    text: ask.text,
    role: ask.role,
    type: ask.answer.type,
    choose: ask.answer.choose,
    confirmation: ask.confirm === 'typed' ? run.target : undefined,
    show: ask.show.map(({ from }) => ({ from, value: lookUp(from, scope) })),
  };
}
