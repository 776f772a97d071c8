import type { Person, Policy, Right } from '../model/policy.ts';

/** The person with this name, or undefined: who is not in the configuration is nobody. */
export function personOf(name: string | undefined, people: readonly Person[]): Person | undefined {
  return name === undefined ? undefined : people.find((person) => person.name === name);
}

/**
 * May this person do that? `everyone` may read without a name; for all else it means everyone whom the configuration knows.
 * A right that names no team belongs to nobody.
 */
export function hasRight(name: string | undefined, right: Right, policy: Pick<Policy, 'people' | 'rights'>): boolean {
  const allowed = policy.rights[right];
  if (allowed === 'everyone' && right === 'read') return true;
  const person = personOf(name, policy.people);
  if (person === undefined) return false;
  return allowed === 'everyone' || person.teams.some((team) => allowed.includes(team));
}
