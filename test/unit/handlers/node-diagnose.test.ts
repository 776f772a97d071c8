import { describe, expect, test } from 'vitest';
import { nodeDiagnose } from '../../../handlers/node-diagnose.ts';
import type { KubeObject } from '../../../src/model/object.ts';
import { diagnose } from './about.ts';
import { lease, node, OUR_MARKS, pod, timestamp } from './node-objects.ts';
import { plainCluster } from './plain-cluster.ts';
import { MINUTE, NOW } from './velero-objects.ts';

const w2 = node({ name: 'w2' });
const w3 = node({ name: 'w3' });
const LOST = node({ ready: 'Unknown', forMs: 10 * MINUTE, taints: ['node.kubernetes.io/unreachable'] });
const SICK = node({ ready: 'False', forMs: 10 * MINUTE, taints: ['node.kubernetes.io/not-ready'] });

const look = (objects: readonly KubeObject[], params: object = {}, forbidden: readonly string[] = []) =>
  diagnose(nodeDiagnose, { node: 'w1', ...params }, plainCluster({ objects, forbidden }).kube);
const finding = async (...args: Parameters<typeof look>) => (await look(...args)).finding;

describe('one node, and the others are well', () => {
  test('not ready with a kubelet that answers is to be cordoned and drained', async () => {
    const { finding: found, facts, evidence, measured } = await look([SICK, w2, w3, lease(5000)]);
    expect(found).toEqual({ kind: 'act', reason: 'w1 is not ready since 2026-11-21 09:50 UTC and its kubelet answers: ready is False' });
    expect(facts).toMatchObject({ node: 'w1', uid: 'uid-w1', ready: 'False', kubeletAnswers: true, cordoned: false, ours: false, sick: 0, nodes: 3 });
    expect(evidence[0]).toBe(found.reason);
    expect(measured).toEqual({ factTimeMs: NOW - 10 * MINUTE });
  });

  test('silent for long enough is cordoned only: what proves that the machine is off, and what is next, is said', async () => {
    const { finding: found, facts, evidence } = await look([LOST, w2, w3, lease(11 * MINUTE)]);
    expect(found).toEqual({ kind: 'act', reason: 'w1 is silent since 2026-11-21 09:50 UTC, and the other 2 nodes are well: dead or cut off' });
    expect(facts.kubeletAnswers).toBe(false);
    expect(evidence.join('\n')).toMatch(/proved where it stands.*\n.*salvor run node-out-of-service --param node=w1/);
  });

  test.each([
    [
      'silent, and it may be a reboot',
      [node({ ready: 'Unknown', forMs: 2 * MINUTE }), lease(3 * MINUTE)],
      'w1 is silent since 2026-11-21 09:58 UTC; until 2026-11-21 10:03 UTC it may be a reboot',
    ],
    [
      'just not ready, and it may be a restart',
      [node({ ready: 'False', forMs: 20_000 }), lease(5000)],
      'w1 is not ready since 2026-11-21 09:59 UTC; until 2026-11-21 10:00 UTC it may be a restart',
    ],
    ['counted as lost while its kubelet renews its lease again', [LOST, lease(4000)], 'w1 counts as lost, and its kubelet renews its lease: it is coming back'],
    [
      'not ready and falling silent',
      [SICK, lease(90_000)],
      'w1 is not ready, and its kubelet last renewed its lease at 2026-11-21 09:58 UTC: falling silent, or its clock is behind',
    ],
    ['ready again, for a moment', [node({ forMs: 20_000 }), lease(4000)], 'w1 is ready again since 2026-11-21 09:59 UTC; it counts when it stays so for 1m'],
    [
      'still counted as ready while its kubelet is silent',
      [node(), lease(75_000)],
      'w1 still counts as ready, and its kubelet last renewed its lease at 2026-11-21 09:58 UTC: silent, or its clock is behind',
    ],
    [
      'short of disk',
      [node({ conditions: ['DiskPressure'] }), lease(4000)],
      'w1 is ready and short of disk: no new pods come to it, and its kubelet evicts what it must by itself',
    ],
  ])('%s: it is looked at again', async (_, objects, reason) => {
    expect(await finding([...objects, w2, w3])).toMatchObject({ kind: 'wait', reason, lookAgainMs: 15_000 });
  });

  test('a lease that says to last a day is no sign of life for a day', async () => {
    const long = { ...lease(0), spec: { renewTime: timestamp(NOW - MINUTE), leaseDurationSeconds: 86_400 } };
    expect((await look([LOST, w2, w3, long])).facts.kubeletAnswers).toBe(false);
  });

  test('what stays the same is said with the same words, however often it is looked at', async () => {
    const at = async (laterMs: number) => (await diagnose(nodeDiagnose, { node: 'w1' }, plainCluster({ objects: [LOST, w2, w3] }).kube, NOW + laterMs)).finding;
    expect(await at(MINUTE)).toEqual(await at(0));
  });

  test('a person who only asks is answered at once, whatever it is', async () => {
    expect(await finding([SICK, node({ name: 'w2', ready: 'False' }), w3], { answer: 'report' })).toMatchObject({ kind: 'act' });
    expect(await finding([node(), w2, w3], { answer: 'report' })).toMatchObject({ kind: 'act', reason: 'w1 is ready since 2026-11-21 09:00 UTC' });
  });

  test('how long is long enough is up to the playbook', async () => {
    const quick = node({ ready: 'Unknown', forMs: 20_000 });
    expect(await finding([quick, w2, w3, lease(60_000)], { silentFor: '15s' })).toMatchObject({ kind: 'act' });
    const restarted = node({ ready: 'False', forMs: 20_000 });
    expect(await finding([restarted, w2, w3, lease(1000)], { notReadyFor: '15s' })).toMatchObject({ kind: 'act' });
  });

  test('a false alarm is over', async () => {
    expect(await finding([node(), w2, w3, lease(4000)])).toEqual({ kind: 'recovered', reason: 'w1 is ready since 2026-11-21 09:00 UTC' });
  });

  test('a node that comes and goes is handed over although it is ready now', async () => {
    const lost = { apiVersion: 'v1', kind: 'Event', reason: 'NodeNotReady', count: 4, lastTimestamp: timestamp(NOW - 20 * MINUTE) };
    const event = { ...lost, involvedObject: { kind: 'Node', name: 'w1' }, metadata: { name: 'w1.1', namespace: 'default' } };
    expect(await finding([node({ forMs: 15 * MINUTE }), w2, w3, event])).toMatchObject({
      kind: 'hand-over',
      reason: 'w1 is ready now, and was lost 4 times within the last hour',
    });
    const longAgo = { ...event, lastTimestamp: timestamp(NOW - 120 * MINUTE) };
    expect(await finding([node({ forMs: 15 * MINUTE }), w2, w3, longAgo])).toMatchObject({ kind: 'recovered' });
  });

  test('a node of the control plane is left to people, unless the operator lets Salvor', async () => {
    const master = node({ ready: 'False', forMs: 10 * MINUTE, labels: { 'node-role.kubernetes.io/control-plane': '' } });
    expect(await finding([master, w2, w3, lease(1000)])).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('of the control plane') });
    expect(await finding([master, w2, w3, lease(1000)], { controlPlane: true })).toMatchObject({ kind: 'act' });
  });

  test('a name that no node has is handed over with the nearest one', async () => {
    expect(await finding([w2, w3, node({ name: 'worker-10' })], { node: 'worker-01' })).toMatchObject({
      kind: 'hand-over',
      reason: 'there is no node worker-01. Did you mean worker-10?',
    });
  });

  test('a node that was taken out of the cluster while its pods are still listed is nothing to act on', async () => {
    expect(await finding([w2, w3, pod('shop/api-0')])).toMatchObject({ kind: 'recovered', reason: expect.stringContaining('taken out of the cluster') });
  });
});

describe('more than one machine: no node is touched', () => {
  const lost = (name: string, zone?: string) => node({ name, ready: 'Unknown', forMs: 10 * MINUTE, ...(zone && { zone }) });
  const well = (name: string, zone?: string) => node({ name, ...(zone && { zone }) });
  const many = Array.from({ length: 9 }, (_, index) => well(`x${index}`));

  test.each([
    ['three at once', [lost('w1'), lost('w2'), lost('w3'), ...many], '3 of 12 nodes are not ready: w1, w2, w3'],
    ['a whole zone', [lost('w1', 'a'), lost('w2', 'a'), well('w3', 'b'), ...many], 'all 2 nodes of zone a are not ready: w1, w2'],
    ['half of the nodes silent', [lost('w1'), lost('w2'), w3, node({ name: 'w4' })], '2 of 4 nodes do not report: that is the network or the control plane'],
    ['fewer than 51 % well', [SICK, node({ name: 'w2', ready: 'False' }), w3, node({ name: 'w4' })], '2 of 4 nodes are not ready: w1, w2'],
    ['the only node', [SICK], 'w1 is the only node: there is nowhere else to go'],
  ])('%s', async (_, objects, reason) => {
    expect(await finding(objects)).toMatchObject({
      kind: 'wait',
      reason: `${reason}. No node is touched: salvor run az-failure looks for what they have in common`,
    });
  });

  test('two of many are still two single troubles', async () => {
    expect(await finding([lost('w1'), lost('w2'), ...many])).toMatchObject({ kind: 'act' });
    expect(await finding([lost('w1'), lost('w2'), ...many], { atOnce: 1 })).toMatchObject({ kind: 'wait' });
  });
});

describe('somebody else is at work on it', () => {
  const custom = (apiVersion: string, kind: string, name: string, rest: object = {}, metadata: object = {}): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: 'ops', ...metadata },
    ...rest,
  });
  const health = 'remediation.medik8s.io/v1alpha1';
  const fencing = 'self-node-remediation.medik8s.io/v1alpha1';
  const machine = node({
    ready: 'False',
    forMs: 10 * MINUTE,
    annotations: { 'cluster.x-k8s.io/machine': 'm1', 'cluster.x-k8s.io/cluster-namespace': 'ops', 'machine.openshift.io/machine': 'ops/m2' },
  });
  const remediated = { status: { conditions: [{ type: 'OwnerRemediated', status: 'False' }] } };

  test.each([
    ['kured, by its annotation', node({ ready: 'False', annotations: { 'weave.works/kured-reboot-in-progress': 'x' } }), [], 'w1: kured is rebooting it'],
    [
      'kured, by its lock',
      SICK,
      [custom('apps/v1', 'DaemonSet', 'kured', {}, { annotations: { 'weave.works/kured-node-lock': '{"nodeID":"w1"}' } })],
      'w1: kured holds its lock for it, and is about to reboot it',
    ],
    ['the cluster autoscaler', node({ ready: 'False', taints: ['ToBeDeletedByClusterAutoscaler'] }), [], 'w1: cluster-autoscaler is removing it'],
    ['Karpenter', node({ ready: 'False', taints: ['karpenter.sh/disrupted'] }), [], 'w1: Karpenter is replacing it'],
    [
      'a node health check',
      SICK,
      [custom(health, 'NodeHealthCheck', 'workers', { status: { inFlightRemediations: { w1: '2026-11-21T09:59:00Z' } } })],
      'w1: the node health check workers is remediating it',
    ],
    [
      'self node remediation',
      SICK,
      [custom(fencing, 'SelfNodeRemediation', 'w1-x7', {}, { annotations: { 'remediation.medik8s.io/node-name': 'w1' } })],
      'w1: SelfNodeRemediation w1-x7 is remediating it',
    ],
    ['a machine health check', machine, [custom('cluster.x-k8s.io/v1beta1', 'Machine', 'm1', remediated)], 'w1: a machine health check is remediating it'],
    [
      'whoever deletes its machine',
      machine,
      [custom('machine.openshift.io/v1beta1', 'Machine', 'm2', {}, { deletionTimestamp: '2026-11-21T09:59:00Z' })],
      'w1: the machine is being deleted',
    ],
    [
      'the cloud, which maintains it',
      node({ ready: 'False', taints: ['aws-node-termination-handler/scheduled-maintenance'] }),
      [],
      'w1: the cloud maintains its machine (aws-node-termination-handler)',
    ],
    [
      'the cloud, which says so by a label',
      node({ ready: 'False', labels: { 'cloud.google.com/active-node-maintenance': 'ONGOING' } }),
      [],
      'w1: the cloud maintains its machine',
    ],
    [
      'the cloud, which announced an event',
      node({ ready: 'False', conditions: ['VMEventScheduled'] }),
      [],
      'w1: the cloud has announced an event for its machine: VMEventScheduled',
    ],
    [
      'an upgrade of the cluster',
      SICK,
      [custom('config.openshift.io/v1', 'ClusterVersion', 'version', { status: { conditions: [{ type: 'Progressing', status: 'True' }] } })],
      'w1: an upgrade of the cluster is under way',
    ],
    [
      'an upgrade of the nodes, by what comes and goes',
      node({ ready: 'False', forMs: 10 * MINUTE, kubelet: 'v1.36.4' }),
      [node({ name: 'w4', kubelet: 'v1.37.1', madeMs: NOW - 4 * MINUTE })],
      'w1: an upgrade of nodes seems to be under way: 1 with v1.36.4, 1 with v1.37.1; w4 joined within 1h',
    ],
    [
      'a person, who cordoned it',
      node({ ready: 'False', forMs: 10 * MINUTE, cordonedBy: 'kubectl-cordon' }),
      [],
      'w1: somebody cordoned it by kubectl-cordon on 2026-11-21 10:00 UTC, and is at work on it',
    ],
  ])('%s: it is waited for and named', async (_, found, objects, reason) => {
    const { finding: is, facts } = await look([found, w2, w3, lease(1000), ...objects]);
    expect(is).toMatchObject({ kind: 'wait', reason });
    expect(facts.otherOwner).toBe(reason.slice(4));
  });

  test.each([
    ['kured reboots another node', [custom('apps/v1', 'DaemonSet', 'kured', {}, { annotations: { 'weave.works/kured-node-lock': '{"nodeID":"w2"}' } })]],
    ['a health check remediates another node', [custom(health, 'NodeHealthCheck', 'workers', { status: { inFlightRemediations: { w2: 'x' } } })]],
    ['another node is being fenced', [custom(fencing, 'SelfNodeRemediation', 'w2')]],
    ['kubelets of two versions alone, for months', [node({ name: 'w4', kubelet: 'v1.37.1' }), node({ name: 'w5', kubelet: 'v1.36.4' })]],
  ])('%s: that is not about this one', async (_, objects) => {
    expect(await finding([SICK, w2, w3, lease(1000), ...objects])).toMatchObject({ kind: 'act' });
  });

  test('our own cordon is nobody else', async () => {
    const ours = node({ ready: 'False', forMs: 10 * MINUTE, cordonedBy: 'salvor', marks: OUR_MARKS });
    const { finding: is, facts } = await look([ours, w2, w3, lease(1000)]);
    expect(is.kind).toBe('act');
    expect(facts).toMatchObject({ cordoned: true, ours: true });
  });

  test('a person who uncordoned it after this run cordoned it has decided', async () => {
    const back = node({ ready: 'False', forMs: 10 * MINUTE, marks: OUR_MARKS });
    expect(await finding([back, w2, w3, lease(1000)])).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining('somebody uncordoned w1') });
    const ofAnother = node({ ready: 'False', forMs: 10 * MINUTE, marks: { ...OUR_MARKS, 'salvor.io/step-key': 'another'.padEnd(64, '0') } });
    expect(await finding([ofAnother, w2, w3, lease(1000)])).toMatchObject({ kind: 'act' });
  });

  test('what may not be seen is said, and does not fail the look', async () => {
    const { finding: is, evidence } = await look([SICK, w2, w3, lease(1000)], {}, ['NodeHealthCheck', 'Backup']);
    expect(is.kind).toBe('act');
    expect(evidence).toContain('whether a health check is at work on it is not known: NodeHealthCheck may not be read');
    expect(evidence).toContain('how old the backups are is not known: Backup may not be read');
  });
});

describe('the evidence', () => {
  const tolerates = (seconds?: number) => ({
    spec: { tolerations: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', ...(seconds && { tolerationSeconds: seconds }) }] },
  });

  test('says what the control plane does by itself, until when, and what stays for ever', async () => {
    const pods = [
      pod('shop/web-1', tolerates(900)),
      pod('shop/web-2', tolerates(900)),
      pod('shop/api-0', tolerates()),
      pod('shop/db-0', { deletedMs: MINUTE }),
      pod('kube-system/agent-x', { owner: 'DaemonSet' }),
    ];
    const { evidence } = await look([LOST, w2, w3, lease(11 * MINUTE), ...pods]);
    expect(evidence).toContain('on it: 4 pods that would have to move; 1 of DaemonSets');
    expect(evidence).toContain('the control plane evicts 2 pods by itself at 2026-11-21 10:05 UTC, without asking budgets');
    expect(evidence).toContain('by itself it never evicts shop/api-0: the taint is tolerated for ever');
    expect(evidence).toContain('shop/db-0 is Terminating, and stays so until the kubelet answers, the Node is deleted or is marked out of service');
  });

  test('of pods that all tolerate it for ever says only that', async () => {
    const { evidence } = await look([LOST, w2, w3, lease(11 * MINUTE), pod('shop/api-0', tolerates())]);
    expect(evidence.filter((line) => line.includes('by itself'))).toEqual(['by itself it never evicts shop/api-0: the taint is tolerated for ever']);
  });

  test('names what a move would meet: data on the node, pods that nothing makes again, tight budgets, volumes, old backups', async () => {
    const data = { spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'd' } }] } };
    const budget: KubeObject = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'db', namespace: 'shop', generation: 1 },
      spec: { selector: { matchLabels: { app: 'db' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, observedGeneration: 1 },
    };
    const attachment: KubeObject = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'a' },
      spec: { nodeName: 'w1', source: { persistentVolumeName: 'pv' } },
    };
    const objects = [pod('shop/db-0', data), pod('lab/job', { owner: 'none', spec: { volumes: [{ name: 'x', emptyDir: {} }] } }), budget, attachment];
    const { evidence } = await look([SICK, w2, w3, lease(1000), ...objects]);
    expect(evidence).toContain('on it: 2 pods that would have to move; 1 without a controller, 1 with data on the node; 1 volume attached');
    expect(evidence).toContain('a budget lets none of its pods go now: shop/db (needs 3 healthy, has 3)');
    expect(evidence).toContain('there is no good backup of shop, of which shop/db-0 keeps data in volumes');
    const backup = {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'daily-1', namespace: 'velero' },
      spec: { includedNamespaces: ['shop'] },
      status: { phase: 'Completed', startTimestamp: timestamp(NOW - 180 * MINUTE), completionTimestamp: timestamp(NOW - 175 * MINUTE) },
    };
    expect((await look([SICK, w2, w3, lease(1000), ...objects, backup])).evidence).toContain('the last good backup of shop is 2h 55m old: daily-1');
  });
});
