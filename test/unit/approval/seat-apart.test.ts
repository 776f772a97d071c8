import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seatApart } from '../../../src/approval/seat-apart.ts';
import { type Slot, slotsOf } from '../../../src/approval/slot.ts';
import type { Person } from '../../../src/model/policy.ts';

const teams = ['a', 'b', 'c', 'd'];
const anyPeople = fc.array(fc.subarray(teams), { maxLength: 5 }).map((all): readonly Person[] => all.map((of, index) => ({ name: `p${index}`, teams: of })));
const anySlots = fc
  .array(fc.record({ role: fc.constantFrom('ab', 'bcd', 'all'), count: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 2 })
  .map((need) => slotsOf(need, { ab: ['a', 'b'], bcd: ['b', 'c', 'd'], all: teams }));

/** As many as can be seated, found by trying everything: slow, and plainly right. */
function most(people: readonly Person[], slots: readonly Slot[], used: ReadonlySet<string> = new Set(), at = 0): number {
  const slot = slots[at];
  if (slot === undefined) return 0;
  const left = most(people, slots, used, at + 1);
  const taken = people.flatMap((person) =>
    slot.teams
      .filter((team) => person.teams.includes(team) && !used.has(team) && !used.has(`person ${person.name}`))
      .map((team) => 1 + most(people, slots, new Set([...used, team, `person ${person.name}`]), at + 1)),
  );
  return Math.max(left, ...taken);
}

test('as many places are filled as can be, by different people of different teams', () => {
  fc.assert(
    fc.property(anyPeople, anySlots, (people, slots) => {
      const seated = seatApart(people, slots);
      const there = seated.filter((one) => one !== undefined);
      expect(there).toHaveLength(most(people, slots));
      expect(new Set(there.map(({ name }) => name)).size).toBe(there.length);
      for (const [index, person] of seated.entries())
        if (person !== undefined) expect(person.teams.some((team) => slots[index]?.teams.includes(team))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('who is seated stays seated when another comes', () => {
  fc.assert(
    fc.property(anyPeople, anySlots, (people, slots) => {
      for (let count = 1; count <= people.length; count += 1) {
        const before = seatApart(people.slice(0, count - 1), slots).flatMap((one) => one?.name ?? []);
        const now = seatApart(people.slice(0, count), slots).flatMap((one) => one?.name ?? []);
        for (const name of before) expect(now).toContain(name);
      }
    }),
  );
});
