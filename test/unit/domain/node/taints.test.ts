import { expect, test } from 'vitest';
import { outOfServicePatch, taintText } from '../../../../src/domain/node/taints.ts';

const UNREACHABLE = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: '2026-11-21T10:00:00Z' };
const DEDICATED = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };
const OUT = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
const node = (taints: unknown) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' }, spec: { taints } });

test('the taint is added to the list, and every other one stays with all its fields', () => {
  expect(outOfServicePatch(node([UNREACHABLE, DEDICATED]), 'k1')).toEqual({
    metadata: { annotations: { 'salvor.io/out-of-service': 'k1' } },
    spec: { taints: [UNREACHABLE, DEDICATED, OUT] },
  });
});

test('it is taken away with its mark, and the others stay', () => {
  expect(outOfServicePatch(node([UNREACHABLE, OUT, DEDICATED]), undefined)).toEqual({
    metadata: { annotations: { 'salvor.io/out-of-service': null } },
    spec: { taints: [UNREACHABLE, DEDICATED] },
  });
  expect(outOfServicePatch(node(undefined), 'k1').spec).toEqual({ taints: [OUT] });
});

test('a list that cannot be read is never replaced', () => {
  expect(() => outOfServicePatch(node('none'), 'k1')).toThrow('none of them is changed');
});

test('a taint is told as kubectl takes it', () => {
  expect(taintText({ ...OUT })).toBe('node.kubernetes.io/out-of-service=nodeshutdown:NoExecute');
  expect(taintText({ key: 'spot', value: '', effect: 'NoSchedule' })).toBe('spot:NoSchedule');
});
