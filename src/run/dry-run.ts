import type { Requirement } from '../model/approval.ts';
import { SalvorError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import type { Hold } from '../model/gate.ts';
import type { Plan } from '../model/plan.ts';
import { isSteps } from '../model/playbook.ts';
import type { Policy } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import { advance } from './advance.ts';
import type { Engine } from './engine.ts';
import type { About, Observation } from './observation.ts';
import { diagnose } from './perform/diagnose.ts';
import { plan } from './perform/plan.ts';
import type { Session } from './session.ts';
import { type Asked, startRun } from './start.ts';

/** What a run would find and propose first, made by reading only. */
export type DryRun = {
  readonly finding: Finding;
  readonly evidence: readonly string[];
  readonly plan?: Plan;
  readonly requirement?: Requirement;
  readonly holds: readonly Hold[];
};

/** Diagnoses and plans as a run would, with a session that can store nothing. */
export async function dryRun(engine: Engine, asked: Asked): Promise<DryRun> {
  const started = startRun(asked, { head: { ordinal: 0 } });
  if (started.kind !== 'started') throw new SalvorError('internal', 'a dry run cannot join another run');
  let run: Run = { ...started.run, state: 'diagnosing', doing: 'diagnose' };
  const session = readOnlySession(
    () => run,
    (next) => {
      run = next;
    },
  );
  const performance = { engine, session, playbook: asked.playbook };
  const policy: Policy = engine.policy();
  const about: About = { playbook: asked.playbook, policy, nowMs: engine.clock.nowMs() };

  const found = await diagnose(performance);
  if (found.kind !== 'found')
    return { finding: { kind: 'hand-over', reason: reasonOf(found), hints: [] }, evidence: [], holds: found.kind === 'held' ? [found.hold] : [] };
  const { finding, evidence } = found;
  run = advance(run, found, about).run;
  const stage = asked.playbook.stages[run.stage];
  if (finding.kind !== 'act' || stage === undefined || !isSteps(stage) || run.doing !== 'plan') return { finding, evidence, holds: [] };
  const planned = await plan(performance);
  if (planned.kind === 'planned')
    return { finding, evidence, plan: planned.plan, requirement: planned.requirement, holds: planned.hold === undefined ? [] : [planned.hold] };
  return { finding: { kind: 'hand-over', reason: reasonOf(planned), hints: [] }, evidence, holds: planned.kind === 'held' ? [planned.hold] : [] };
}

function reasonOf(seen: Observation): string {
  if (seen.kind === 'held') return seen.hold.reason;
  return 'reason' in seen && typeof seen.reason === 'string' ? seen.reason : 'it could not be found out';
}

/** What it takes it keeps to itself: a cluster that was looked at is remembered, and nothing is stored. */
function readOnlySession(run: () => Run, take: (next: Run) => void): Session {
  const refuse = (): never => {
    throw new SalvorError('internal', 'a dry run stores nothing');
  };
  return {
    signal: new AbortController().signal,
    epoch: 0,
    run,
    take: (next) => take(next),
    read: refuse,
    readUpTo: () => 0,
    commit: refuse,
    assertMargin: refuse,
    mailWaits: () => false,
    close: () => undefined,
  };
}
