import { SalvorError } from '../model/error.ts';
import type { Run } from '../model/run.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Pressed } from '../port/view/run.ts';
import { notProposed } from '../run/decided.ts';
import type { Asking } from '../run/state/ballot.ts';
import { mayNotHold } from '../run/state/vote.ts';
import { personOf } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { findRun, press, unchanged } from './press.ts';

/** What people say to a proposal beside yes and no: not yet, go on, and that they take their yes back. */
export function proposals(deps: CommandDeps): Pick<Commands, 'withdraw' | 'hold' | 'release'> {
  return {
    withdraw: (caller, id) => withdraw(deps, caller, id),
    hold: (caller, id, { reason }) => hold(deps, caller, { id, reason }),
    release: (caller, id) => release(deps, caller, id),
  };
}

async function withdraw(deps: CommandDeps, caller: Caller, id: string): Promise<Pressed> {
  const by = personOf(caller);
  const { run } = await findRun(deps, id);
  if (!isBeforeStart(run)) throw tooLate(run);
  if (run.approval?.votes.some((vote) => vote.by === by) !== true) return unchanged(run, `${by} has not approved this plan`);
  return press(deps, run, { kind: 'withdraw', by, surface: caller.surface });
}

/** Until its first step is begun: gates, locks and digest are looked at before. */
export function isBeforeStart({ state, doing }: Pick<Run, 'state' | 'doing'>): boolean {
  return state === 'proposed' || (state === 'executing' && doing === 'start');
}

async function hold(deps: CommandDeps, caller: Caller, { id, reason }: { readonly id: string; readonly reason: string }): Promise<Pressed> {
  const { by, run } = await asking(deps, caller, id);
  const { held } = run.approval;
  if (held?.by === by) return unchanged(run, `${by} holds it already: ${held.reason}`);
  return press(deps, run, { kind: 'hold', by, surface: caller.surface, reason });
}

async function release(deps: CommandDeps, caller: Caller, id: string): Promise<Pressed> {
  const { by, run } = await asking(deps, caller, id);
  if (run.approval.held === undefined) return unchanged(run, 'Nobody holds it');
  return press(deps, run, { kind: 'release', by, surface: caller.surface });
}

/** The proposal, and who may keep it from starting. */
async function asking(deps: CommandDeps, caller: Caller, id: string): Promise<{ readonly by: string; readonly run: Asking }> {
  const by = personOf(caller);
  const { run } = await findRun(deps, id);
  const { approval } = run;
  if (run.state !== 'proposed' || approval === undefined) throw tooLate(run);
  const proposed = { ...run, approval };
  const why = mayNotHold(proposed, by, { policy: deps.policy() });
  if (why !== undefined) throw new SalvorError('approval.not-allowed', why);
  return { by, run: proposed };
}

function tooLate(run: Run): SalvorError {
  return new SalvorError('approval.not-waiting', notProposed(run), { details: { state: run.state } });
}
