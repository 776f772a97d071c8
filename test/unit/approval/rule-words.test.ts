import { expect, test } from 'vitest';
import { ruleWords } from '../../../src/approval/rule-words.ts';
import type { Policy } from '../../../src/model/policy.ts';
import { policy, step } from './policy.ts';

const limit = { count: 3, perMs: 3_600_000 };
const withRules = (approvals: Partial<Policy['approvals']>) => ({ ...policy, approvals: { ...policy.approvals, ...approvals } });
const steps = [step('node.cordon', 'reversible')];
const ask = { playbook: 'node-drain', plan: { risk: 'reversible' as const, steps }, policy };

test('the rule of the risk comes first, then each stricter one by its place and what it is for, then the playbook itself', () => {
  expect(ruleWords(ask)).toEqual(['approvals.reversible']);
  const stricter = [
    { playbook: 'other', notRequester: true },
    { action: 'node.cordon', notRequester: true },
    { playbook: 'node-drain', action: 'node.cordon' },
    {},
  ];
  expect(ruleWords({ ...ask, plan: { risk: 'destructive', steps }, policy: withRules({ stricter }), stageApproval: { within: 60_000 } })).toEqual([
    'approvals.destructive',
    'approvals.stricter[1] for node.cordon',
    'approvals.stricter[2] for node-drain, node.cordon',
    'approvals.stricter[3] for everything',
    'what node-drain asks for itself',
  ]);
});

test('what is automatic says by which rule and within which limit, once; a rule that asks people takes its place', () => {
  const auto = [{ action: 'node.cordon', limit }];
  const twice = { risk: 'reversible' as const, steps: [...steps, ...steps] };
  expect(ruleWords({ ...ask, plan: twice, policy: withRules({ auto }) })).toEqual(['approvals.auto for node.cordon, at most 3 in 1h']);
  const stricter = [{ playbook: 'node-drain', notRequester: true }];
  expect(ruleWords({ ...ask, policy: withRules({ auto, stricter }) })).toEqual(['approvals.reversible', 'approvals.stricter[0] for node-drain']);
});

test('a plan that changes nothing is under no rule', () => {
  expect(ruleWords({ ...ask, plan: { risk: 'read', steps: [step('node.cordon', 'read', 0)] } })).toEqual([]);
});
