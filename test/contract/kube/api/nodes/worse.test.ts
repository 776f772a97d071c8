import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../../../src/model/json.ts';
import { textAt } from '../../../../../src/world/object.ts';
import { condition, deploy, isLeaving, isServing, type NodeStage, nameOf, nodeStory, openNodes, podsIn, taints } from './stage.ts';

const NODES = ['node-0', 'node-1', 'node-2'];
let stage: NodeStage;
const pods = (): Promise<readonly Json[]> => podsIn(stage, 'worse');
const nodeNow = async (name: string): Promise<Json> => (await stage.request('GET', `/api/v1/nodes/${name}`)).body;
const on = (all: readonly Json[], node: string): readonly string[] => all.filter((pod) => textAt(pod, 'spec', 'nodeName') === node).map(nameOf);
const allServe = (): Promise<unknown> => stage.until('six pods serve', async () => (await pods()).filter(isServing).length === 6 || undefined);

beforeAll(async () => {
  stage = await openNodes();
  await deploy(stage, 'worse', { replicas: 6, budget: { maxUnavailable: 0 } });
  await allServe();
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

describe('a node that says itself that it is not ready', () => {
  test('has another taint, and its pods go at once: their kubelet is there', async () => {
    const lines = await stage.record('/api/v1/nodes?watch=true&fieldSelector=metadata.name%3Dnode-2');
    const had = on(await pods(), 'node-2');
    expect(had.length).toBeGreaterThan(0);
    await stage.node('node-2', 'not-ready');
    await stage.until('its pods are gone', async () => !(await pods()).some((pod) => had.includes(nameOf(pod))) || undefined);
    const [ready = '', ...tainted] = nodeStory(lines).at(-1)?.split(' node.') ?? [];
    expect(ready).toMatch(/^False\/.+/);
    expect(tainted).toEqual(['kubernetes.io/not-ready:NoExecute', 'kubernetes.io/not-ready:NoSchedule']);
    await allServe();
    await stage.node('node-2', 'up');
    await stage.until('node-2 is well', async () => taints(await nodeNow('node-2')).length === 0 || undefined);
  });
});

describe('pods that nobody ends', () => {
  test('go when somebody says that the machine is off: the taint out-of-service', async () => {
    await stage.node('node-1', 'down');
    const left = await stage.until('pods of node-1 are being deleted', async () => {
      const leaving = (await pods()).filter(isLeaving);
      return leaving.length > 0 && leaving.length === on(await pods(), 'node-1').length ? leaving.map(nameOf) : undefined;
    });
    const node = await nodeNow('node-1');
    const before = taints(node);
    expect(before).toEqual(['node.kubernetes.io/unreachable:NoExecute', 'node.kubernetes.io/unreachable:NoSchedule']);
    const patch = [{ op: 'add', path: '/spec/taints/-', value: { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' } }];
    const patched = await stage.request('PATCH', '/api/v1/nodes/node-1', { contentType: 'application/json-patch+json', body: patch });
    expect(patched.status).toBe(200);
    await stage.until('they are gone', async () => !(await pods()).some((pod) => left.includes(nameOf(pod))) || undefined);
    expect(taints(await nodeNow('node-1'))).toContain('node.kubernetes.io/out-of-service:NoExecute');
    await allServe();
  });
});

describe('all nodes lost', () => {
  let had: readonly string[];
  beforeAll(async () => {
    had = on(await pods(), 'node-0').toSorted();
    // The real controller taints a lost node before it looks whether any is left, at most one node in ten seconds. Only within those ten
    // seconds is it certain that the last node is spared; after them its pods may be marked and deleted like all others.
    await stage.node('node-2', 'down');
    await stage.pass(4_000);
    await stage.node('node-0', 'down');
    await stage.until('all are Unknown', async () => {
      const nodes = await Promise.all(NODES.map(nodeNow));
      return nodes.every((node) => textAt(condition(node, 'Ready'), 'status') === 'Unknown') || undefined;
    });
    // Longer than the pods tolerate.
    await stage.pass(6_000);
  });

  test('all nodes lost: no pod of the last one is marked or deleted', async () => {
    const kept = (await pods()).filter((pod) => had.includes(nameOf(pod)));
    expect(had.length).toBeGreaterThan(0);
    expect(kept.map(nameOf).sort()).toEqual(had);
    expect(kept.filter((pod) => isLeaving(pod) || condition(pod, 'DisruptionTarget') !== undefined).map(nameOf)).toEqual([]);
  });

  test('all nodes lost: those that evict are taken away, those that keep pods off stay', async () => {
    const nodes = await Promise.all(NODES.map(nodeNow));
    const lost = nodes.map((node) => taints(node).filter((taint) => taint.includes('unreachable')));
    expect(lost).toEqual(NODES.map(() => ['node.kubernetes.io/unreachable:NoSchedule']));
  });
});
