import { describe, expect, test } from 'vitest';
import { at, listAt, textAt } from '../../../src/world/object.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { asJson, setting } from './setting.ts';

function withNodes(scenario: Scenario = {}) {
  const set = setting(scenario);
  const pods = async (): Promise<readonly string[]> =>
    (await set.access.list({ apiVersion: 'v1', kind: 'Pod' }))
      .map(asJson)
      .map((pod) => {
        const state = at(pod, 'metadata', 'deletionTimestamp') === undefined ? textAt(pod, 'status', 'phase') : 'Terminating';
        return `${textAt(pod, 'metadata', 'name').replace(/-[a-z0-9]{5}$/, '-x')} ${textAt(pod, 'spec', 'nodeName') || 'nowhere'} ${state}`;
      })
      .toSorted();
  const node = async (name: string) => asJson(await set.access.get({ apiVersion: 'v1', kind: 'Node', name }));
  const condition = async (name: string, type: string) => listAt(await node(name), 'status', 'conditions').find((one) => textAt(one, 'type') === type);
  return { ...set, pods, node, condition };
}

const PODS = [
  { name: 'shop/api-0', node: 'w1' },
  { name: 'shop/web-1f', node: 'w1', owner: 'Deployment/web' },
  { name: 'shop/stay-0', node: 'w1', tolerates: 'node.kubernetes.io/unreachable' },
];

describe('a lost node', () => {
  test('is Unknown with the taints and words of the real controller, and its pods do not serve', async () => {
    const { sim, node, condition, access } = withNodes({ pods: PODS });
    sim.apply({ nodes: [{ name: 'w1', ready: false }] });
    expect(await condition('w1', 'Ready')).toMatchObject({
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: '2026-11-21T12:00:00Z',
    });
    expect(await condition('w1', 'DiskPressure')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown' });
    expect(at(await node('w1'), 'spec', 'taints')).toEqual([
      { effect: 'NoSchedule', key: 'node.kubernetes.io/unreachable', timeAdded: '2026-11-21T12:00:00Z' },
      { effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', timeAdded: '2026-11-21T12:00:00Z' },
    ]);
    const pod = asJson(await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' }));
    expect(listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready')).toMatchObject({ status: 'False' });
    expect(textAt(pod, 'status', 'phase')).toBe('Running');
  });

  test('loses its pods after five minutes: they hang in Terminating, replacements run elsewhere, who tolerates stays', async () => {
    const { sim, pods, clock } = withNodes({ pods: PODS });
    sim.apply({ nodes: [{ name: 'w1', ready: false }] });
    await clock.pass(290_000);
    expect(await pods()).toEqual(['api-0 w1 Running', 'stay-0 w1 Running', 'web-1f w1 Running']);
    await clock.pass(600_000);
    expect(await pods()).toEqual(['api-0 w1 Terminating', 'stay-0 w1 Running', 'web-1f w1 Terminating', expect.stringMatching(/^web-\w+-x w[23] Running$/)]);
    sim.apply({ nodes: [{ name: 'w1', ready: true }] });
    await clock.pass(10_000);
    expect(await pods()).toEqual([expect.stringMatching(/^api-0 w\d Running$/), 'stay-0 w1 Running', expect.stringMatching(/^web-\w+-x w[23] Running$/)]);
  });

  test('whose kubelet answers is False, not Unknown, and still gives logs; a silent one does not', async () => {
    const { sim, condition, access, node } = withNodes({ pods: [{ name: 'shop/api-0', node: 'w1', log: ['one', 'two', 'three'] }] });
    const logs = () => access.logs({ namespace: 'shop', pod: 'api-0', tailLines: 2 });
    sim.apply({ nodes: [{ name: 'w1', ready: false, kubelet: 'answers' }] });
    expect(await condition('w1', 'Ready')).toMatchObject({ status: 'False', reason: 'KubeletNotReady' });
    expect(textAt(listAt(await node('w1'), 'spec', 'taints')[0], 'key')).toBe('node.kubernetes.io/not-ready');
    expect(await logs()).toBe('two\nthree\n');
    sim.apply({ nodes: [{ name: 'w1', kubelet: 'silent', ready: false }] });
    await expect(logs()).rejects.toMatchObject({ code: 'kube.unavailable' });
  });

  test('keeps its lease old, while the lease of a live one is renewed without a write', async () => {
    const { sim, clock, access } = withNodes();
    const renewed = async (name: string): Promise<string> =>
      textAt(asJson(await access.get({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name })), 'spec', 'renewTime');
    sim.apply({ nodes: [{ name: 'w1', ready: false }] });
    const version = sim.objects.version();
    await clock.pass(3605);
    await clock.pass(596_400);
    // It was found out now, after the grace period.
    expect([await renewed('w1'), await renewed('w2')]).toEqual(['2026-11-21T11:59:10.000000Z', '2026-11-21T12:10:00.000000Z']);
    const others = sim.objects.since(version).filter(({ kind }) => kind.kind === 'Lease');
    expect(others).toEqual([]);
  });

  test('is not emptied when no node at all is well', async () => {
    const { sim, pods, clock } = withNodes({ nodes: [{ name: 'w1' }, { name: 'w2' }], pods: [{ name: 'shop/api-0', node: 'w1' }] });
    sim.apply({
      nodes: [
        { name: 'w1', ready: false },
        { name: 'w2', ready: false },
      ],
    });
    await clock.pass(900_000);
    expect(await pods()).toEqual(['api-0 w1 Running']);
  });

  test('marked out of service gives its pods up after eleven seconds', async () => {
    const { sim, pods, clock } = withNodes({ pods: [{ name: 'shop/api-0', node: 'w1' }] });
    sim.apply({ nodes: [{ name: 'w1', ready: false }] });
    await clock.pass(310_000);
    expect(await pods()).toEqual(['api-0 w1 Terminating']);
    sim.apply({ nodes: [{ name: 'w1', outOfService: true }] });
    await clock.pass(15_000);
    expect(await pods()).toEqual([expect.stringMatching(/^api-0 w[23] Running$/)]);
  });
});

describe('a pod', () => {
  test('that is evicted stops, and its owner makes another one away from a cordoned node', async () => {
    const { sim, pods, clock, access } = withNodes({ nodes: [{ name: 'w1', cordoned: true }, { name: 'w2' }], pods: PODS.slice(0, 2) });
    for (const name of ['api-0', 'web-1f']) {
      const pod = await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name });
      expect(await access.evict({ namespace: 'shop', name, uid: pod.metadata.uid ?? '' })).toBe('evicted');
    }
    expect(await pods()).toEqual(['api-0 w1 Terminating', 'web-1f w1 Terminating']);
    await clock.pass(6000);
    expect(await pods()).toEqual(['api-0 w2 Running', expect.stringMatching(/^web-\w+-x w2 Running$/)]);
    expect(sim.writes()).toEqual(['evict Pod/shop/api-0', 'evict Pod/shop/web-1f']);
    const set = asJson(await access.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }));
    expect(set['status']).toMatchObject({ replicas: 1, readyReplicas: 1 });
  });

  test('that does not stop goes when its grace is over; one without an owner does not come back', async () => {
    const { pods, clock, access } = withNodes({ pods: [{ name: 'shop/lone', node: 'w1', owner: 'none', stops: 'never', grace: '20s' }] });
    const pod = await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'lone' });
    await access.evict({ namespace: 'shop', name: 'lone', uid: pod.metadata.uid ?? '' });
    await clock.pass(19_000);
    expect(await pods()).toEqual(['lone w1 Terminating']);
    await clock.pass(2000);
    expect(await pods()).toEqual([]);
  });

  test('waits while no node takes it, and starts when one does', async () => {
    const { sim, pods, clock } = withNodes({
      nodes: [{ name: 'w1', cordoned: true }],
      objects: [
        {
          apiVersion: 'apps/v1',
          kind: 'StatefulSet',
          metadata: { name: 'db', namespace: 'shop' },
          spec: { replicas: 1, template: { spec: { containers: [{ name: 'db', image: 'db' }] } } },
        },
      ],
    });
    await clock.pass(10_000);
    expect(await pods()).toEqual(['db-0 nowhere Pending']);
    sim.apply({ nodes: [{ name: 'w1', cordoned: false }] });
    await clock.pass(10_000);
    expect(await pods()).toEqual(['db-0 w1 Running']);
  });

  test('that cannot run says why, and stays so when its node comes back', async () => {
    const { sim, clock, access } = withNodes({ pods: [{ name: 'shop/api-0', node: 'w1', waiting: 'CrashLoopBackOff', restarts: 7 }] });
    sim.apply({ nodes: [{ name: 'w1', ready: false }] });
    sim.apply({ nodes: [{ name: 'w1', ready: true }] });
    await clock.pass(10_000);
    const pod = asJson(await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' }));
    expect(listAt(pod, 'status', 'containerStatuses')[0]).toMatchObject({ ready: false, restartCount: 7, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    expect(listAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready')).toMatchObject({ status: 'False' });
  });
});

describe('a Kubernetes Job', () => {
  test.each<readonly [NonNullable<Scenario['jobs']>, object]>([
    [[], { succeeded: 1 }],
    [[{ name: 'check', outcome: 'failed', log: ['no table orders'] }], { failed: 1 }],
  ])('ends as the scenario says: %j', async (jobs, status) => {
    const { clock, access } = withNodes({ namespaces: ['app'], jobs });
    await access.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { namespace: 'app', name: 'check-1' },
      spec: { template: { spec: { containers: [{ name: 'main', image: 'x' }], restartPolicy: 'Never' } } },
    });
    await clock.pass(5000);
    expect(asJson(await access.get({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'app', name: 'check-1' }))['status']).toMatchObject(status);
    expect(await access.logs({ namespace: 'app', pod: 'check-1-0', tailLines: 10 })).toBe(jobs.length === 0 ? '' : 'no table orders\n');
  });
});

test('what a gone object owned goes, too', async () => {
  const { access, pods, clock } = withNodes({ pods: PODS.slice(0, 2) });
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  await access.delete(ref, { uid: (await access.get(ref)).metadata.uid ?? '' });
  await clock.pass(10_000);
  expect(await pods()).toEqual(['api-0 w1 Running']);
  expect(await access.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })).toEqual([]);
});
