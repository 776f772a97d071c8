import { expect, test } from 'vitest';
import { nodeDead } from '../../../handlers/node-dead.ts';
import { nodeHeard } from '../../../handlers/node-heard.ts';
import { nodeOutOfService } from '../../../handlers/node-out-of-service.ts';
import { volumesDetached } from '../../../handlers/volumes-detached.ts';
import { digest } from '../../../src/model/digest.ts';
import { isObject, type Json } from '../../../src/model/json.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { type Stage, setStage } from './stage.ts';

const STEP_KEY = digest('taint');
const DEDICATED = { key: 'dedicated', value: 'db', effect: 'NoSchedule' } as const;
const W1 = { apiVersion: 'v1', kind: 'Node', name: 'w1' };

/** A machine that died six minutes ago, with a database and its volume on it; its pods are Terminating since a minute. */
async function dead(more: Scenario = {}): Promise<Stage> {
  const stage = setStage({
    nodes: [{ name: 'w1', taints: [DEDICATED] }, { name: 'w2' }, { name: 'w3' }],
    claims: [{ name: 'shop/data-db-0', attachedTo: 'w1' }],
    pods: [
      { name: 'shop/db-0', node: 'w1', volumes: ['data-db-0'] },
      { name: 'shop/web-a', node: 'w1' },
      { name: 'shop/agent-x', node: 'w1', owner: 'DaemonSet/agent', tolerates: 'node.kubernetes.io/unreachable' },
    ],
    ...more,
  });
  await stage.clock.pass(15_000);
  stage.cluster.apply({ nodes: [{ name: 'w1', ready: false }] });
  await stage.clock.pass(6 * 60_000);
  stage.cluster.forgetWrites();
  return stage;
}

const look = async (stage: Stage, given: object = { node: 'w1' }) => {
  const answer = await stage.wait(nodeDead.run({ ...stage.about(), params: nodeDead.params.parse(given), kube: stage.kube }));
  return { ...answer, facts: nodeDead.facts.parse(answer.facts) };
};
const calls = (stage: Stage, stepKey = STEP_KEY) => {
  const about = () => ({ ...stage.about(), params: nodeOutOfService.params.parse({ node: 'w1' }), kube: stage.kube });
  const { rollback } = nodeOutOfService;
  if (typeof rollback !== 'function') throw new Error('it has no rollback');
  return {
    plan: () => stage.wait(nodeOutOfService.plan({ ...about(), stepKey })),
    execute: () => stage.wait(nodeOutOfService.execute({ ...about(), stepKey })),
    verify: (result: object) => stage.wait(nodeOutOfService.verify({ ...about(), result: nodeOutOfService.result.parse(result) })),
    rollback: () => stage.wait(rollback({ ...about(), stepKey })),
  };
};
const detached = (stage: Stage) =>
  stage.wait(volumesDetached.run({ ...stage.about(), params: volumesDetached.params.parse({ node: 'w1' }), kube: stage.kube }));
const heard = (stage: Stage) => stage.wait(nodeHeard.run({ ...stage.about(), params: nodeHeard.params.parse({ node: 'w1' }), kube: stage.kube }));
const w1 = async (stage: Stage) => stage.wait(stage.kube.get(W1));
const taintKeys = async (stage: Stage): Promise<readonly unknown[]> => {
  const spec: Json = JSON.parse(JSON.stringify((await w1(stage))['spec']));
  const taints = isObject(spec) ? spec['taints'] : [];
  return Array.isArray(taints) ? taints.map((taint: Json) => (isObject(taint) ? taint['key'] : '')) : [];
};

test('a dead machine is told with what hangs on it and what waits for that elsewhere; what belongs to the machine is not counted', async () => {
  const stage = await dead({
    objects: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'reader', namespace: 'shop' },
        spec: { nodeName: 'w2', containers: [{ name: 'c' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
        status: { phase: 'Pending', reason: 'Scenario' },
      },
    ],
  });
  const { finding, facts } = await look(stage);
  expect(finding.kind).toBe('act');
  expect(facts).toMatchObject({
    ready: 'Unknown',
    nodes: 3,
    nodesReady: 2,
    pods: ['shop/db-0', 'shop/web-a'],
    staying: [],
    volumes: ['pvc-shop-data-db-0'],
    claims: ['shop/data-db-0'],
    waiting: ['shop/reader'],
  });
  expect(stage.cluster.writes()).toEqual([]);
});

test('a node that nobody knows is a person’s mistake; one that is deleted with pods on it is on its way', async () => {
  const stage = await dead();
  expect((await look(stage, { node: 'w9' })).finding).toMatchObject({ kind: 'hand-over', reason: 'there is no node w9' });
  stage.cluster.apply({ nodes: [{ name: 'w1', gone: true }] });
  expect((await look(stage)).finding).toMatchObject({ kind: 'recovered', reason: expect.stringContaining('no longer in the cluster') });
});

test('the taint is set beside the others, frees what hung, and is taken away alone', async () => {
  const stage = await dead();
  const before = await taintKeys(stage);
  expect(before).toContain('dedicated');
  const result = await calls(stage).execute();
  expect(await taintKeys(stage)).toEqual([...before, 'node.kubernetes.io/out-of-service']);
  expect(await calls(stage).verify(result)).toMatchObject({ ok: true });
  expect(await detached(stage)).toMatchObject({
    ok: false,
    again: true,
    reason: expect.stringContaining('3 pods (shop/agent-x, shop/db-0, shop/web-a) Terminating'),
  });
  await stage.clock.pass(30_000);
  expect(await detached(stage)).toMatchObject({ ok: true, evidence: ['nothing hangs on w1 any more'] });
  expect(await heard(stage)).toMatchObject({ ok: false, again: true, reason: expect.stringContaining('salvor run node-replace --param node=w1') });

  expect(await calls(stage).rollback()).toMatchObject({ kind: 'undone', evidence: expect.stringContaining('takes no pods until it is') });
  expect(await taintKeys(stage)).toEqual(before);
  expect((await w1(stage)).metadata.annotations?.['salvor.io/out-of-service']).toBeUndefined();
  await calls(stage).rollback();
  expect(stage.cluster.writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
});

test('a node that is heard again is not tainted, and the approval is void', async () => {
  const stage = await dead();
  const { facts } = await calls(stage).plan();
  stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
  const now = await calls(stage).plan();
  expect(now).toMatchObject({ changes: [], summary: 'the kubelet of w1 answers: it is not taken out of service' });
  expect(now.facts).not.toEqual(facts);
  expect(await calls(stage).execute()).toMatchObject({ set: false });
  expect(stage.cluster.writes()).toEqual([]);
});

test('a lease that is renewed counts before the conditions do', async () => {
  const stage = await dead();
  const renewTime = new Date(stage.clock.nowMs() - 3000).toISOString();
  stage.cluster.apply({
    objects: [{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'w1', namespace: 'kube-node-lease' }, spec: { renewTime } }],
  });
  expect((await look(stage)).finding).toMatchObject({ kind: 'wait', reason: expect.stringContaining('it lives') });
  expect(await calls(stage).execute()).toMatchObject({ set: false });
  expect(stage.cluster.writes()).toEqual([]);
});

test('a node that was silent, was heard and is silent again needs a new approval', async () => {
  const stage = await dead();
  const { facts } = await calls(stage).plan();
  stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
  await stage.clock.pass(60_000);
  stage.cluster.apply({ nodes: [{ name: 'w1', ready: false }] });
  await stage.clock.pass(60_000);
  const now = await calls(stage).plan();
  expect(now.changes).toHaveLength(1);
  expect(now.facts).not.toEqual(facts);
});

test('the node comes back between the look and the write: the write is refused, and nothing is tainted', async () => {
  const stage = await dead();
  const find: typeof stage.kube.find = async (ref) => {
    const found = await stage.kube.find(ref);
    if (ref.kind === 'Node') stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
    return found;
  };
  const params = nodeOutOfService.params.parse({ node: 'w1' });
  const racing = nodeOutOfService.execute({ ...stage.about(), params, kube: { ...stage.kube, find }, stepKey: STEP_KEY });
  await expect(stage.wait(racing)).rejects.toMatchObject({ code: 'kube.conflict' });
  expect(await taintKeys(stage)).not.toContain('node.kubernetes.io/out-of-service');
  expect(await calls(stage).execute()).toMatchObject({ set: false });
});

test('the node changes at the very moment of the write: nothing is lost, and it is tried again', async () => {
  const stage = await dead({ faults: [{ give: 'conflict', verb: 'patch', kind: 'Node', times: 1 }] });
  await expect(calls(stage).execute()).rejects.toMatchObject({ code: 'kube.conflict', retry: 'now' });
  expect(await calls(stage).execute()).toMatchObject({ set: true });
  expect(await taintKeys(stage)).toContain('dedicated');
});

test('a taint of somebody else is neither set again nor taken away', async () => {
  const stage = await dead();
  await calls(stage, digest('another step')).execute();
  expect(await calls(stage).plan()).toMatchObject({ changes: [], summary: 'w1 was taken out of service by somebody else' });
  expect(await calls(stage).execute()).toMatchObject({ set: false });
  expect(await calls(stage).rollback()).toMatchObject({ kind: 'undone', evidence: 'w1 carries no out-of-service taint of this step' });
  expect(await taintKeys(stage)).toContain('node.kubernetes.io/out-of-service');
});

test('somebody takes the taint away: the step does not set it against him', async () => {
  const stage = await dead();
  const result = await calls(stage).execute();
  stage.cluster.apply({ nodes: [{ name: 'w1', outOfService: false }] });
  expect(await taintKeys(stage)).not.toContain('node.kubernetes.io/out-of-service');
  await expect(calls(stage).execute()).rejects.toMatchObject({ code: 'action.failed' });
  expect(await calls(stage).verify(result)).toMatchObject({ ok: false, reason: expect.stringContaining('somebody took it away') });
});

test('without its Node there is nothing to wait for and nothing to take away', async () => {
  const stage = await dead();
  const result = await calls(stage).execute();
  stage.cluster.apply({ nodes: [{ name: 'w1', gone: true }] });
  expect(await heard(stage)).toMatchObject({ ok: true, facts: { gone: true } });
  expect(await calls(stage).verify(result)).toMatchObject({ ok: true });
  expect(await calls(stage).rollback()).toMatchObject({ kind: 'undone', evidence: expect.stringContaining('no longer in the cluster') });
});
