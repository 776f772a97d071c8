import { describe, expect, test } from 'vitest';
import { daemonsetsReady } from '../../../handlers/daemonsets-ready.ts';
import { nodeDelete } from '../../../handlers/node-delete.ts';
import { nodeEmpty } from '../../../handlers/node-empty.ts';
import { nodeGone } from '../../../handlers/node-gone.ts';
import { nodeIdentity } from '../../../handlers/node-identity.ts';
import { nodeRelabel } from '../../../handlers/node-relabel.ts';
import { type CheckAction, isMore } from '../../../src/action/contract.ts';
import { digest } from '../../../src/model/digest.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { type Stage, setStage } from './stage.ts';

const STEP_KEY = digest('relabel');
const DEDICATED = { key: 'dedicated', value: 'db', effect: 'NoSchedule' } as const;
const OLD: Scenario = {
  nodes: [{ name: 'w1', ready: false, since: '2h', labels: { tier: 'db' }, annotations: { rack: 'r7' }, taints: [DEDICATED] }, { name: 'w2' }, { name: 'w3' }],
  pods: [{ name: 'net/agent-a', node: 'w1', owner: 'DaemonSet/agent', tolerates: 'dedicated' }],
};

async function begin(scenario: Scenario = OLD): Promise<Stage> {
  const stage = setStage(scenario);
  await stage.clock.pass(15_000);
  stage.cluster.forgetWrites();
  return stage;
}

async function saved(stage: Stage, node = 'w1') {
  const answer = await stage.wait(nodeIdentity.run({ ...stage.about(), params: nodeIdentity.params.parse({ node }), kube: stage.kube }));
  return { ...answer, facts: nodeIdentity.facts.parse(answer.facts) };
}
const checked = (stage: Stage, action: CheckAction, given: object) =>
  stage.wait(action.run({ ...stage.about(), params: action.params.parse(given), kube: stage.kube }));

test('what the old node was is kept with its DaemonSets, and whether Salvor may delete it', async () => {
  const stage = await begin({ ...OLD, rights: [{ verbs: ['get', 'list', 'watch', 'create'], resources: ['*'] }] });
  const { finding, facts, evidence } = await saved(stage);
  expect(finding.kind).toBe('act');
  expect(facts).toMatchObject({ labels: { tier: 'db' }, taints: [DEDICATED], annotations: { rack: 'r7' }, daemonSets: ['net/agent'], mayDelete: false });
  expect(evidence).toEqual(expect.arrayContaining(['labels to give to the new node: tier=db', 'taints to give to the new node: dedicated=db:NoSchedule']));
  expect(evidence.join('\n')).toContain('salvor rbac --with node.delete');
});

test.each<[string, Scenario, string, string]>([
  ['that does not exist', {}, 'w9', 'there is no node w9'],
  ['that is Ready and runs pods', { nodes: [{ name: 'w1' }], pods: [{ name: 'shop/web-a', node: 'w1' }] }, 'w1', 'runs 1 pod (shop/web-a)'],
  ['of the control plane', { nodes: [{ name: 'w1', ready: false, labels: { 'node-role.kubernetes.io/control-plane': '' } }] }, 'w1', 'members of etcd'],
])('a node %s is not replaced by this', async (_name, scenario, node, words) => {
  expect((await saved(await begin(scenario), node)).finding).toMatchObject({ kind: 'hand-over', reason: expect.stringContaining(words) });
});

describe('labels and taints', () => {
  const params = nodeRelabel.params.parse({ node: 'w4', labels: { tier: 'db', team: 'shop' }, taints: [DEDICATED] });
  const about = (stage: Stage) => ({ ...stage.about(), params, kube: stage.kube, stepKey: STEP_KEY });
  const { rollback } = nodeRelabel;
  if (typeof rollback !== 'function') throw new Error('it has no rollback');
  const w4: Scenario = { nodes: [{ name: 'w4', labels: { tier: 'web' } }] };

  test('are shown one by one with what was there before', async () => {
    const stage = await begin(w4);
    const { changes, summary } = await stage.wait(nodeRelabel.plan(about(stage)));
    expect(summary).toBe('Give w4 2 labels and 1 taint');
    expect(changes).toMatchObject([
      { field: 'metadata.labels.tier', from: 'web', to: 'db' },
      { field: 'metadata.labels.team', to: 'shop' },
      { field: 'spec.taints', to: ['dedicated=db:NoSchedule'] },
    ]);
  });

  test('that somebody changed since are his: the undo leaves them', async () => {
    const stage = await begin(w4);
    await stage.wait(nodeRelabel.execute(about(stage)));
    stage.cluster.apply({ nodes: [{ name: 'w4', labels: { tier: 'cache' } }] });
    await stage.wait(rollback(about(stage)));
    const { labels, annotations } = (await stage.wait(stage.kube.get({ apiVersion: 'v1', kind: 'Node', name: 'w4' }))).metadata;
    expect(labels).toMatchObject({ tier: 'cache' });
    expect(labels).not.toHaveProperty('team');
    expect(annotations ?? {}).not.toHaveProperty('salvor.io/relabelled');
  });

  test('that are there already ask nobody', async () => {
    const stage = await begin({
      nodes: [{ name: 'w4', labels: { tier: 'db', team: 'shop' }, taints: [DEDICATED] }],
    });
    expect(await stage.wait(nodeRelabel.plan(about(stage)))).toMatchObject({ changes: [], undo: [] });
    await stage.wait(nodeRelabel.execute(about(stage)));
    expect(stage.cluster.writes()).toEqual([]);
  });
});

test('the DaemonSets of the old node have to run on the new one, and be Ready', async () => {
  const stage = setStage({ ...OLD, nodes: [...(OLD.nodes ?? []), { name: 'w4' }], pods: (OLD.pods ?? []).map((pod) => ({ ...pod, starts: '30s' })) });
  const look = () => checked(stage, daemonsetsReady, { node: 'w4', daemonSets: ['net/agent'] });
  expect(await look()).toMatchObject({ ok: false, again: true, reason: 'w4 has no pod of 1 DaemonSet (net/agent)' });
  await stage.clock.pass(15_000);
  expect(await look()).toMatchObject({ ok: false, again: true, reason: expect.stringMatching(/^net\/agent-\w+ is not Ready$/) });
  await stage.clock.pass(30_000);
  expect(await look()).toMatchObject({ ok: true });
});

describe('the old Node', () => {
  const empty = async (stage: Stage, more: object = {}) =>
    checked(stage, nodeEmpty, { node: 'w1', uid: (await saved(stage)).facts.uid, successor: 'w4', mayDelete: true, ...more });

  test.each<[string, object, object]>([
    ['is deleted', {}, { left: 'delete' }],
    ['is deleted by a person where Salvor may not', { mayDelete: false }, { left: 'by-hand' }],
    ['stays where the new machine took it over', { successor: 'w1' }, { left: 'nothing' }],
    ['is gone where another has its name', { uid: 'other' }, { left: 'nothing' }],
  ])('%s', async (_name, more, facts) => {
    expect(await empty(await begin(), more)).toMatchObject({ ok: true, facts });
  });

  test('is kept while it is Ready, or holds a pod or a volume', async () => {
    expect(await empty(await begin({ nodes: [{ name: 'w1' }] }))).toMatchObject({ ok: false, again: true, reason: 'w1 is Ready: its machine still runs' });
    const held = await begin({ ...OLD, pods: [{ name: 'shop/db-0', node: 'w1', tolerates: 'node.kubernetes.io/unreachable' }] });
    expect(await empty(held)).toMatchObject({ ok: false, again: true, reason: 'still on w1: 1 pod (shop/db-0)' });
    const attached = await begin({ ...OLD, claims: [{ name: 'shop/data', attachedTo: 'w1' }] });
    expect(await empty(attached)).toMatchObject({ ok: false, again: true, reason: expect.stringContaining('salvor run node-out-of-service --param node=w1') });
  });

  const deleting = async (stage: Stage) => {
    const { uid } = (await saved(stage)).facts;
    const about = () => ({ ...stage.about(), params: nodeDelete.params.parse({ node: 'w1', uid }), kube: stage.kube, stepKey: STEP_KEY });
    return {
      plan: () => stage.wait(nodeDelete.plan(about())),
      execute: () => stage.wait(nodeDelete.execute(about())),
      gone: () => checked(stage, nodeGone, { node: 'w1', uid }),
    };
  };

  test('is deleted by uid, once, and another under its name is left alone', async () => {
    const stage = await begin();
    const { execute, gone } = await deleting(stage);
    expect(await gone()).toMatchObject({ ok: false, again: true, reason: expect.stringContaining('kubectl delete node w1') });
    await execute();
    expect(await gone()).toMatchObject({ ok: true });
    stage.cluster.apply({ nodes: [{ name: 'w1', ready: false }] });
    await execute();
    expect(await gone()).toMatchObject({ ok: true });
    expect(stage.cluster.writes()).toEqual(['delete Node/w1']);
  });

  test('that gets a volume attached after its deletion was approved is kept until it is free, and it is said what holds it', async () => {
    const stage = await begin();
    const { execute } = await deleting(stage);
    stage.cluster.apply({ claims: [{ name: 'shop/data', attachedTo: 'w1', stuck: true }] });
    const answer = await execute();
    expect(isMore(answer) ? answer.progress : '').toBe('w1 is not deleted yet: 1 volume (pvc-shop-data) attached');
    expect(stage.cluster.writes()).toEqual([]);
    stage.cluster.apply({ remove: ['VolumeAttachment/csi-pvc-shop-data'], claims: [{ name: 'shop/data', attachedTo: 'w1', stuck: false }] });
    stage.cluster.apply({ remove: ['VolumeAttachment/csi-pvc-shop-data'] });
    await execute();
    expect(stage.cluster.writes()).toEqual(['delete Node/w1']);
  });

  test('that is Ready is not even proposed; one that becomes so is waited for', async () => {
    const stage = await begin();
    const { plan, execute } = await deleting(stage);
    expect((await plan()).changes).toHaveLength(1);
    stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
    await expect(plan()).rejects.toMatchObject({ code: 'action.failed', message: expect.stringContaining('the machine that was to be off runs') });
    expect(isMore(await execute())).toBe(true);
    expect(stage.cluster.writes()).toEqual([]);
  });

  test('that becomes Ready between the look and the deletion is not deleted', async () => {
    const stage = await begin();
    const { uid } = (await saved(stage)).facts;
    const find: typeof stage.kube.find = async (ref) => {
      const found = await stage.kube.find(ref);
      stage.cluster.apply({ nodes: [{ name: 'w1', ready: true }] });
      return found;
    };
    const params = nodeDelete.params.parse({ node: 'w1', uid });
    const racing = nodeDelete.execute({ ...stage.about(), params, kube: { ...stage.kube, find }, stepKey: STEP_KEY });
    await expect(stage.wait(racing)).rejects.toMatchObject({ code: 'kube.conflict' });
    expect(await checked(stage, nodeGone, { node: 'w1', uid })).toMatchObject({ ok: false });
  });

  test('without the right it is said what to do instead', async () => {
    const stage = await begin();
    const { plan } = await deleting(stage);
    stage.cluster.apply({ rights: [{ verbs: ['get', 'list', 'watch', 'create'], resources: ['*'] }] });
    await expect(plan()).rejects.toMatchObject({
      code: 'kube.forbidden',
      message: expect.stringContaining('kubectl delete node w1, or salvor rbac --with node.delete'),
    });
  });
});
