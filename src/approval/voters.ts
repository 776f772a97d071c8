import type { Vote } from '../model/approval.ts';
import type { Person } from '../model/policy.ts';
import { type Ballot, mayVote } from './decide.ts';

/** Whether a person's yes would count, and by which team, or why not: the words of a refusal. */
export type Voter = { readonly name: string; readonly may: boolean; readonly why: string };

/** Everybody of the configuration, as if they had typed the word that is asked for: who types it wrong is no other person. */
export function votersOf(ballot: Ballot): readonly Voter[] {
  return ballot.policy.people.map((person) => {
    const judged = mayVote({ ...ballot, vote: voteBy(person.name, ballot) });
    return { name: person.name, may: judged.allowed, why: judged.allowed ? teamWords(person) : judged.reason };
  });
}

/** Whose word alone is enough in an emergency, with a reason. */
export function glassBreakersOf(ballot: Ballot): readonly string[] {
  const mayBreak = (name: string): boolean => mayVote({ ...ballot, vote: { ...voteBy(name, ballot), breakGlass: 'a reason' } }).allowed;
  return ballot.policy.people.flatMap(({ name }) => (mayBreak(name) ? [name] : []));
}

export function teamWords({ teams }: Pick<Person, 'teams'>): string {
  return teams.length === 0 ? 'in no team' : `in ${teams.join(', ')}`;
}

function voteBy(by: string, { digest, requirement }: Pick<Ballot, 'digest' | 'requirement'>): Vote {
  const typed = requirement.kind === 'people' && requirement.confirmation !== undefined ? { confirmation: requirement.confirmation } : {};
  return { by, plan: digest, surface: '', atMs: 0, ...typed };
}
