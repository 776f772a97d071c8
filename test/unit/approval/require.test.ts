import { expect, test } from 'vitest';
import { autoCharge, requirementFor } from '../../../src/approval/require.ts';
import type { PlannedStep } from '../../../src/model/plan.ts';
import { highestRisk, type Risk } from '../../../src/model/risk.ts';
import { policy, step } from './policy.ts';

const nowMs = 7_200_000 + 5;
const plan = (...steps: PlannedStep[]) => ({ risk: highestRisk(steps.map(({ risk }): Risk => risk)), steps });
const ask = { playbook: 'node-not-ready', policy, targetWord: 'w1', nowMs };

test('a plan without a change asks nobody', () => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'read', 0)) })).toEqual({ kind: 'none' });
});

test('a reversible plan asks as the policy says', () => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')) })).toEqual({
    kind: 'people',
    need: [{ team: 'platform', count: 1 }],
    notRequester: false,
    withinMs: 900_000,
    remindMs: 300_000,
    words: 'needs 1 of platform, within 15m',
  });
});

test('one destructive step makes the whole plan ask for two people, another than the requester, and the typed target', () => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible'), step('volume.delete', 'destructive')) })).toMatchObject({
    kind: 'people',
    need: [
      { team: 'platform', count: 1 },
      { team: 'incident-command', count: 1 },
    ],
    notRequester: true,
    confirmation: 'w1',
    words: 'needs 1 of platform and 1 of incident-command, not the requester, typed confirmation, within 15m',
  });
});

test('a playbook can ask for more, and never for less', () => {
  const more = requirementFor({
    ...ask,
    plan: plan(step('node.cordon', 'reversible')),
    stageApproval: { need: [{ role: 'commander', count: 1 }], notRequester: true, typedConfirmation: true },
  });
  expect(more).toMatchObject({
    need: [
      { team: 'platform', count: 1 },
      { role: 'commander', count: 1 },
    ],
    notRequester: true,
    confirmation: 'w1',
  });
  const less = requirementFor({
    ...ask,
    plan: plan(step('volume.delete', 'destructive')),
    stageApproval: { notRequester: false, typedConfirmation: false, need: [{ team: 'platform', count: 1 }] },
  });
  expect(less).toMatchObject({ need: [{ count: 1 }, { count: 1 }], notRequester: true, confirmation: 'w1' });
});

test('a role that stands for a team already asked is not asked twice', () => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')), stageApproval: { need: [{ role: 'approver', count: 1 }] } })).toMatchObject({
    need: [{ team: 'platform', count: 1 }],
  });
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')), stageApproval: { need: [{ role: 'approver', count: 2 }] } })).toMatchObject({
    need: [{ role: 'approver', count: 2 }],
  });
});

test('a playbook gives people its own time, up to a week', () => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')), stageApproval: { within: 3_600_000, remind: 60_000 } })).toMatchObject({
    withinMs: 3_600_000,
    remindMs: 60_000,
  });
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')), stageApproval: { within: 9_000_000_000 } })).toMatchObject({
    withinMs: 604_800_000,
  });
});

test('a stricter rule applies to its playbook or action, and to no other', () => {
  const strict = {
    ...policy,
    approvals: {
      ...policy.approvals,
      stricter: [
        { action: 'node.drain', need: [{ team: 'platform', count: 2 }] },
        { playbook: 'backup-failed', typedConfirmation: true },
        { action: 'node.cordon', playbook: 'other', notRequester: true },
      ],
    },
  };
  expect(requirementFor({ ...ask, policy: strict, plan: plan(step('node.drain', 'reversible')) })).toMatchObject({ need: [{ team: 'platform', count: 2 }] });
  expect(requirementFor({ ...ask, policy: strict, plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({
    need: [{ team: 'platform', count: 1 }],
    notRequester: false,
  });
  expect(requirementFor({ ...ask, policy: strict, playbook: 'backup-failed', plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({
    confirmation: 'w1',
  });
});

const withAuto = (auto: typeof policy.approvals.auto) => ({ ...policy, approvals: { ...policy.approvals, auto } });
const threePerHour = { count: 3, perMs: 3_600_000 };

test('where every change is on the list, nobody is asked, and each use is counted in its window', () => {
  const requirement = requirementFor({
    ...ask,
    policy: withAuto([{ action: 'node.cordon', limit: threePerHour }]),
    plan: plan(step('node.cordon', 'reversible'), step('node.label', 'read', 0)),
  });
  expect(requirement).toEqual({ kind: 'auto', limits: [{ count: 'auto/node.cordon/7200000', limit: 3 }] });
});

test('one change that is not on the list, and people are asked', () => {
  expect(
    requirementFor({
      ...ask,
      policy: withAuto([{ action: 'node.cordon', limit: threePerHour }]),
      plan: plan(step('node.cordon', 'reversible'), step('node.drain', 'reversible')),
    }),
  ).toMatchObject({ kind: 'people' });
});

test('a rule for one playbook is no rule for another', () => {
  const auto = [{ action: 'node.cordon', playbook: 'node-drain', limit: threePerHour }];
  expect(requirementFor({ ...ask, policy: withAuto(auto), plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({ kind: 'people' });
  expect(requirementFor({ ...ask, policy: withAuto(auto), playbook: 'node-drain', plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({
    kind: 'auto',
  });
});

test('what is destructive is automatic only where the rule names its playbook, too', () => {
  const purge = plan(step('backup.delete', 'destructive'));
  expect(requirementFor({ ...ask, policy: withAuto([{ action: 'backup.delete', limit: threePerHour }]), plan: purge })).toMatchObject({
    kind: 'people',
    confirmation: 'w1',
  });
  expect(
    requirementFor({ ...ask, policy: withAuto([{ action: 'backup.delete', playbook: 'node-not-ready', limit: threePerHour }]), plan: purge }),
  ).toMatchObject({ kind: 'auto' });
});

test('a playbook or a stricter rule that asks for people is asked, whatever the list says', () => {
  const auto = [{ action: 'node.cordon', limit: threePerHour }];
  expect(
    requirementFor({
      ...ask,
      policy: withAuto(auto),
      plan: plan(step('node.cordon', 'reversible')),
      stageApproval: { need: [{ role: 'approver', count: 1 }] },
    }),
  ).toMatchObject({ kind: 'people' });
  expect(requirementFor({ ...ask, policy: withAuto(auto), plan: plan(step('node.cordon', 'reversible')), stageApproval: { within: 60_000 } })).toMatchObject({
    kind: 'auto',
  });
  const strict = { ...withAuto(auto), approvals: { ...withAuto(auto).approvals, stricter: [{ action: 'node.cordon', notRequester: true }] } };
  expect(requirementFor({ ...ask, policy: strict, plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({ kind: 'people' });
});

test('an automatic start takes one from its limit for each use', () => {
  const requirement = requirementFor({
    ...ask,
    policy: withAuto([{ action: 'node.cordon', limit: threePerHour }]),
    plan: plan(step('node.cordon', 'reversible'), step('node.cordon', 'reversible')),
  });
  if (requirement.kind !== 'auto') throw new Error('expected an automatic start');
  expect(autoCharge(requirement)).toEqual({
    guards: [{ is: 'room', count: 'auto/node.cordon/7200000', add: 2, limit: 3 }],
    changes: [{ do: 'count', id: 'auto/node.cordon/7200000', add: 2 }],
  });
});

test.each([
  ['an unmapped role', { need: [{ role: 'dba', count: 1 }] }, 'the role dba is not mapped to a team'],
  ['a role named like a property of every object', { need: [{ role: 'constructor', count: 1 }] }, 'the role constructor is not mapped'],
  ['a team without anybody', { need: [{ team: 'night', count: 1 }] }, 'nobody is in night'],
  ['more people than the team has', { need: [{ team: 'platform', count: 3 }] }, 'there are not enough people in platform'],
])('%s: nobody may approve, and the reason is said', (_, stageApproval, reason) => {
  expect(requirementFor({ ...ask, plan: plan(step('node.cordon', 'reversible')), stageApproval })).toEqual({
    kind: 'hold',
    reason: expect.stringContaining(reason),
  });
});

test('a requester who is the only one left of a team leaves nobody', () => {
  const alone = { ...policy, people: policy.people.filter(({ name }) => name !== 'ben') };
  expect(requirementFor({ ...ask, policy: alone, plan: plan(step('volume.delete', 'destructive')), requester: 'ana' })).toEqual({
    kind: 'hold',
    reason: 'there are not enough people in platform beside the requester, so nobody may approve',
  });
  expect(requirementFor({ ...ask, policy: alone, plan: plan(step('volume.delete', 'destructive')) })).toMatchObject({ kind: 'people' });
});

test('a policy that asks for no approver is not a yes', () => {
  const open = { ...policy, approvals: { ...policy.approvals, reversible: { ...policy.approvals.reversible, need: [] } } };
  expect(requirementFor({ ...ask, policy: open, plan: plan(step('node.cordon', 'reversible')) })).toMatchObject({ kind: 'hold' });
});
