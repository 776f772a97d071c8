import { expect, test } from 'vitest';
import { groupTeams, type Members, withGroups } from '../../../src/approval/group.ts';
import { requirementFor } from '../../../src/approval/require.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { policy as sample } from '../run/samples.ts';
import { step } from './policy.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 10 * HOUR_MS;
const policy: Policy = {
  ...sample,
  people: [
    { name: 'ana', slack: 'U0ANA', teams: ['platform'] },
    { name: 'ben', slack: 'U0BEN', pagerduty: 'P0BEN', teams: ['platform'] },
    { name: 'cleo', teams: ['incident-command', 'usergroup:dr'] },
  ],
  roles: { approver: ['usergroup:dr'] },
  rights: { ...sample.rights, pause: ['oncall:night'] },
};
const said = (all: { readonly [team: string]: Members }): ReadonlyMap<string, Members> => new Map(Object.entries(all));
const teamsOf = (known: ReadonlyMap<string, Members>, nowMs = NOW_MS) => withGroups(policy, known, nowMs).people.map(({ teams }) => teams);

test('people are in a group by the id that they have there, whoever else is in it', () => {
  expect(groupTeams(policy)).toEqual(['usergroup:dr', 'oncall:night']);
  expect(
    teamsOf(said({ 'usergroup:dr': { ids: ['U0ANA', 'U0MALLORY', 'P0BEN'], atMs: NOW_MS }, 'oncall:night': { ids: ['P0BEN', 'U0ANA'], atMs: NOW_MS } })),
  ).toEqual([['platform', 'usergroup:dr'], ['platform', 'oncall:night'], ['incident-command']]);
});

test.each([
  ['was never asked', {}],
  ['was asked more than an hour ago', { ids: ['U0ANA'], atMs: NOW_MS - HOUR_MS - 1 }],
  ['was asked in a future that the clock went back from', { ids: ['U0ANA'], atMs: NOW_MS + HOUR_MS + 1 }],
  ['could not be asked, ever', { problem: 'Slack cannot be reached' }],
])('nobody is in a group that %s, not even by a line of the configuration', (_, members) => {
  const now = withGroups(policy, said({ 'usergroup:dr': members }), NOW_MS);
  expect(now.people.flatMap(({ teams }) => teams)).not.toContain('usergroup:dr');
  const plan = { risk: 'reversible', steps: [step('node.cordon', 'reversible')] } as const;
  const approvals = { ...policy.approvals, reversible: { ...policy.approvals.reversible, need: [{ role: 'approver', count: 1 }] } };
  const asked = requirementFor({ plan, playbook: 'x', policy: { ...now, approvals }, targetWord: 'x', nowMs: NOW_MS });
  expect(asked).toMatchObject({ kind: 'hold', reason: expect.stringMatching(/^who is in usergroup:dr is not known: .+, so nobody may approve$/) });
});

test('an answer of the last hour counts while the other side is away, and the card says how old it is', () => {
  const now = withGroups(policy, said({ 'usergroup:dr': { ids: ['U0ANA'], atMs: NOW_MS - HOUR_MS / 2, problem: 'Slack cannot be reached' } }), NOW_MS);
  const plan = { risk: 'reversible', steps: [step('node.cordon', 'reversible')] } as const;
  const approvals = { ...policy.approvals, reversible: { ...policy.approvals.reversible, need: [{ role: 'approver', count: 1 }] } };
  const asked = requirementFor({ plan, playbook: 'x', policy: { ...now, approvals }, targetWord: 'x', nowMs: NOW_MS });
  expect(asked).toMatchObject({
    kind: 'people',
    words: expect.stringContaining('usergroup:dr as it was at 1970-01-01 09:30:00 UTC, since it cannot be asked now'),
  });
});
