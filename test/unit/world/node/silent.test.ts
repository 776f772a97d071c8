import { describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../../../src/world/object.ts';
import type { Scenario } from '../../../../src/world/scenario.ts';
import { processorTime } from '../../../processor-time.ts';
import { asJson, setting } from '../setting.ts';

function open(scenario: Scenario) {
  const set = setting(scenario);
  const node = async (name: string): Promise<string> => {
    const found = asJson(await set.access.get({ apiVersion: 'v1', kind: 'Node', name }));
    const ready = listAt(found, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
    const taints = listAt(found, 'spec', 'taints').map((taint) => `${textAt(taint, 'key').replace('node.kubernetes.io/', '')}:${textAt(taint, 'effect')}`);
    return [textAt(ready, 'status'), ...taints.toSorted()].join(' ');
  };
  return { ...set, node };
}

const names = (count: number): NonNullable<Scenario['nodes']> =>
  Array.from({ length: count }, (_, index) => ({ name: `n${index}`, zone: index % 2 === 0 ? 'a' : 'b' }));
const LOST = 'Unknown unreachable:NoExecute unreachable:NoSchedule';
const KEPT = 'Unknown unreachable:NoSchedule';

describe('a kubelet that falls silent', () => {
  test('is found out after the grace period, fifty seconds or what the scenario says', async () => {
    const found = async (scenario: Scenario): Promise<number> => {
      const { sim, clock, node } = open({ nodes: [{ name: 'w1' }, { name: 'w2' }], ...scenario });
      sim.apply({ nodes: [{ name: 'w1', kubelet: 'silent' }] });
      for (let passedS = 0; ; passedS += 1) {
        if ((await node('w1')) !== 'True') return passedS;
        await clock.pass(1000);
      }
    };
    expect(await found({})).toBeGreaterThanOrEqual(50);
    expect(await found({})).toBeLessThanOrEqual(55);
    expect(await found({ times: { nodeGrace: '40s' } })).toBeLessThanOrEqual(44);
  });

  test('and answers before that is not noticed by anybody', async () => {
    const { sim, clock, node } = open({ nodes: [{ name: 'w1' }, { name: 'w2' }] });
    sim.apply({ nodes: [{ name: 'w1', kubelet: 'silent' }] });
    await clock.pass(45_000);
    const version = sim.objects.version();
    sim.apply({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
    await clock.pass(120_000);
    expect(await node('w1')).toBe('True');
    expect(sim.objects.since(version).filter(({ kind }) => ['Node', 'Pod', 'Event'].includes(kind.kind))).toEqual([]);
  });

  test('and answers again is well two or three seconds later, and its node loses its taints', async () => {
    const { sim, clock, node } = open({ nodes: [{ name: 'w1', ready: false, since: '10m' }, { name: 'w2' }] });
    sim.apply({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
    await clock.pass(2_000);
    expect(await node('w1')).toBe(LOST);
    await clock.pass(1_500);
    expect(await node('w1')).toBe('True');
  });
});

describe('when more than one node is lost', () => {
  test('one in ten seconds is emptied in each zone', async () => {
    const { sim, clock, node } = open({ nodes: names(12) });
    sim.apply({ nodes: ['n0', 'n1', 'n2', 'n3'].map((name) => ({ name, kubelet: 'silent' })) });
    await clock.pass(56_000);
    const states = async () => Promise.all(['n0', 'n1', 'n2', 'n3'].map(node));
    expect(await states()).toEqual([LOST, LOST, KEPT, KEPT]);
    await clock.pass(10_000);
    expect(await states()).toEqual([LOST, LOST, LOST, LOST]);
  });

  test.each([
    ['a small zone that lost most of its nodes is not emptied', 10, 0],
    ['a zone without a node that is well is emptied as always, while others are well', 6, 3],
  ])('%s', async (_, count, emptied) => {
    const { sim, clock, node } = open({ nodes: names(count) });
    const lost = ['n0', 'n2', 'n4'];
    sim.apply({ nodes: lost.map((name) => ({ name, kubelet: 'silent' })) });
    await clock.pass(100_000);
    expect((await Promise.all(lost.map(node))).filter((state) => state === LOST)).toHaveLength(emptied);
  });

  test('a large zone goes on, one in a hundred seconds', async () => {
    const { sim, clock, node } = open({ nodes: Array.from({ length: 60 }, (_, index) => ({ name: `n${index}` })) });
    const lost = Array.from({ length: 40 }, (_, index) => `n${index}`);
    sim.apply({ nodes: lost.map((name) => ({ name, kubelet: 'silent' })) });
    await clock.pass(56_000);
    const count = async (): Promise<number> => (await Promise.all(lost.map(node))).filter((state) => state === LOST).length;
    expect(await count()).toBe(1);
    await clock.pass(90_000);
    expect(await count()).toBe(1);
    await clock.pass(12_000);
    expect(await count()).toBe(2);
  });
});

test('a node under pressure takes no new pods and keeps those that it has', async () => {
  const { node, clock, access } = open({
    nodes: [
      { name: 'w1', pressure: ['DiskPressure'] },
      { name: 'w2', cordoned: true },
    ],
    pods: [{ name: 'shop/web-a', node: 'w1' }],
  });
  await clock.pass(600_000);
  expect([await node('w1'), await node('w2')]).toEqual(['True disk-pressure:NoSchedule', 'True unschedulable:NoSchedule']);
  expect((await access.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })).map(({ metadata }) => metadata.name)).toEqual(['web-a']);
});

test('a budget that was just made is being processed for as long as the scenario says', async () => {
  const { sim, clock, access } = open({
    pods: [
      { name: 'shop/web-a', node: 'w1' },
      { name: 'shop/web-b', node: 'w1' },
    ],
    times: { budgetSeen: '20s' },
  });
  sim.apply({ budgets: [{ name: 'shop/web', match: { app: 'web' }, minAvailable: 1 }] });
  expect(await access.mayEvict({ namespace: 'shop', name: 'web-a' })).toMatchObject({
    allowed: false,
    reason: expect.stringContaining('still being processed'),
  });
  await clock.pass(21_000);
  expect(await access.mayEvict({ namespace: 'shop', name: 'web-a' })).toEqual({ allowed: true });
});

test('5,000 pods on 200 nodes start at once, and an hour of them with a lost node costs next to nothing', async () => {
  const nodes = Array.from({ length: 200 }, (_, index) => ({ name: `n${index}` }));
  const pods = Array.from({ length: 5000 }, (_, index) => ({
    name: `ns${index % 20}/web${index % 250}-${index}`,
    owner: `Deployment/web${index % 250}`,
    node: `n${index % 200}`,
  }));
  const tookMs = processorTime();
  const { clock, sim } = setting({ nodes, pods });
  const startMs = tookMs();
  await clock.pass(3_600_000);
  sim.apply({ nodes: [{ name: 'n1', kubelet: 'silent' }] });
  await clock.pass(900_000);
  const wholeMs = tookMs();
  // It takes a fifth of that; what it must not do again is grow with the square of the pods.
  expect(startMs).toBeLessThan(4_000);
  expect(wholeMs).toBeLessThan(8_000);
});
