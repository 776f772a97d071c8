import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../../../src/model/json.ts';
import { listAt, textAt } from '../../../../../src/world/object.ts';
import { condition, isLeaving, isServing, type NodeStage, nameOf, openNodes, podsIn, taints } from './stage.ts';

/** One zone of five nodes, and what becomes of a StatefulSet and of a taint that somebody sets. */

const NAMESPACE = 'many';
const LOST = ['node-2', 'node-3', 'node-4'];
let stage: NodeStage;

const pods = (): Promise<readonly Json[]> => podsIn(stage, NAMESPACE);
const nodeNow = async (name: string): Promise<Json> => (await stage.request('GET', `/api/v1/nodes/${name}`)).body;
const named = async (name: string): Promise<Json | undefined> => (await pods()).find((pod) => nameOf(pod) === name);
const isUnknown = async (name: string): Promise<boolean> => textAt(condition(await nodeNow(name), 'Ready'), 'status') === 'Unknown';
const evicts = (node: Json): boolean => taints(node).includes('node.kubernetes.io/unreachable:NoExecute');
const tolerations = (seconds: number): readonly JsonObject[] =>
  ['unreachable', 'not-ready'].map((state) => ({ key: `node.kubernetes.io/${state}`, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds }));

async function workload(kind: 'StatefulSet' | 'ReplicaSet', name: string, more: JsonObject = {}): Promise<void> {
  const labels = { app: name };
  const spec = { tolerations: tolerations(3), terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: 'example.com/c' }], ...more };
  await stage.make(`/apis/apps/v1/namespaces/${NAMESPACE}/${kind.toLowerCase()}s`, {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
    },
  });
}

beforeAll(async () => {
  stage = await openNodes({ nodes: 5 });
  await stage.make('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const on = (node: string): JsonObject => ({
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
    nodeSelector: { 'kubernetes.io/hostname': node },
  });
  await workload('StatefulSet', 'db', on('node-1'));
  await workload('ReplicaSet', 'kept', { ...on('node-0'), tolerations: [{ key: 'work', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }] });
  await workload('ReplicaSet', 'moved', on('node-0'));
  await stage.until('all run', async () => (await pods()).filter(isServing).length === 3 || undefined);
}, 120_000);
afterAll(() => stage[Symbol.asyncDispose]());

test('a taint that somebody sets evicts at once what does not tolerate it, after its time what does for a while', async () => {
  const had = (await pods()).map(nameOf);
  const kept = had.find((name) => name.startsWith('kept-')) ?? '';
  const moved = had.find((name) => name.startsWith('moved-')) ?? '';
  const taint = { key: 'work', value: 'now', effect: 'NoExecute' };
  await stage.request('PATCH', '/api/v1/nodes/node-0', { contentType: 'application/merge-patch+json', body: { spec: { taints: [taint] } } });
  await stage.until('what does not tolerate it is gone', async () => !(await named(moved)) || undefined);
  expect(await named(kept)).toBeDefined();
  await stage.until('what tolerates it for a while is gone, too', async () => !(await named(kept)) || undefined);
  await stage.request('PATCH', '/api/v1/nodes/node-0', { contentType: 'application/merge-patch+json', body: { spec: { taints: null } } });
});

test('a name of a StatefulSet is not used again while its pod hangs on a lost node', async () => {
  await stage.node('node-1', 'down');
  const uid = textAt((await named('db-0')) ?? null, 'metadata', 'uid');
  await stage.until('it is being deleted', async () => isLeaving((await named('db-0')) ?? null) || undefined);
  await stage.pass(4_000);
  expect((await pods()).filter((pod) => nameOf(pod).startsWith('db-')).map((pod) => textAt(pod, 'metadata', 'uid'))).toEqual([uid]);
  await stage.node('node-1', 'up');
  const isAnew = async (): Promise<true | undefined> => {
    const now = await named('db-0');
    return (now !== undefined && textAt(now, 'metadata', 'uid') !== uid && isServing(now)) || undefined;
  };
  await stage.until('another one has its name', isAnew);
});

test('a zone that has lost more than two nodes, and more than half of them, is not emptied further', async () => {
  for (const name of LOST) await stage.node(name, 'down');
  await stage.until('all are found out', async () => (await Promise.all(LOST.map(isUnknown))).every(Boolean) || undefined);
  // As long as the controller waits from one node to the next, and longer.
  await stage.pass(15_000);
  const nodes = await Promise.all(LOST.map(nodeNow));
  // One may have been tainted before the controller had counted.
  expect(nodes.filter(evicts).length).toBeLessThanOrEqual(1);
  expect(nodes.every((node) => taints(node).includes('node.kubernetes.io/unreachable:NoSchedule'))).toBe(true);
  expect(listAt(await nodeNow('node-0'), 'spec', 'taints')).toEqual([]);
});

test('when one of them is back, the others are emptied, one in ten seconds', async () => {
  await stage.node('node-4', 'up');
  const others = ['node-2', 'node-3'];
  const count = async (): Promise<number> => (await Promise.all(others.map(nodeNow))).filter(evicts).length;
  await stage.until('the first is emptied', async () => (await count()) >= 1 || undefined);
  await stage.until('both are emptied', async () => (await count()) === 2 || undefined);
  expect(taints(await nodeNow('node-4'))).toEqual([]);
});
