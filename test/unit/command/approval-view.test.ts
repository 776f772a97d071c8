import { expect, test } from 'vitest';
import { approvalView } from '../../../src/command/approval-view.ts';
import type { Run } from '../../../src/model/run.ts';
import { DIGEST, policy, proposedRun } from '../../contract/api/site.ts';

const vote = (by: string) => ({ by, plan: DIGEST, surface: 'cli', atMs: 0 });

function seen(change: Partial<Run>) {
  const { approval, ...run } = proposedRun();
  if (approval === undefined) throw new Error('it asks nobody');
  return approvalView({ ...run, approval: { ...approval, votes: [vote('ana')] }, ...change }, policy);
}

test('who may say no or not yet is told while it is proposed: the requester too, and whoever may run playbooks', () => {
  expect(seen({ start: { by: 'person', person: 'ben', surface: 'cli', reason: 'x' } })).toMatchObject({
    mayReject: ['ana', 'ben'],
    mayHold: ['ana', 'ben'],
    glass: undefined,
  });
  expect(seen({ state: 'executing', doing: 'step' })).toMatchObject({ mayReject: [], mayHold: [] });
});

test('a yes can be taken back until the first step is begun, and not after', () => {
  expect(seen({})?.mayWithdraw).toEqual(['ana']);
  expect(seen({ state: 'executing', doing: 'start' })?.mayWithdraw).toEqual(['ana']);
  expect(seen({ state: 'executing', doing: 'step' })?.mayWithdraw).toEqual([]);
  expect(seen({ state: 'done' })?.mayWithdraw).toEqual([]);
});
