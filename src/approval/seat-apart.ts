import type { Person } from '../model/policy.ts';
import type { Slot } from './slot.ts';

/**
 * Seats people so that as many slots as possible are filled, each person once and no two for the same team. Answers the person of each slot, in the order
 * of the slots; earlier people stay seated, if elsewhere.
 *
 * A place is a way from a person over one of their teams to a slot that takes this team, and no two ways meet. There are as many as a flow with room for
 * one at every node finds: a new way may go back along an older one, and turn it aside.
 */
export function seatApart(people: readonly Person[], slots: readonly Slot[]): readonly (Person | undefined)[] {
  const persons = [...new Map(people.map((one) => [one.name, one])).values()];
  const ways = new Map<string, Set<string>>();
  const open = (from: string, to: string): void => {
    const there = ways.get(from) ?? new Set();
    ways.set(from, there.add(to));
  };
  for (const [index, { teams }] of slots.entries()) {
    for (const team of teams) open(`for ${team}`, `slot ${index}`);
    open(`slot ${index}`, END);
  }
  for (const team of new Set(slots.flatMap(({ teams }) => teams))) open(`in ${team}`, `for ${team}`);
  for (const [index, { teams }] of persons.entries()) for (const team of teams) open(`person ${index}`, `in ${team}`);

  for (const index of persons.keys()) turnRound(ways, wayFrom(ways, `person ${index}`, new Set()) ?? []);

  return slots.map((_, slot) => {
    // What was gone leads back.
    const [team] = [...(ways.get(`slot ${slot}`) ?? [])].filter((node) => node !== END);
    const [sitting] = [...(ways.get(`in ${team?.slice('for '.length) ?? ''}`) ?? [])].filter((node) => node.startsWith('person '));
    return sitting === undefined ? undefined : persons[Number(sitting.slice('person '.length))];
  });
}

const END = 'end';

function wayFrom(ways: ReadonlyMap<string, ReadonlySet<string>>, at: string, seen: Set<string>): readonly string[] | undefined {
  if (at === END) return [END];
  seen.add(at);
  for (const next of ways.get(at) ?? []) {
    const rest = seen.has(next) ? undefined : wayFrom(ways, next, seen);
    if (rest !== undefined) return [at, ...rest];
  }
  return undefined;
}

function turnRound(ways: Map<string, Set<string>>, way: readonly string[]): void {
  for (const [index, from] of way.entries()) {
    const to = way[index + 1];
    if (to === undefined) return;
    ways.get(from)?.delete(to);
    ways.set(to, (ways.get(to) ?? new Set()).add(from));
  }
}
