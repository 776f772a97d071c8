import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide, mayVote } from '../../../src/approval/decide.ts';
import { fits, seat, slotsOf } from '../../../src/approval/slot.ts';
import type { Requirement, Vote } from '../../../src/model/approval.ts';
import { policy } from './policy.ts';

const people: Extract<Requirement, { kind: 'people' }> = {
  kind: 'people',
  need: [
    { team: 'platform', count: 1 },
    { team: 'incident-command', count: 1 },
  ],
  notRequester: true,
  withinMs: 1,
  remindMs: 1,
  words: '',
};
const vote = (by: string, more: Partial<Vote> = {}): Vote => ({ by, plan: 'd1', surface: 'console', atMs: 0, ...more });
const ballot = { requirement: people, digest: 'd1', policy };

test('two people of the two teams are enough', () => {
  expect(decide({ ...ballot, votes: [vote('ana')] })).toEqual({ kind: 'missing', words: '1 of 2: ana; still needs 1 of incident-command' });
  expect(decide({ ...ballot, votes: [vote('ana'), vote('eva')] })).toEqual({ kind: 'granted', by: ['ana', 'eva'] });
});

test('who is in both teams counts for one place, and leaves the other to whoever fits it', () => {
  expect(decide({ ...ballot, votes: [vote('ben')] })).toMatchObject({ kind: 'missing' });
  expect(decide({ ...ballot, votes: [vote('ben'), vote('ana')] })).toEqual({ kind: 'granted', by: ['ana', 'ben'] });
  expect(decide({ ...ballot, votes: [vote('ben'), vote('eva')] })).toEqual({ kind: 'granted', by: ['ben', 'eva'] });
});

test('the same person on two surfaces counts once', () => {
  const two = { ...ballot, requirement: { ...people, need: [{ team: 'platform', count: 2 }] } };
  expect(decide({ ...two, votes: [vote('ana'), vote('ana', { surface: 'slack' })] })).toEqual({
    kind: 'missing',
    words: '1 of 2: ana; still needs 1 of platform',
  });
});

test('two who fit only one place leave the other open', () => {
  const tim = { ...policy, people: [...policy.people, { name: 'zoe', teams: ['platform'] }] };
  expect(decide({ ...ballot, policy: tim, votes: [vote('ana'), vote('zoe')] })).toMatchObject({
    kind: 'missing',
    words: expect.stringContaining('still needs 1 of incident-command'),
  });
});

test('the requester may not approve where another person is asked for', () => {
  expect(mayVote({ ...ballot, vote: vote('ana'), requester: 'ana' })).toMatchObject({
    allowed: false,
    code: 'approval.not-allowed',
    reason: expect.stringContaining('somebody else'),
  });
  expect(mayVote({ ...ballot, requirement: { ...people, notRequester: false }, vote: vote('ana'), requester: 'ana' })).toEqual({ allowed: true });
  expect(decide({ ...ballot, votes: [vote('ana'), vote('eva')], requester: 'ana' })).toMatchObject({ kind: 'missing' });
});

test('a stranger never has a vote, not even under a name that every object has', () => {
  for (const by of ['mallory', 'constructor', '__proto__', ''])
    expect(mayVote({ ...ballot, vote: vote(by) })).toMatchObject({ allowed: false, code: 'approval.not-allowed' });
});

test('who is in none of the teams has no vote', () => {
  expect(mayVote({ ...ballot, vote: vote('tim') })).toMatchObject({
    code: 'approval.not-allowed',
    reason: 'tim is in none of the teams that decide: 1 of platform and 1 of incident-command',
  });
});

test('a vote for another plan is worth nothing', () => {
  expect(mayVote({ ...ballot, vote: vote('ana', { plan: 'd0' }) })).toMatchObject({ code: 'approval.plan-changed' });
  expect(decide({ ...ballot, votes: [vote('ana', { plan: 'd0' }), vote('eva')] })).toMatchObject({ kind: 'missing' });
});

test('where the word has to be typed, only that word counts', () => {
  const typed = { ...ballot, requirement: { ...people, confirmation: 'shop' } };
  for (const confirmation of [undefined, '', 'Shop', 'shop ']) {
    expect(mayVote({ ...typed, vote: vote('ana', confirmation === undefined ? {} : { confirmation }) })).toMatchObject({
      code: 'approval.confirmation-missing',
      reason: expect.stringContaining('Type shop'),
    });
  }
  expect(mayVote({ ...typed, vote: vote('ana', { confirmation: 'shop' }) })).toEqual({ allowed: true });
});

test('the requester may reject, without the typed word; a stranger may not', () => {
  const typed = { ...ballot, requirement: { ...people, confirmation: 'shop' }, rejecting: true };
  expect(mayVote({ ...typed, vote: vote('ana'), requester: 'ana' })).toEqual({ allowed: true });
  expect(mayVote({ ...typed, vote: vote('mallory') })).toMatchObject({ allowed: false });
  expect(mayVote({ ...typed, vote: vote('tim') })).toMatchObject({ allowed: false });
});

test('where it cannot be worked out who may approve, nobody may; any person may reject', () => {
  const held = { ...ballot, requirement: { kind: 'hold', reason: 'nobody is in night' } } as const;
  expect(mayVote({ ...held, vote: vote('ana') })).toMatchObject({ code: 'approval.not-allowed', reason: 'Nobody may approve: nobody is in night' });
  expect(mayVote({ ...held, vote: vote('ana'), rejecting: true })).toEqual({ allowed: true });
  expect(decide({ ...held, votes: [vote('ana'), vote('eva')] })).toEqual({ kind: 'missing', words: 'nobody is in night' });
});

test('where nobody is asked there is nothing to vote for', () => {
  expect(mayVote({ ...ballot, requirement: { kind: 'none' }, vote: vote('ana') })).toMatchObject({ code: 'approval.not-waiting' });
  expect(decide({ ...ballot, requirement: { kind: 'auto', limits: [] }, votes: [] })).toEqual({ kind: 'granted', by: [] });
});

test('who left the team since has no vote any more', () => {
  const left = { ...policy, people: policy.people.map((person) => (person.name === 'ana' ? { ...person, teams: [] } : person)) };
  expect(decide({ ...ballot, policy: left, votes: [vote('ana'), vote('eva')] })).toMatchObject({ kind: 'missing' });
});

test('a need for no one is never a yes', () => {
  expect(decide({ ...ballot, requirement: { ...people, need: [] }, votes: [vote('ana')] })).toMatchObject({ kind: 'missing' });
});

const teams = ['a', 'b', 'c'];
const anyPeople = fc.array(fc.subarray(teams), { maxLength: 6 }).map((all) => all.map((of, index) => ({ name: `p${index}`, teams: of })));
const anyNeed = fc.array(fc.record({ team: fc.constantFrom(...teams), count: fc.integer({ min: 1, max: 2 }) }), { minLength: 1, maxLength: 3 });

test('votes are enough exactly when every place can be given to another person who fits it', () => {
  fc.assert(
    fc.property(anyPeople, anyNeed, fc.array(fc.nat(7), { maxLength: 12 }), fc.nat(5), (persons, need, cast, requester) => {
      const votes = cast.map((index) => vote(`p${index}`));
      const who = `p${requester}`;
      const decision = decide({ requirement: { ...people, need }, digest: 'd1', votes, policy: { people: persons, roles: {} }, requester: who });
      const slots = slotsOf(need, {});
      const voters = persons.filter(({ name }) => name !== who && votes.some(({ by }) => by === name));
      expect(decision.kind === 'granted').toBe(canFill(slots.length, (slot, person) => fits(at(voters, person), at(slots, slot)), voters.length));
      if (decision.kind === 'granted') expect(new Set(decision.by).size).toBe(slots.length);
    }),
    { numRuns: 500 },
  );
});

test('another vote never takes an approval away', () => {
  fc.assert(
    fc.property(anyPeople, anyNeed, fc.array(fc.nat(5), { maxLength: 8 }), (persons, need, cast) => {
      const slots = slotsOf(need, {});
      const filled = (count: number): number =>
        seat(
          cast.slice(0, count).flatMap((index) => persons[index] ?? []),
          slots,
        ).filter((one) => one !== undefined).length;
      for (let count = 1; count <= cast.length; count += 1) expect(filled(count)).toBeGreaterThanOrEqual(filled(count - 1));
    }),
  );
});

/** Every assignment is tried: slow, and plainly right. */
function canFill(slots: number, fit: (slot: number, person: number) => boolean, persons: number, used: ReadonlySet<number> = new Set(), slot = 0): boolean {
  if (slot === slots) return true;
  for (let person = 0; person < persons; person += 1) {
    if (!used.has(person) && fit(slot, person) && canFill(slots, fit, persons, new Set([...used, person]), slot + 1)) return true;
  }
  return false;
}

function at<T>(all: readonly T[], index: number): T {
  const one = all[index];
  if (one === undefined) throw new Error(`nothing at ${index}`);
  return one;
}
