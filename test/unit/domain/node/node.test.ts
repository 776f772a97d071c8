import { expect, test } from 'vitest';
import { isReady, readNode } from '../../../../src/domain/node/node.ts';

const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'w1',
    uid: 'u1',
    resourceVersion: '7',
    creationTimestamp: '2026-11-01T00:00:00Z',
    labels: { 'topology.kubernetes.io/zone': 'a', 'node-role.kubernetes.io/control-plane': '' },
    annotations: { 'salvor.io/step-key': 'k1', 'salvor.io/before': 'false' },
  },
  spec: { unschedulable: true, providerID: 'aws:///a/i-1', taints: [{ key: 'x', effect: 'NoExecute', timeAdded: '2026-11-21T10:00:00Z' }] },
  status: {
    allocatable: { cpu: '3920m', memory: '7Gi', pods: '110' },
    conditions: [
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'm',
        lastTransitionTime: '2026-11-21T10:00:00Z',
        lastHeartbeatTime: '2026-11-21T09:59:00Z',
      },
    ],
    nodeInfo: { kubeletVersion: 'v1.37.1', bootID: 'b' },
  },
};

test('a node is read with its condition, taints, zone, mark and room', () => {
  expect(readNode(NODE)).toMatchObject({
    name: 'w1',
    uid: 'u1',
    unschedulable: true,
    zone: 'a',
    isControlPlane: true,
    providerId: 'aws:///a/i-1',
    mark: { stepKey: 'k1', before: 'false' },
    ready: { status: 'Unknown', sinceMs: Date.UTC(2026, 10, 21, 10), heartbeatMs: Date.UTC(2026, 10, 21, 9, 59) },
    taints: [{ key: 'x', value: '', effect: 'NoExecute', addedMs: Date.UTC(2026, 10, 21, 10) }],
    allocatable: { cpu: 3.92, memory: 7 * 1024 ** 3, pods: 110 },
  });
});

test('a node that nobody has said anything of is not ready, and a field of an odd type hides nothing else', () => {
  const node = readNode({ ...NODE, spec: { ...NODE.spec, providerID: 5 }, status: { conditions: 'none' } });
  expect(isReady(node)).toBe(false);
  expect(node.ready.status).toBe('Unknown');
  expect(node.providerId).toBeUndefined();
  expect(node.unschedulable).toBe(true);
});
