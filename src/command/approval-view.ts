import { voteCode } from '../approval/code.ts';
import { decide, mayVote } from '../approval/decide.ts';
import { needWords } from '../approval/require.ts';
import { glassBreakersOf, votersOf } from '../approval/voters.ts';
import type { Vote } from '../model/approval.ts';
import type { Policy } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { RunView } from '../port/view/run.ts';
import { type Asking, ballotOf } from '../run/state/ballot.ts';
import { mayNotHold } from '../run/state/vote.ts';
import { isBeforeStart } from './proposal.ts';
import { requirementText } from './requirement-text.ts';

type ApprovalView = NonNullable<RunView['approval']>;

/** What a run asks of people, what they said, and of each of them whether their yes would count, in the words that a refusal has. */
export function approvalView(run: Run, policy: Policy): ApprovalView | undefined {
  const { approval } = run;
  if (approval === undefined) return undefined;
  const { requirement, votes, askedMs, expiresMs, grantedMs, held } = approval;
  const isPeople = requirement.kind === 'people';
  const asking: Asking = { ...run, approval };
  const ballot = ballotOf(asking, { policy });
  const people = [...votersOf(ballot)];
  const decision = decide({ ...ballot, votes });
  return {
    asks: requirementText(requirement),
    asked: askedMs,
    expires: expiresMs,
    confirmation: isPeople ? requirement.confirmation : undefined,
    notRequester: isPeople && requirement.notRequester,
    may: people.filter(({ may }) => may).map(({ name }) => name),
    people,
    ...proposalView(asking, policy),
    held: held === undefined ? undefined : { by: held.by, reason: held.reason, since: held.sinceMs },
    missing: grantedMs === undefined && decision.kind === 'missing' ? decision.words : undefined,
    code: policy.pagerVotes === true && isPeople && run.state === 'proposed' && run.plan !== undefined ? voteCode(run.plan.digest) : undefined,
    votes: votes.map(voteView),
    granted: grantedMs,
  };
}

/** Who may say something else than yes. */
function proposalView(run: Asking, policy: Policy): Pick<ApprovalView, 'mayReject' | 'mayHold' | 'mayWithdraw' | 'glass'> {
  const { approval, state } = run;
  const { requirement, votes } = approval;
  const ballot = ballotOf(run, { policy });
  const namesOf = (may: (name: string) => boolean): string[] => policy.people.flatMap(({ name }) => (may(name) ? [name] : []));
  const glass = requirement.kind === 'people' ? requirement.breakGlass : undefined;
  return {
    mayReject:
      state === 'proposed'
        ? namesOf((name) => mayVote({ ...ballot, vote: { by: name, plan: ballot.digest, surface: '', atMs: 0 }, rejecting: true }).allowed)
        : [],
    mayHold: state === 'proposed' ? namesOf((name) => mayNotHold(run, name, { policy }) === undefined) : [],
    mayWithdraw: isBeforeStart(run) ? votes.map(({ by }) => by) : [],
    glass: glass === undefined ? undefined : { needs: needWords(glass.need), may: [...glassBreakersOf(ballot)], page: glass.page },
  };
}

export function voteView({ by, plan, surface, atMs, breakGlass }: Vote): ApprovalView['votes'][number] {
  return { by, plan, surface, at: atMs, ...(breakGlass === undefined ? {} : { breakGlass }) };
}
