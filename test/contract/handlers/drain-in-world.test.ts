import { describe, expect, test } from 'vitest';
import { nodeDrain } from '../../../handlers/node-drain.ts';
import { SalvorError } from '../../../src/model/error.ts';
import type { Writer } from '../../../src/port/kube.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { begin, more, untilOver, WEB } from './drain-stage.ts';

const faulty = (kube: Writer, pod: string, fault: SalvorError): Writer => ({
  ...kube,
  evict: (one) => (one.name === pod ? Promise.reject(fault) : kube.evict(one)),
});

describe('the plan', () => {
  test('names each pod once with what it costs, and says what a person has to know', async () => {
    const { approved, planned } = await begin({
      pods: [...WEB, { name: 'shop/db-0', node: 'w1', volumes: ['data'] }, { name: 'kube-system/proxy-1', node: 'w1', owner: 'DaemonSet/proxy' }],
      claims: [{ name: 'shop/data', access: 'ReadWriteOnce' }],
      budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }],
    });
    expect(approved.map(({ object, risk, note }) => [object, risk, note])).toEqual([
      ['Pod/shop/db-0', 'reversible', expect.stringContaining('the only replica of StatefulSet db: it is down until it runs elsewhere')],
      ['Pod/shop/web-1', 'reversible', undefined],
      ['Pod/shop/web-2', 'reversible', undefined],
    ]);
    expect(approved[0]?.note).toContain('its volume data has to be detached here');
    expect(planned.facts).toEqual({ node: expect.any(String) });
    expect(planned.notes).toEqual(
      expect.arrayContaining([
        'Budget shop/web (needs 2 healthy, has 2) lets nobody go until somebody changes it or more pods run: shop/web-1, shop/web-2',
        'Of 2 pods with a budget, asked one by one in a dry run, 0 may go now; together it may be fewer at once',
        '1 pod of DaemonSets and of the kubelet itself stays',
      ]),
    );
  });

  test('is the same after a budget counted anew: only the pods and their node make it void', async () => {
    const { stage, approved, plan } = await begin({ budgets: [{ name: 'shop/web', match: { app: 'web' }, maxUnavailable: 1 }] });
    stage.cluster.apply({ budgets: [{ name: 'shop/web', match: { app: 'web' }, maxUnavailable: 0 }] });
    expect((await plan()).changes).toEqual(approved);
  });

  test.each<readonly [string, Scenario, string]>([
    [
      'an emptyDir',
      { pods: [{ name: 'shop/c-1', node: 'w1', owner: 'Deployment/c', emptyDir: true }] },
      'shop/c-1: what is in its emptyDir scratch would be lost (emptyDir: delete allows it)',
    ],
    [
      'no controller',
      { pods: [{ name: 'shop/bare', node: 'w1', owner: 'none' }] },
      'shop/bare: it has no controller, so nothing makes it again (force: true allows it)',
    ],
    ['a silent kubelet', { nodes: [{ name: 'w1', ready: false, since: '10m' }, { name: 'w2' }, { name: 'w3' }] }, 'the kubelet of w1 has not answered for 10m'],
    ['the control plane', { nodes: [{ name: 'w1', labels: { 'node-role.kubernetes.io/control-plane': '' } }, { name: 'w2' }] }, 'controlPlane: true allows it'],
  ])('is refused because of %s, and says what would allow it', async (_, scenario, words) => {
    await expect(begin(scenario)).rejects.toMatchObject({ code: 'request.invalid', retry: 'never', message: expect.stringContaining(words) });
  });

  test('says what the control plane takes by itself, and when', async () => {
    const tolerations = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }];
    const spec = { nodeName: 'w1', containers: [{ name: 'c', image: 'c' }], tolerations };
    const { planned } = await begin(
      {
        nodes: [{ name: 'w1', ready: false, kubelet: 'answers', cordoned: true }, { name: 'w2' }, { name: 'w3' }],
        pods: [],
        objects: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'shop' }, spec }],
      },
      { force: true },
    );
    expect(planned.notes).toContainEqual(
      expect.stringMatching(/^The control plane itself deletes 1 pod by 2026-11-21 \d\d:\d\d UTC \(taint node.kubernetes.io\/not-ready\), and asks no budget$/),
    );
  });
});

describe('a drain', () => {
  test('is over when the pods are gone, not when they were asked to go', async () => {
    const begun = await begin({ pods: [{ name: 'shop/web-1', node: 'w1', owner: 'Deployment/web', stops: '20s' }] });
    const first = await more(begun.round());
    expect(first.progress).toBe('0 of 1 gone, 1 pod stopping');
    expect(first.more).toBeLessThanOrEqual(1000);
    await begun.stage.clock.pass(15_000);
    const later = await more(begun.round());
    expect(later.more).toBeGreaterThan(1500);
    const { gone, workloads } = await untilOver(begun);
    expect({ gone, workloads }).toMatchObject({ gone: 1, workloads: [{ kind: 'ReplicaSet', namespace: 'shop', pods: 1 }] });
    expect(begun.stage.cluster.writes()).toEqual(['evict Pod/shop/web-1']);
  });

  test('asks a budget that says no again after five seconds, one pod in the name of all', async () => {
    const { round } = await begin({ budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }] });
    expect(await more(round())).toEqual({ more: 5000, progress: '0 of 2 gone, 2 wait for budget shop/web (needs 2 healthy, has 2): shop/web-1, shop/web-2' });
  });

  test('waits as long as the server asks where nobody has counted the budget yet', async () => {
    const { round } = await begin({ budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 1, observed: false }] });
    expect(await more(round())).toEqual({ more: 10_000, progress: expect.stringContaining('2 wait for budget shop/web (not counted yet)') });
  });

  test('gives every pod the time that was asked for', async () => {
    const { stage, round } = await begin(
      { pods: [{ name: 'shop/web-1', node: 'w1', owner: 'Deployment/web', stops: 'never', grace: '10m' }] },
      { gracePeriod: '20s' },
    );
    await more(round());
    const pod = stage.cluster.snapshot().get('Pod/shop/web-1');
    expect(pod?.metadata).toMatchObject({ deletionGracePeriodSeconds: 20 });
  });

  test('says which pod does not stop, and what keeps it', async () => {
    const metadata = { name: 'web-1', namespace: 'shop', finalizers: ['example.com/hold'] };
    const { stage, round } = await begin({ objects: [{ apiVersion: 'v1', kind: 'Pod', metadata }] });
    await more(round());
    await stage.clock.pass(120_000);
    expect((await more(round())).progress).toMatch(/^1 of 2 gone, shop\/web-1 does not stop \(1m \d+s over its time, kept by example.com\/hold\)$/);
  });

  test('never asks twice for a pod that two budgets choose: the others go, and it fails with both names', async () => {
    const begun = await begin({
      budgets: ['first', 'second'].map((name) => ({ name: `shop/${name}`, match: { only: 'one' }, maxUnavailable: 1 })),
      pods: [WEB[0] ?? { name: '' }, { name: 'shop/db-0', node: 'w1', labels: { only: 'one' } }],
    });
    await expect(untilOver(begun)).rejects.toMatchObject({
      code: 'action.failed',
      retry: 'never',
      message:
        '1 of 2 gone, shop/db-0 cannot be evicted: the budgets shop/first and shop/second both choose it, and the API server allows one; change one of them',
    });
    expect(begun.stage.cluster.writes()).toEqual(['evict Pod/shop/web-1']);
  });

  test('ends the same way where the server says so itself', async () => {
    const { stage, round } = await begin();
    const twice = new SalvorError('kube.invalid', 'prod: This pod has more than one PodDisruptionBudget', { details: { budget: true } });
    const kube = faulty(stage.kube, 'web-1', twice);
    await more(round(kube));
    await stage.clock.pass(10_000);
    await expect(round(kube)).rejects.toMatchObject({
      code: 'action.failed',
      message: '1 of 2 gone, shop/web-1: prod: This pod has more than one PodDisruptionBudget',
    });
  });

  test('leaves a pod to its namespace that is being deleted, and goes on with the others', async () => {
    const { stage, round } = await begin();
    const going = new SalvorError('kube.conflict', 'prod: namespace shop is being terminated', { retry: 'later' });
    expect((await more(round(faulty(stage.kube, 'web-1', going)))).progress).toContain('1 waits for prod: namespace shop is being terminated: shop/web-1');
    expect(stage.cluster.writes()).toEqual(['evict Pod/shop/web-2']);
  });

  test('lets the engine deal with a server that is busy', async () => {
    const { stage, round } = await begin();
    const busy = new SalvorError('kube.too-many-requests', 'prod: Too many requests', { retry: 'later', retryAfterMs: 1000 });
    await expect(round(faulty(stage.kube, 'web-1', busy))).rejects.toBe(busy);
  });

  test('touches no pod that came later, nor another one of the same name, and then is not what was approved', async () => {
    const begun = await begin({ pods: [{ name: 'shop/db-0', node: 'w1' }, ...WEB] });
    begun.stage.cluster.apply({ pods: [{ name: 'shop/db-0', gone: true }] });
    begun.stage.cluster.apply({
      pods: [
        { name: 'shop/db-0', node: 'w1' },
        { name: 'shop/late-1', node: 'w1', owner: 'Deployment/late' },
      ],
    });
    await expect(untilOver(begun)).rejects.toMatchObject({ code: 'run.not-planned', message: expect.stringContaining('shop/db-0, shop/late-1 came to w1') });
    expect(begun.stage.cluster.writes()).toEqual(['evict Pod/shop/web-1', 'evict Pod/shop/web-2']);
  });

  test('takes nothing more where somebody uncordoned the node', async () => {
    const { stage, round } = await begin();
    stage.cluster.apply({ nodes: [{ name: 'w1', cordoned: false }] });
    await expect(round()).rejects.toMatchObject({ code: 'action.failed', message: expect.stringContaining('somebody uncordoned it') });
    expect(stage.cluster.writes()).toEqual([]);
  });

  test.each<readonly [string, NonNullable<Scenario['nodes']>, string]>([
    ['another node falls out', [{ name: 'w2', ready: false, kubelet: 'answers' }], 'w2 (not ready): at most 1 may be out at once, with this one'],
    ['another node is cordoned', [{ name: 'w3', cordoned: true }], 'w3 (cordoned): at most 1 may be out at once, with this one'],
    [
      'half of the nodes are silent',
      [
        { name: 'w2', ready: false },
        { name: 'w3', ready: false },
      ],
      '2 of 3 nodes do not report',
    ],
    ['its kubelet falls silent', [{ name: 'w1', ready: false }], 'the kubelet of w1 has not answered'],
  ])('writes nothing while %s, and goes on afterwards', async (_, nodes, words) => {
    const begun = await begin();
    begun.stage.cluster.apply({ nodes });
    const held = await more(begun.round());
    expect(held.progress).toContain(words);
    expect(held.progress).toContain('(0 of 2 gone, 2 stay for now: shop/web-1, shop/web-2)');
    expect(begun.stage.cluster.writes()).toEqual([]);
    begun.stage.cluster.apply({ nodes: ['w1', 'w2', 'w3'].map((name) => ({ name, ready: true, cordoned: name === 'w1' })) });
    await begun.stage.clock.pass(5000);
    expect(await untilOver(begun)).toMatchObject({ gone: 2 });
  });

  test('writes nothing while somebody else is at work on the node', async () => {
    const begun = await begin();
    const taint = { key: 'ToBeDeletedByClusterAutoscaler', value: '1', effect: 'NoSchedule' };
    const node = (taints: readonly object[]): Scenario => ({ objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'w1' }, spec: { taints } }] });
    begun.stage.cluster.apply(node([taint]));
    expect((await more(begun.round())).progress).toContain('somebody else is at work on w1: cluster-autoscaler is removing it');
    expect(begun.stage.cluster.writes()).toEqual([]);
    begun.stage.cluster.apply(node([]));
    expect(await untilOver(begun)).toMatchObject({ gone: 2 });
  });

  test('waits for room where it is sure that there is none, unless that is accepted', async () => {
    const nodes = [{ name: 'w1', cordoned: true }, { name: 'w2' }, { name: 'w3' }];
    const placement = { nodeSelector: { disk: 'ssd' } };
    const spec = { nodeName: 'w1', containers: [{ name: 'c', image: 'c' }], ...placement };
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', uid: 'x', controller: true }];
    const objects = [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x-1', namespace: 'shop', ownerReferences }, spec, status: { phase: 'Running' } }];
    const waiting = await begin({ nodes, pods: [], objects });
    expect(waiting.planned.notes).toContainEqual(
      expect.stringContaining('It waits for room: shop/x-1: no other node takes it (2 nodes: its node selector or affinity)'),
    );
    expect((await more(waiting.round())).progress).toContain('there is no room elsewhere: shop/x-1');
    expect(waiting.stage.cluster.writes()).toEqual([]);
    const accepted = await begin({ nodes, pods: [], objects }, { pending: 'accept' });
    await more(accepted.round());
    expect(accepted.stage.cluster.writes()).toEqual(['evict Pod/shop/x-1']);
  });

  test('ends where the node is Ready again and only the sick one was to be emptied: what is left need not move', async () => {
    const nodes: Scenario['nodes'] = [{ name: 'w1', ready: false, kubelet: 'answers', cordoned: true }, { name: 'w2' }, { name: 'w3' }];
    const begun = await begin({ nodes, budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 2 }] }, { untilReady: true });
    await more(begun.round());
    begun.stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
    const result = await untilOver(begun);
    expect(result).toMatchObject({ returned: true, gone: 0, workloads: [] });
    expect(await begun.stage.wait(nodeDrain.verify({ ...begun.stage.about(), params: begun.params, kube: begun.stage.kube, result }))).toEqual({
      ok: true,
      evidence: ['w1 is Ready again: 2 pods need not move, 0 had moved'],
    });
  });
});
