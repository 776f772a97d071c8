import { expect, test } from 'vitest';
import { budgetsOf, readBudget } from '../../../../src/domain/pod/budget.ts';
import { readPod, toleratesMs } from '../../../../src/domain/pod/pod.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'api-0',
    namespace: 'shop',
    uid: 'p1',
    labels: { app: 'api' },
    creationTimestamp: '2026-11-21T00:00:00Z',
    ownerReferences: [
      { apiVersion: 'v1', kind: 'Other', name: 'o', uid: 'o1' },
      { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'api', uid: 's1', controller: true },
    ],
  },
  spec: {
    nodeName: 'w1',
    overhead: { cpu: '50m' },
    containers: [
      { name: 'a', resources: { requests: { cpu: '200m', memory: '1Gi' } } },
      { name: 'b', resources: { requests: { cpu: '100m' } } },
    ],
    initContainers: [{ name: 'i', resources: { requests: { cpu: '1', memory: '64Mi' } } }],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'host', hostPath: { path: '/var/lib/x' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'data-api-0' } },
    ],
    tolerations: [
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
    ],
  },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'a',
        ready: true,
        restartCount: 3,
        state: { running: {} },
        lastState: { terminated: { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-21T01:00:00Z' } },
      },
    ],
  },
};
const UNREACHABLE = { key: 'node.kubernetes.io/unreachable', value: '', effect: 'NoExecute' };

test('a pod is read with its controller, volumes, requests and how it ended last', () => {
  const pod = readPod(POD);
  expect(pod).toMatchObject({
    owner: { kind: 'StatefulSet', name: 'api', uid: 's1' },
    isReady: true,
    isMirror: false,
    graceSeconds: 30,
    emptyDirs: ['scratch'],
    hostPaths: ['/var/lib/x'],
    claims: ['data-api-0'],
    containers: [{ name: 'a', restarts: 3, ended: { reason: 'OOMKilled', exitCode: 137 } }],
  });
  expect(pod.requests.cpu).toBeCloseTo(1.05, 6);
  expect(pod.requests.memory).toBe(1024 ** 3);
});

test('of two tolerations of one taint the shorter counts', () => {
  expect(toleratesMs(readPod(POD), UNREACHABLE)).toBe(300_000);
  expect(toleratesMs({ tolerations: [{ key: '', operator: 'Exists', value: '', effect: '' }] }, UNREACHABLE)).toBe(Number.POSITIVE_INFINITY);
  expect(toleratesMs({ tolerations: [{ key: UNREACHABLE.key, operator: 'Equal', value: 'x', effect: '' }] }, UNREACHABLE)).toBeUndefined();
});

test('a budget has a say about the pods that its selector chooses in its namespace', () => {
  const budget = (name: string, namespace: string, selector: object | undefined) =>
    readBudget({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace, generation: 2 },
      spec: { selector },
      status: { disruptionsAllowed: 1, observedGeneration: 1 },
    });
  const all = [
    budget('mine', 'shop', { matchLabels: { app: 'api' } }),
    budget('everyone', 'shop', {}),
    budget('nobody', 'shop', undefined),
    budget('other', 'till', {}),
  ];
  expect(budgetsOf(readPod(POD), all).map(({ name }) => name)).toEqual(['mine', 'everyone']);
  expect(all[0]).toMatchObject({ allowed: 1, isCounted: false, unhealthyMayGo: 'IfHealthyBudget' });
});
