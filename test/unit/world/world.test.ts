import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { kubeconfig } from '../../../src/world/kubeconfig.ts';
import { readScenario } from '../../../src/world/scenario.ts';
import { simulatedWorld, worldFrom } from '../../../src/world/world.ts';

const options = (seed = 'w') => ({ clock: virtualClock(), ids: seededIds(seed) });

describe('a simulated world', () => {
  test('is read from what a playbook says under world:', async () => {
    const text =
      '{ nodes: [{ name: w1, ready: false, kubelet: answers }, { name: w2 }, { name: w3 }], pods: [{ name: shop/api-0, node: w1, tolerates: node.kubernetes.io/unreachable }] }';
    const world = worldFrom(parse(text), options());
    const port = world.clusters.get('prod');
    expect([world.names(), world.clusters.names()]).toEqual([['prod'], ['prod']]);
    expect((await port?.access.list({ apiVersion: 'v1', kind: 'Node' }))?.map(({ metadata }) => metadata.name)).toEqual(['w1', 'w2', 'w3']);
    expect(await port?.access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'api-0' })).toMatchObject({
      spec: {
        nodeName: 'w1',
        tolerations: expect.arrayContaining([expect.objectContaining({ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', operator: 'Exists' })]),
      },
    });
  });

  test('has clusters with uids of their own, and one can appear and go', async () => {
    const world = simulatedWorld({ ...options(), clusters: [{ name: 'prod' }, { name: 'standby', scenario: { namespaces: ['app'] } }] });
    const uids = await Promise.all(world.clusters.names().map(async (name) => world.clusters.get(name)?.uid()));
    expect(new Set(uids).size).toBe(2);
    world.apply({ clusters: { rebuilt: { nodes: [{ name: 'n1' }] } } });
    expect(world.clusters.names()).toEqual(['prod', 'standby', 'rebuilt']);
    world.remove('prod');
    expect(world.clusters.get('prod')).toBeUndefined();
  });

  test('changes by what a script says, and tells the writes of several clusters apart', async () => {
    const world = simulatedWorld({ ...options(), clusters: [{ name: 'prod' }, { name: 'standby' }] });
    world.apply({ nodes: [{ name: 'w1', ready: false }], clusters: { standby: { namespaces: ['app'] } }, chat: 'down' });
    expect(await world.clusters.get('standby')?.access.find({ apiVersion: 'v1', kind: 'Namespace', name: 'app' })).toBeDefined();
    expect(await world.clusters.get('prod')?.access.find({ apiVersion: 'v1', kind: 'Namespace', name: 'app' })).toBeUndefined();
    await expect(world.chat.deliver({ key: 'a', thread: 't', kind: 'card', title: '', lines: [] })).rejects.toMatchObject({ code: 'chat.unavailable' });
    await world.clusters.get('standby')?.access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'app' } });
    expect(world.writes()).toEqual(['standby: create ConfigMap/app/a']);
  });

  test('is the same for the same seed', async () => {
    const play = async (seed: string): Promise<unknown> => {
      const world = worldFrom({ schedules: [{ name: 'hourly', cron: '0 * * * *' }], pods: [{ name: 'shop/web-a1', node: 'w1' }] }, options(seed));
      const { clock } = world.cluster();
      if ('pass' in clock && typeof clock.pass === 'function') await clock.pass(2 * 3_600_000);
      return [...world.cluster().snapshot()];
    };
    expect(await play('a')).toEqual(await play('a'));
    expect(await play('a')).not.toEqual(await play('b'));
  });

  test('refuses what it does not understand, and names it', () => {
    expect(() => worldFrom({ node: [] }, options())).toThrow(/node/);
    expect(() => worldFrom({ backups: [{ name: 'a', phase: 'Fine' }] }, options())).toThrow(/backups\.0\.phase/);
    expect(() => readScenario({ pods: [{ name: 'no-namespace' }] })).toThrow(/pods\.0\.name: expected namespace\/name/);
    expect(() => worldFrom({}, options()).cluster('nope')).toThrow(/no cluster nope/);
  });
});

test('a scenario can put any object, take any away and forget its history', async () => {
  const world = worldFrom(
    { objects: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { type: 'ClusterIP' } }] },
    options(),
  );
  const { access } = world.clusters.get('prod') ?? {};
  const find = async () => access?.find({ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' });
  world.apply({
    objects: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', labels: { a: 'b' } }, spec: { clusterIP: 'None' } }],
  });
  expect(await find()).toMatchObject({ metadata: { labels: { a: 'b' } }, spec: { type: 'ClusterIP', clusterIP: 'None' } });
  world.apply({ remove: ['Service/shop/web'], compact: true });
  expect(await find()).toBeUndefined();
  expect(world.cluster().objects.since(0)).toEqual([]);
  expect(world.writes()).toEqual([]);
  expect(() => world.apply({ objects: [{ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x' } }] })).toThrow(/no kind v1 Thing/);
  expect(() => world.apply({ remove: ['nothing'] })).toThrow(/names no object/);
});

describe('a custom kind', () => {
  const check = { apiVersion: 'remediation.medik8s.io/v1alpha1', kind: 'NodeHealthCheck', metadata: { name: 'workers' }, spec: { minHealthy: '51%' } };
  const machine = {
    apiVersion: 'cluster.x-k8s.io/v1beta1',
    kind: 'Machine',
    metadata: { name: 'm-1', namespace: 'capi' },
    status: { nodeRef: { name: 'w1' } },
  };

  test('is served by the cluster whose scenario has an object of it, in a namespace if that object is in one, and by no other', async () => {
    const world = worldFrom({ objects: [check, machine], clusters: { standby: {} } }, options());
    const [prod, standby] = ['prod', 'standby'].map((name) => world.clusters.get(name));
    const ref = { apiVersion: check.apiVersion, kind: check.kind, name: 'workers' };
    expect(await prod?.access.get(ref)).toMatchObject(check);
    expect(await prod?.access.list({ apiVersion: machine.apiVersion, kind: machine.kind, namespace: 'capi' })).toMatchObject([{ status: machine.status }]);
    expect(
      await prod?.access.get({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: 'machines.cluster.x-k8s.io' }),
    ).toBeDefined();
    expect(await standby?.access.find(ref)).toBeUndefined();
    expect([await prod?.serves(check.apiVersion, check.kind), await standby?.serves(check.apiVersion, check.kind)]).toEqual([true, false]);
    await expect(standby?.access.list(ref)).rejects.toMatchObject({ code: 'kube.not-found', details: { unknownPath: true } });
  });

  test('can be served while there is none of it', async () => {
    const world = worldFrom({ kinds: [{ apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion', cluster: true }] }, options());
    const { access } = world.clusters.get('prod') ?? {};
    expect(await access?.list({ apiVersion: 'config.openshift.io/v1', kind: 'ClusterVersion' })).toEqual([]);
  });
});

test('claims come with their volume and its attachment, probes answer as they are told', async () => {
  const world = worldFrom({ claims: [{ name: 'shop/data-api-0', attachedTo: 'w1' }], probes: [{ name: 'shop', ok: false, text: '503' }] }, options());
  const { access } = world.clusters.get('prod') ?? {};
  expect(await access?.list({ apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment' })).toMatchObject([
    { spec: { nodeName: 'w1', source: { persistentVolumeName: 'pvc-shop-data-api-0' } }, status: { attached: true } },
  ]);
  expect(await access?.get({ apiVersion: 'v1', kind: 'PersistentVolume', name: 'pvc-shop-data-api-0' })).toMatchObject({
    spec: { claimRef: { namespace: 'shop', name: 'data-api-0' } },
    status: { phase: 'Bound' },
  });
  expect(await access?.probe('shop')).toEqual({ ok: false, reason: '503' });
  await expect(access?.probe('other')).rejects.toMatchObject({ code: 'probe.unavailable' });
});

test('a kubeconfig names the cluster and skips the check of TLS', () => {
  const read: unknown = parse(kubeconfig({ url: 'http://127.0.0.1:1', cluster: 'prod' }));
  expect(read).toMatchObject({
    'current-context': 'prod',
    clusters: [{ name: 'prod', cluster: { server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true } }],
    users: [{ user: { token: 'world' } }],
  });
});
