import type { Requirement, Vote } from '../model/approval.ts';
import type { ErrorCode } from '../model/error.ts';
import type { Policy } from '../model/policy.ts';
import { personOf } from './right.ts';
import { seatApart } from './seat-apart.ts';
import { fits, type Slot, seat, slotsOf } from './slot.ts';

/** What votes are judged against. Teams are looked up anew each time: who left a team since has no vote any more. */
export type Ballot = {
  readonly requirement: Requirement;
  /** The digest of the plan that is proposed now. */
  readonly digest: string;
  readonly policy: Pick<Policy, 'people' | 'roles'>;
  /** How many stages of the requirement are in force; absent: none. */
  readonly stage?: number | undefined;
  /** Absent: an alert, a schedule or a storm asked. */
  readonly requester?: string | undefined;
};

/** `brokenGlass`: by those alone who may break the glass, in an emergency. */
export type Decided =
  | { readonly kind: 'granted'; readonly by: readonly string[]; readonly brokenGlass?: true }
  | { readonly kind: 'missing'; readonly words: string };

export type Allowed = { readonly allowed: true } | { readonly allowed: false; readonly code: ErrorCode; readonly reason: string };

/** Have enough different people voted for exactly this plan? Each counts once, for one place. No answer is never a yes. */
export function decide({ votes, ...ballot }: Ballot & { readonly votes: readonly Vote[] }): Decided {
  const { requirement, policy } = ballot;
  if (requirement.kind === 'hold') return { kind: 'missing', words: requirement.reason };
  if (requirement.kind !== 'people') return { kind: 'granted', by: [] };
  const glass = decideGlass({ votes, ...ballot }, requirement);
  if (glass !== undefined) return glass;
  const slots = slotsFor(requirement, ballot);
  if (slots.length === 0) return { kind: 'missing', words: 'the policy asks for no approver, which is never a yes' };
  // Who broke the glass counts as any other, too.
  const ordinary = votes.map(({ breakGlass: _glass, ...vote }) => vote);
  const voters = ordinary.filter((vote) => mayVote({ ...ballot, vote }).allowed).flatMap((vote) => personOf(vote.by, policy.people) ?? []);
  const seated = requirement.distinctTeams === true ? seatApart(voters, slots) : seat(voters, slots);
  const by = seated.flatMap((person) => (person === undefined ? [] : [person.name]));
  if (by.length === slots.length) return { kind: 'granted', by };
  const open = slots.filter((_, index) => seated[index] === undefined).map(({ words }) => words);
  const sofar = by.length === 0 ? '' : `: ${by.join(', ')}`;
  return { kind: 'missing', words: `${by.length} of ${slots.length}${sofar}; still needs ${listed(open)}` };
}

/** The emergency rule, where enough of its people say that it is one; undefined: it was not used, or too few did. */
function decideGlass({ votes, ...ballot }: Ballot & { readonly votes: readonly Vote[] }, { breakGlass }: Asking): Decided | undefined {
  if (breakGlass === undefined) return undefined;
  const slots = slotsOf(breakGlass.need, ballot.policy.roles);
  const voters = votes.filter((vote) => vote.breakGlass !== undefined && mayVote({ ...ballot, vote }).allowed);
  const seated = seat(
    voters.flatMap((vote) => personOf(vote.by, ballot.policy.people) ?? []),
    slots,
  ).flatMap((person) => (person === undefined ? [] : [person.name]));
  return slots.length > 0 && seated.length === slots.length ? { kind: 'granted', by: seated, brokenGlass: true } : undefined;
}

/** Does this vote count? The reason is what the person who pressed is told. A rejection needs neither the typed word nor another person than the requester. */
export function mayVote({
  vote,
  digest,
  requirement,
  policy,
  stage,
  requester,
  rejecting = false,
}: Ballot & { readonly vote: Vote; readonly rejecting?: boolean }): Allowed {
  if (vote.plan !== digest) return refused('approval.plan-changed', 'The plan changed since this card. The new plan is below');
  if (requirement.kind === 'hold' && !rejecting) return refused('approval.not-allowed', `Nobody may approve: ${requirement.reason}`);
  if (requirement.kind === 'none' || requirement.kind === 'auto') return refused('approval.not-waiting', 'This plan asks nobody');
  const person = personOf(vote.by, policy.people);
  if (person === undefined) return refused('approval.not-allowed', `${vote.by} is not among the people of the configuration`);
  // Where it cannot be worked out who may approve, any person may still say no.
  if (requirement.kind === 'hold') return { allowed: true };
  const { breakGlass } = requirement;
  const isGlass = vote.breakGlass !== undefined && !rejecting;
  if (isGlass && breakGlass === undefined) return refused('approval.not-allowed', 'The policy has no emergency rule: nobody may break the glass');
  const slots = isGlass && breakGlass !== undefined ? slotsOf(breakGlass.need, policy.roles) : slotsFor(requirement, { policy, stage });
  if (isGlass && !slots.some((slot) => fits(person, slot)))
    return refused('approval.not-allowed', `${person.name} may not break the glass: that is for ${listed(slots.map(({ words }) => words))}`);
  if (!slots.some((slot) => fits(person, slot)))
    return refused('approval.not-allowed', `${person.name} is in none of the teams that decide: ${listed(slots.map(({ words }) => words))}`);
  if (rejecting) return { allowed: true };
  if (requirement.notRequester && requester === person.name)
    return refused('approval.not-allowed', `${person.name} asked for this run; somebody else has to approve it`);
  if (requirement.confirmation !== undefined && vote.confirmation !== requirement.confirmation) {
    return refused('approval.confirmation-missing', `This cannot be taken back. Type ${requirement.confirmation} to go on`);
  }
  return { allowed: true };
}

type Asking = Extract<Requirement, { kind: 'people' }>;

/** The places as they are now: whoever a stage added may take any of them. */
function slotsFor({ need, stages = [] }: Asking, { policy, stage = 0 }: Pick<Ballot, 'policy' | 'stage'>): readonly Slot[] {
  return slotsOf(
    need,
    policy.roles,
    stages.slice(0, stage).flatMap(({ addApprovers }) => addApprovers),
  );
}

function refused(code: ErrorCode, reason: string): Allowed {
  return { allowed: false, code, reason };
}

/** `2 of platform and 1 of incident-command`. */
function listed(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} of ${word}`).join(' and ');
}
