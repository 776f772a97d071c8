import type { Run } from '../model/run.ts';

/** Why a press comes too late, in words: who presses at the same moment as somebody else hears by whom it is decided. */
export function nothingToDecide({ state, approval }: Pick<Run, 'state' | 'approval'>): string {
  const voters = approval?.grantedMs === undefined ? [] : approval.votes.map(({ by }) => by);
  return voters.length > 0 ? `It is approved already, by ${voters.join(' and ')}; the run is ${state}` : `The run is ${state}: there is nothing to decide`;
}
