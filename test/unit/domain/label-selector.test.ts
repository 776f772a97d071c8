import { expect, test } from 'vitest';
import { selectorChooses } from '../../../src/domain/label-selector.ts';

const labels = { app: 'web', tier: 'front' };

test.each([
  ['an empty selector', {}, true],
  ['no selector', undefined, false],
  ['equal labels', { matchLabels: { app: 'web' } }, true],
  ['another value', { matchLabels: { app: 'db' } }, false],
  ['In', { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'back'] }] }, true],
  ['NotIn', { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] }, false],
  ['NotIn of a label that is not there', { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
  ['Exists', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, true],
  ['DoesNotExist', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ['an operator of a later version', { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] }, false],
  ['all parts together', { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'In', values: ['back'] }] }, false],
  ['a label that is named like a method', { matchExpressions: [{ key: 'toString', operator: 'Exists' }] }, false],
])('%s', (_name, selector, chosen) => {
  expect(selectorChooses(selector, labels)).toBe(chosen);
});
