import { mayVote } from '../approval/decide.ts';
import { defined } from '../model/defined.ts';
import type { Entry } from '../model/entry.ts';
import { SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import { isOpen, type Run } from '../model/run.ts';
import type { Caller, Commands } from '../port/commands.ts';
import type { Pressed } from '../port/view/run.ts';
import { nothingToDecide } from '../run/decided.ts';
import { ballotOf } from '../run/state/ballot.ts';
import { personOf } from './access.ts';
import type { CommandDeps } from './deps.ts';
import { matchDigest } from './find.ts';
import { decidedError, endedError, findRun, press, unchanged } from './press.ts';
import { readJournal } from './read.ts';

/** Yes and no to a plan. Both are judged here at once, so that a person hears why not, and again by the run when it reads them. */
export function decisions(deps: CommandDeps): Pick<Commands, 'approve' | 'reject'> {
  return {
    approve: (caller, id, given) => approve(deps, { caller, id, ...given }),
    reject: (caller, id, given) => reject(deps, { caller, id, ...given }),
  };
}

type Given = { readonly caller: Caller; readonly id: string };

async function approve(
  deps: CommandDeps,
  { caller, id, plan, confirmation, breakGlass }: Given & { readonly plan: string; readonly confirmation?: string; readonly breakGlass?: string },
): Promise<Pressed> {
  const by = personOf(caller);
  const { run } = await findRun(deps, id);
  const { approval } = run;
  const current = run.plan?.digest;
  const isCurrent = current !== undefined && matchDigest(plan, current);
  const voted = approval?.votes.find((vote) => vote.by === by);
  // Who said yes before may still break the glass.
  if (isCurrent && voted !== undefined && (breakGlass === undefined || voted.breakGlass !== undefined))
    return unchanged(run, `${by} has approved this plan already`);
  if (!isCurrent || !isOpen(run.state)) {
    const journal = await readJournal(deps.store, { partition: run.cluster, of: run.id });
    if (votedAndUsed(journal, by, plan)) return unchanged(run, `${by} has approved this plan already`);
  }
  if (!isOpen(run.state)) throw decidedError(run);
  if (current !== undefined && !isCurrent) throw planChanged(run, plan, current);
  if (run.state !== 'proposed' || approval === undefined || current === undefined) throw notProposed(run);
  const vote = { by, plan: current, surface: caller.surface, ...defined({ confirmation, breakGlass }) };
  const judged = mayVote({ ...ballotOf({ ...run, approval }, { policy: deps.policy() }), vote: { ...vote, atMs: deps.clock.nowMs() } });
  if (!judged.allowed) throw new SalvorError(judged.code, judged.reason, { details: { digest: current } });
  return press(deps, run, { kind: 'approve', ...vote });
}

async function reject(deps: CommandDeps, { caller, id, reason }: Given & { readonly reason: string }): Promise<Pressed> {
  const by = personOf(caller);
  const { run } = await findRun(deps, id);
  const { approval } = run;
  const end = run.closing?.end ?? run.state;
  if (end === 'rejected') {
    const journal = await readJournal(deps.store, { partition: run.cluster, of: run.id });
    if (journal.some((line) => line.type === 'approval.rejected' && line.data['by'] === by)) return unchanged(run, `${by} has rejected this run already`);
  }
  if (!isOpen(run.state) || run.closing !== undefined) throw endedError(run, 'approval.not-waiting');
  const digest = run.plan?.digest;
  if (run.state !== 'proposed' || approval === undefined || digest === undefined) throw notProposed(run);
  const judged = mayVote({
    ...ballotOf({ ...run, approval }, { policy: deps.policy() }),
    vote: { by, plan: digest, surface: caller.surface, atMs: deps.clock.nowMs() },
    rejecting: true,
  });
  if (!judged.allowed) throw new SalvorError(judged.code, judged.reason);
  return press(deps, run, { kind: 'reject', by, surface: caller.surface, reason });
}

/** This person's vote for that plan is in the journal, and the plan was not made void since. */
function votedAndUsed(journal: readonly Entry[], by: string, plan: string): boolean {
  const isThat = ({ data }: Entry): boolean => typeof data['digest'] === 'string' && matchDigest(plan, data['digest']);
  const voted = journal.some((line) => line.type === 'approval.vote' && line.data['by'] === by && isThat(line));
  return voted && !journal.some((line) => line.type === 'run.voided' && isThat(line));
}

function planChanged(run: Run, seen: string, current: string): SalvorError {
  const changed = run.changed === undefined || run.changed.length === 0 ? '' : ` (${run.changed.join('; ')})`;
  return new SalvorError('approval.plan-changed', `Not approved: ${seen.slice(0, 8)} is not the current plan${changed}; ${current.slice(0, 8)} is`, {
    details: { digest: current, run: shortId(run.id) },
  });
}

function notProposed(run: Run): SalvorError {
  return new SalvorError('approval.not-waiting', nothingToDecide(run), { details: { state: run.state } });
}
