import { expect, test } from 'vitest';
import { otherOwner, otherOwners } from '../../../src/gate/other-owner.ts';
import { KubeObject } from '../../../src/model/object.ts';

const node = (parts: { annotations?: Record<string, string>; spec?: object; managedFields?: unknown } = {}): KubeObject =>
  KubeObject.parse({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'w1', annotations: parts.annotations, managedFields: parts.managedFields },
    spec: parts.spec ?? {},
  });
const cordonedBy = (manager: string): unknown => [{ manager, operation: 'Update', fieldsV1: { 'f:spec': { 'f:unschedulable': {} } } }];

test('an ordinary node has no other owner', () => {
  expect(otherOwner(node({ spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } }))).toEqual({ kind: 'admit' });
});

test.each([
  [
    'cluster-autoscaler',
    node({ spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' }] } }),
    'Node/w1: cluster-autoscaler is removing it',
  ],
  ['Karpenter', node({ spec: { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] } }), 'Node/w1: Karpenter is replacing it'],
  [
    'a node health check',
    node({ spec: { taints: [{ key: 'medik8s.io/remediation', value: 'self-node-remediation', effect: 'NoExecute' }] } }),
    'Node/w1: a node health check is remediating it',
  ],
  ['kured', node({ annotations: { 'weave.works/kured-reboot-in-progress': '2026-11-21T00:00:00Z' } }), 'Node/w1: kured is rebooting it'],
  [
    'an upgrade',
    node({ annotations: { 'machineconfiguration.openshift.io/currentConfig': 'a', 'machineconfiguration.openshift.io/desiredConfig': 'b' } }),
    'Node/w1: an upgrade of its machine configuration is under way',
  ],
])('a node that %s works on holds, and says so', (_, object, reason) => {
  expect(otherOwner(object)).toEqual({ kind: 'hold', gate: 'other-owner', reason });
});

test("kured's lock names the node that it reboots", () => {
  const daemonSet = KubeObject.parse({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: 'kured',
      namespace: 'kube-system',
      annotations: { 'weave.works/kured-node-lock': '{"nodeID":"w2","created":"2026-11-21T00:00:00Z","TTL":0}' },
    },
  });
  expect(otherOwner(daemonSet)).toMatchObject({ reason: 'DaemonSet/kube-system/kured: kured holds its lock for node w2' });
});

test('a node health check in the middle of a remediation holds', () => {
  const check = KubeObject.parse({
    apiVersion: 'remediation.medik8s.io/v1alpha1',
    kind: 'NodeHealthCheck',
    metadata: { name: 'workers' },
    status: { inFlightRemediations: { w3: '2026-11-21T00:00:00Z' } },
  });
  expect(otherOwner(check)).toMatchObject({ reason: 'NodeHealthCheck/workers: a node health check is remediating w3' });
});

test('a machine whose owner was asked to remediate it holds', () => {
  const machine = KubeObject.parse({
    apiVersion: 'cluster.x-k8s.io/v1beta1',
    kind: 'Machine',
    metadata: { name: 'm1', namespace: 'default' },
    status: { conditions: [{ type: 'OwnerRemediated', status: 'False' }] },
  });
  expect(otherOwner(machine)).toMatchObject({ kind: 'hold' });
  const healthy = KubeObject.parse({
    apiVersion: 'cluster.x-k8s.io/v1beta1',
    kind: 'Machine',
    metadata: { name: 'm1', namespace: 'default' },
    status: { conditions: [{ type: 'OwnerRemediated', status: 'True' }] },
  });
  expect(otherOwner(healthy)).toEqual({ kind: 'admit' });
});

test("a cordon by a manager that nobody knows holds; our own and a person's do not", () => {
  expect(otherOwner(node({ spec: { unschedulable: true }, managedFields: cordonedBy('upgrade-operator') }))).toMatchObject({
    reason: 'Node/w1: upgrade-operator cordoned it',
  });
  expect(otherOwner(node({ spec: { unschedulable: true }, managedFields: cordonedBy('kubectl-cordon') }))).toEqual({ kind: 'admit' });
  expect(otherOwner(node({ spec: { unschedulable: true }, managedFields: cordonedBy('salvor'), annotations: { 'salvor.io/run': 'run/a-1' } }))).toEqual({
    kind: 'admit',
  });
  expect(otherOwner(node({ spec: { unschedulable: false }, managedFields: cordonedBy('upgrade-operator') }))).toEqual({ kind: 'admit' });
});

test('our mark on a node that somebody uncordoned does not hide who cordons it later', () => {
  const later = node({ spec: { unschedulable: true }, managedFields: cordonedBy('upgrade-operator'), annotations: { 'salvor.io/run': 'run/a-1' } });
  expect(otherOwner(later)).toMatchObject({ reason: 'Node/w1: upgrade-operator cordoned it' });
});

test("somebody else's GitOps suspension holds; our own does not", () => {
  const kustomization = (annotations: Record<string, string>): KubeObject =>
    KubeObject.parse({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'apps', namespace: 'flux-system', annotations },
      spec: { suspend: true },
    });
  expect(otherOwner(kustomization({}))).toMatchObject({ reason: 'Kustomization/flux-system/apps: somebody else suspended it' });
  expect(otherOwner(kustomization({ 'salvor.io/run': 'run/a-1' }))).toEqual({ kind: 'admit' });
});

test('a suspended CronJob is an ordinary setting', () => {
  const cronJob = KubeObject.parse({ apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'dump', namespace: 'shop' }, spec: { suspend: true } });
  expect(otherOwner(cronJob)).toEqual({ kind: 'admit' });
});

test('our own mark does not hide that an autoscaler removes the node', () => {
  expect(otherOwner(node({ annotations: { 'salvor.io/run': 'run/a-1' }, spec: { taints: [{ key: 'ToBeDeletedByClusterAutoscaler' }] } }))).toMatchObject({
    kind: 'hold',
  });
});

test('an object whose shape cannot be judged holds', () => {
  expect(otherOwner(node({ spec: { taints: 'many' } }))).toMatchObject({ kind: 'hold', reason: expect.stringContaining('cannot be judged') });
});

test('of several objects the first that has another owner is named', () => {
  expect(otherOwners([node(), node({ annotations: { 'weave.works/kured-reboot-in-progress': 'x' } })])).toMatchObject({ kind: 'hold' });
  expect(otherOwners([node()])).toEqual({ kind: 'admit' });
});
