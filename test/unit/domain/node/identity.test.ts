import { expect, test } from 'vitest';
import { identityOf, missingOn } from '../../../../src/domain/node/identity.ts';
import { readNode } from '../../../../src/domain/node/node.ts';

const OLD = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: 'w1',
    labels: {
      'kubernetes.io/hostname': 'w1',
      'topology.kubernetes.io/zone': 'a',
      'node.kubernetes.io/instance-type': 'm5',
      'feature.node.kubernetes.io/cpu-model': 'x',
      'node-role.kubernetes.io/storage': '',
      tier: 'db',
    },
    annotations: {
      rack: 'r7',
      'csi.volume.kubernetes.io/nodeid': '{}',
      'salvor.io/step-key': 'k1',
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
    },
  },
  spec: {
    taints: [
      { key: 'dedicated', value: 'db', effect: 'NoSchedule', timeAdded: '2026-11-21T10:00:00Z' },
      { key: 'spot', effect: 'NoExecute' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
      { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' },
      { key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' },
    ],
  },
};

test('what people said of a node is kept; what machine, cloud and control plane say of it is not', () => {
  expect(identityOf(readNode(OLD))).toEqual({
    labels: { 'node-role.kubernetes.io/storage': '', tier: 'db' },
    taints: [
      { key: 'dedicated', value: 'db', effect: 'NoSchedule' },
      { key: 'spot', effect: 'NoExecute' },
    ],
    annotations: { rack: 'r7' },
  });
});

test('a new node is given what it lacks and what differs, and nothing that it has already', () => {
  const identity = identityOf(readNode(OLD));
  const found = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'w4', labels: { tier: 'web', team: 'x', 'node-role.kubernetes.io/storage': '' } },
    spec: {
      taints: [
        { key: 'spot', effect: 'NoExecute' },
        { key: 'dedicated', value: 'web', effect: 'NoSchedule' },
      ],
    },
  };
  expect(missingOn(found, identity)).toEqual({ labels: { tier: 'db' }, taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] });
});
