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
