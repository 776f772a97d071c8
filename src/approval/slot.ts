import type { Need } from '../model/playbook.ts';
import type { Person, Policy } from '../model/policy.ts';

/** One place that one person fills: a member of any of these teams. `words` is how the need was written. */
export type Slot = { readonly teams: readonly string[]; readonly words: string };

/** The teams that a need stands for; empty where a role is mapped to none. */
export function teamsOf(need: Need, roles: Policy['roles']): readonly string[] {
  if (need.team !== undefined) return [need.team];
  return need.role !== undefined && Object.hasOwn(roles, need.role) ? (roles[need.role] ?? []) : [];
}

/** One slot for each person that is needed; the teams of `also` may fill any of them. */
export function slotsOf(needs: readonly Need[], roles: Policy['roles'], also: readonly string[] = []): readonly Slot[] {
  return needs.flatMap((need) => {
    const words = [need.team ?? need.role ?? '', ...also].join(' or ');
    return Array.from({ length: need.count }, () => ({ teams: [...teamsOf(need, roles), ...also], words }));
  });
}

export function fits(person: Person, slot: Slot): boolean {
  return person.teams.some((team) => slot.teams.includes(team));
}

/**
 * Seats people so that as many slots as possible are filled, each person once: who could fill two does not keep another out.
 * Answers the person of each slot, in the order of the slots. Earlier people are seated first, and once seated stay seated, if elsewhere.
 */
export function seat(people: readonly Person[], slots: readonly Slot[]): readonly (Person | undefined)[] {
  const seated: (Person | undefined)[] = slots.map(() => undefined);
  const place = (person: Person, asked: Set<number>): boolean => {
    for (const [index, slot] of slots.entries()) {
      if (asked.has(index) || !fits(person, slot)) continue;
      asked.add(index);
      const sitting = seated[index];
      if (sitting !== undefined && !place(sitting, asked)) continue;
      seated[index] = person;
      return true;
    }
    return false;
  };
  for (const person of new Map(people.map((one) => [one.name, one])).values()) place(person, new Set());
  return seated;
}
