import { shortId } from '../model/identity.ts';
import { isOpen, type Run } from '../model/run.ts';

/** Why a press comes too late, in words: who presses at the same moment as somebody else hears by whom it is decided. */
export function nothingToDecide({ state, approval }: Pick<Run, 'state' | 'approval'>): string {
  const voters = approversOf({ approval });
  if (voters.length === 0) return `The run is ${state}: there is nothing to decide`;
  return `It is approved already, by ${voters.join(' and ')}; the run ${isOpen(state) ? 'is' : 'ended'} ${state}`;
}

/** People decided about the plan that it carries out, or carried out last. */
export function isApproved(run: Pick<Run, 'approval'>): boolean {
  return approversOf(run).length > 0;
}

function approversOf({ approval }: { readonly approval?: Run['approval'] | undefined }): readonly string[] {
  return approval?.grantedMs === undefined ? [] : approval.votes.map(({ by }) => by);
}

/** Why it is too late to hold a proposal, or to take a yes back, and what still helps. */
export function notProposed(run: Pick<Run, 'id' | 'state' | 'approval'>): string {
  if (run.state !== 'executing' && run.state !== 'verifying') return nothingToDecide(run);
  return `It has begun, and the run is ${run.state}. To stop it: salvor cancel ${shortId(run.id).slice(0, 8)}`;
}
