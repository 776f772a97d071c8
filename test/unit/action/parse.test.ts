import { expect, test } from 'vitest';
import type { Action } from '../../../src/action/contract.ts';
import { parseFacts, parseParams, parseResult } from '../../../src/action/parse.ts';
import { actions } from '../playbook/actions.ts';

function action(id: string): Action {
  const found = actions.get(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

test('parameters come out as the action takes them: durations in ms, defaults filled in', () => {
  expect(parseParams(action('node.drain'), { node: 'w1', gracePeriod: '2m' })).toEqual({ node: 'w1', gracePeriod: 120_000, skip: [] });
});

test('what does not fit is a fault in words, with the field', () => {
  expect(() => parseParams(action('node.drain'), { node: '', nod: 1 })).toThrow(/the parameters of node\.drain do not fit: .*node: .*nod/);
  expect(() => parseResult(action('node.cordon'), { wasCordoned: 'no' })).toThrow('the result of node.cordon does not fit its schema: wasCordoned: ');
  expect(() => parseFacts(action('node.ready'), undefined)).toThrow(expect.objectContaining({ code: 'action.bad-result', retry: 'never' }));
});

test('results and facts come out as JSON', () => {
  expect(parseResult(action('node.cordon'), { wasCordoned: true })).toEqual({ wasCordoned: true });
  expect(parseFacts(action('node.ready'), { since: 'now' })).toEqual({ since: 'now' });
});

test('an action has only what its kind has', () => {
  expect(() => parseResult(action('node.ready'), {})).toThrow('node.ready is no remediation');
  expect(() => parseFacts(action('node.cordon'), {})).toThrow('node.cordon has no facts');
});
