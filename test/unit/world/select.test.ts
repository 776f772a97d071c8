import { describe, expect, test } from 'vitest';
import { theKind } from '../../../src/world/kinds.ts';
import type { WorldObject } from '../../../src/world/object.ts';
import { fieldSelector, labelSelector, objectSelector } from '../../../src/world/select.ts';

const pod: WorldObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'api-0', namespace: 'shop', uid: 'u', resourceVersion: '1', creationTimestamp: '', labels: { app: 'api', tier: 'web' } },
  spec: { nodeName: 'w1' },
  status: { phase: 'Running' },
};

const byLabel = (text: string): boolean | string => {
  const parsed = labelSelector(text);
  return parsed.kind === 'selects' ? parsed.selects(pod) : 'wrong';
};
const byField = (text: string): boolean | string => {
  const parsed = fieldSelector(theKind('v1', 'Pod'), text);
  return parsed.kind === 'selects' ? parsed.selects(pod) : parsed.reason;
};

test.each<readonly [string, boolean | string]>([
  ['', true],
  ['app=api', true],
  ['app==api,tier=web', true],
  ['app=api,tier=db', false],
  ['app!=api', false],
  ['gone!=x', true],
  ['app in (web, api)', true],
  ['app notin (web, api)', false],
  ['app in (web),tier=web', false],
  ['app', true],
  ['!app', false],
  ['toString', false],
  ['app in web', 'wrong'],
])('the label selector "%s" says %s', (text, wanted) => {
  expect(byLabel(text)).toBe(wanted);
});

test.each<readonly [string, boolean | string]>([
  ['spec.nodeName=w1', true],
  ['spec.nodeName=w1,status.phase!=Running', false],
  ['metadata.name=api-0,metadata.namespace=shop', true],
  ['spec.nodeName!=w2', true],
  ['spec.hostname=x', 'field label not supported: spec.hostname'],
])('the field selector "%s" says %s', (text, wanted) => {
  expect(byField(text)).toBe(wanted);
});

describe('the selector of an object', () => {
  test('asks all of its labels and expressions', () => {
    expect(objectSelector({ matchLabels: { app: 'api' } })(pod)).toBe(true);
    expect(objectSelector({ matchLabels: { app: 'web' } })(pod)).toBe(false);
    expect(
      objectSelector({
        matchExpressions: [
          { key: 'tier', operator: 'In', values: ['web'] },
          { key: 'old', operator: 'DoesNotExist' },
        ],
      })(pod),
    ).toBe(true);
    expect(objectSelector({ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] })(pod)).toBe(false);
  });
});
