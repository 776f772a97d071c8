import { voteCode } from '../approval/code.ts';
import { decide, mayVote } from '../approval/decide.ts';
import type { Vote } from '../model/approval.ts';
import type { Person, Policy } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { RunView } from '../port/view/run.ts';
import { type Asking, ballotOf } from '../run/state/vote.ts';
import { requirementText } from './requirement-text.ts';

type ApprovalView = NonNullable<RunView['approval']>;

/** What a run asks of people, what they said, and of each of them whether their yes would count, in the words that a refusal has. */
export function approvalView(run: Run, policy: Policy): ApprovalView | undefined {
  const { approval } = run;
  if (approval === undefined) return undefined;
  const { requirement, votes, askedMs, expiresMs, grantedMs, held } = approval;
  const isPeople = requirement.kind === 'people';
  const asking: Asking = { ...run, approval };
  const people = votersOf(asking, policy);
  const decision = decide({ ...ballotOf(asking, { policy }), votes });
  return {
    asks: requirementText(requirement),
    asked: askedMs,
    expires: expiresMs,
    confirmation: isPeople ? requirement.confirmation : undefined,
    notRequester: isPeople && requirement.notRequester,
    may: people.filter(({ may }) => may).map(({ name }) => name),
    people,
    held: held === undefined ? undefined : { by: held.by, reason: held.reason, since: held.sinceMs },
    missing: grantedMs === undefined && decision.kind === 'missing' ? decision.words : undefined,
    code: policy.pagerVotes === true && isPeople && run.state === 'proposed' && run.plan !== undefined ? voteCode(run.plan.digest) : undefined,
    votes: votes.map(voteView),
    granted: grantedMs,
  };
}

export function voteView({ by, plan, surface, atMs, breakGlass }: Vote): ApprovalView['votes'][number] {
  return { by, plan, surface, at: atMs, ...(breakGlass === undefined ? {} : { breakGlass }) };
}

/** Everybody, with the word typed that it asks for: who may approve, by which team, and who may not, and why. */
function votersOf(run: Asking, policy: Policy): ApprovalView['people'] {
  const { requirement } = run.approval;
  const typed = requirement.kind === 'people' && requirement.confirmation !== undefined ? { confirmation: requirement.confirmation } : {};
  const ballot = ballotOf(run, { policy });
  return policy.people.map((person) => {
    const judged = mayVote({ ...ballot, vote: { by: person.name, plan: ballot.digest, surface: '', atMs: 0, ...typed } });
    return { name: person.name, may: judged.allowed, why: judged.allowed ? teamWords(person) : judged.reason };
  });
}

function teamWords({ teams }: Person): string {
  return teams.length === 0 ? 'in no team' : `in ${teams.join(', ')}`;
}
