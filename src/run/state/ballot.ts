import type { Ballot } from '../../approval/decide.ts';
import type { Approval } from '../../model/approval.ts';
import type { Run } from '../../model/run.ts';
import type { About } from '../observation.ts';

/** A run that asks people. */
export type Asking = Run & { readonly approval: Approval };

/** What the votes of a run are judged against now. */
export function ballotOf({ approval, plan, start }: Asking, { policy }: Pick<About, 'policy'>): Ballot {
  const { requirement, stage } = approval;
  return { requirement, stage, digest: plan?.digest ?? '', policy, requester: start.by === 'person' ? start.person : undefined };
}
