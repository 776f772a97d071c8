import { expect, test } from 'vitest';
import { at, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import { asJson, setting } from '../setting.ts';

function open(scenario: Scenario) {
  const set = setting(scenario);
  const pods = async (): Promise<readonly string[]> =>
    (await set.access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' }))
      .map(asJson)
      .map((pod) => `${textAt(pod, 'metadata', 'name').replace(/-[a-z0-9]{5}$/, '-x')} ${textAt(pod, 'spec', 'nodeName')} ${textAt(pod, 'status', 'phase')}`)
      .toSorted();
  return { ...set, pods };
}

const containers = [{ name: 'main', image: 'x' }];

test('a StatefulSet makes its pods one after the other, each when the one before serves; in parallel where it may', async () => {
  const set = (name: string, policy: string): NonNullable<Scenario['objects']>[number] => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: 'shop' },
    spec: { replicas: 2, podManagementPolicy: policy, template: { metadata: { annotations: { 'world.salvor.io/starts-ms': '20000' } }, spec: { containers } } },
  });
  const { clock, pods } = open({ nodes: [{ name: 'w1' }], objects: [set('db', 'OrderedReady'), set('fast', 'Parallel')] });
  await clock.pass(15_000);
  expect(await pods()).toEqual(['db-0 w1 Running', 'fast-0 w1 Running', 'fast-1 w1 Running']);
  await clock.pass(15_000);
  expect(await pods()).toContain('db-1 w1 Running');
});

test('a Job whose pod is evicted makes another one, and ends with that', async () => {
  const { clock, access, pods } = open({ nodes: [{ name: 'w1' }], namespaces: ['shop'], jobs: [{ name: 'copy', outcome: 'completed', takes: '10m' }] });
  const spec = { template: { spec: { containers, restartPolicy: 'Never' } } };
  await access.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'copy', namespace: 'shop' }, spec });
  await clock.pass(300_000);
  const pod = await access.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'copy-0' });
  await access.evict({ namespace: 'shop', name: 'copy-0', uid: pod.metadata.uid ?? '' });
  await clock.pass(400_000);
  expect(await pods()).toEqual(['copy-x w1 Running']);
  await clock.pass(300_000);
  expect(await pods()).toEqual(['copy-x w1 Succeeded']);
  expect(at(asJson(await access.get({ apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'copy' })), 'status')).toMatchObject({ succeeded: 1 });
});

test('a DaemonSet follows nodes: one that is new gets its pod, also while it is cordoned', async () => {
  const { sim, clock, pods } = open({ nodes: [{ name: 'w1' }], pods: [{ name: 'shop/agent-aaaaa', node: 'w1', owner: 'DaemonSet/agent' }] });
  sim.apply({ nodes: [{ name: 'w2', cordoned: true }] });
  await clock.pass(10_000);
  expect(await pods()).toEqual(['agent-x w1 Running', 'agent-x w2 Running']);
});
