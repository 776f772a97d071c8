import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';

const PROOF = { ask: 'proof', value: 'cloud-says-stopped', confirmation: 'w1' } as const;

/** A machine that died seven minutes ago: a database and its volume hang on it. A run asks how anybody knows that it is off. */
async function dead(more: { readonly [name: string]: Json } = {}, options: Partial<SceneOptions> = {}): Promise<Scene> {
  const scene = openScene({
    world: {
      nodes: [{ name: 'w1' }, { name: 'w2' }, { name: 'w3' }],
      claims: [{ name: 'shop/data-db-0', attachedTo: 'w1' }],
      pods: [
        { name: 'shop/db-0', node: 'w1', volumes: ['data-db-0'] },
        { name: 'shop/web-a', node: 'w1' },
        { name: 'shop/web-b', node: 'w2' },
      ],
      ...more,
    },
    ...options,
  });
  await scene.pass('10s');
  scene.change({ nodes: [{ name: 'w1', kubelet: 'silent' }] });
  await scene.pass('7m');
  return scene;
}

const begin = async (scene: Scene): Promise<void> => {
  await scene.start('ana', 'node-out-of-service', { node: 'w1' });
  await scene.pass('10s');
};
const answer = (scene: Scene, person: string, given: { readonly ask: string; readonly value: Json; readonly confirmation?: string } = PROOF) =>
  scene.as(person, async (commands, caller) => commands.answer(caller, (await scene.run('node-out-of-service')).id, given));
const approveBoth = async (scene: Scene): Promise<void> => {
  const run = await scene.run('node-out-of-service');
  await scene.approve('ben', { confirmation: 'w1', run });
  await scene.approve('cleo', { confirmation: 'w1', run });
};
/** A part of an object as it is in the cluster: `spec` or `metadata`. */
const partOf = (scene: Scene, name: string, part: 'spec' | 'metadata' = 'spec'): JsonObject => {
  const object: Json = JSON.parse(JSON.stringify(scene.world.cluster('prod').snapshot().get(name) ?? null));
  const found = isObject(object) ? object[part] : undefined;
  return isObject(found) ? found : {};
};
const taints = (scene: Scene): string => JSON.stringify(partOf(scene, 'Node/w1')['taints'] ?? []);
const OUT = 'node.kubernetes.io/out-of-service';

test('a dead machine is let go of once it is proven to be off; the proof is kept with name and time, and the taint goes when the machine returns', async () => {
  const scene = await dead();
  await begin(scene);
  const asked = (await scene.timeline()).find((line) => line.startsWith('Asked approver'));
  expect(asked).toContain('How do you know that this machine is powered off?');
  expect(asked).toContain('shop/db-0');
  expect(scene.writes()).toEqual([]);

  await answer(scene, 'ana');
  await scene.pass('5s');
  expect(scene.proposals().at(-1)).toContain('Take w1 out of service');
  expect(scene.proposals().at(-1)).toMatch(/needs 1 of platform and 1 of incident-command, not the requester, typed confirmation/);
  await approveBoth(scene);
  await scene.pass('1m');
  expect(await scene.run()).toMatchObject({ state: 'waiting', stage: 'back' });
  expect(partOf(scene, 'Pod/shop/db-0')).toMatchObject({ nodeName: expect.stringMatching(/^w[23]$/) });
  expect(taints(scene)).toContain(OUT);

  await scene.pass('2h');
  scene.change({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
  await scene.pass('1m');
  expect(await scene.run()).toMatchObject({ state: 'done', undone: 1 });
  expect(taints(scene)).not.toContain(OUT);
  expect(scene.writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
  const told = (await scene.timeline()).join('\n');
  expect(told).toContain('ana answered "cloud-says-stopped"');
  expect(told).toContain('Approved');
  expect(scene.pages()).toEqual([]);
  expect(await scene.audit()).toMatchObject({ ok: true, problems: [] });
});

describe('the proof', () => {
  test('is taken only from the role, only with the name of the node typed, and only as one of the choices', async () => {
    const scene = await dead();
    await begin(scene);
    await expect(answer(scene, 'cleo')).rejects.toMatchObject({ code: 'approval.not-allowed' });
    await expect(answer(scene, 'ana', { ask: 'proof', value: 'power-cut' })).rejects.toMatchObject({ code: 'approval.confirmation-missing' });
    await expect(answer(scene, 'ana', { ...PROOF, confirmation: 'w2' })).rejects.toMatchObject({ code: 'approval.confirmation-missing' });
    await expect(answer(scene, 'ana', { ...PROOF, value: 'it does not answer' })).rejects.toMatchObject({ code: 'request.invalid' });
    expect(await scene.run()).toMatchObject({ state: 'waiting', stage: 'proof' });
    expect(scene.writes()).toEqual([]);
  });

  test('that nobody gives hands over: people are reminded, then called, and nothing is written', async () => {
    const scene = await dead();
    await begin(scene);
    await scene.pass('2h');
    await scene.pass('1m');
    expect(await scene.run()).toMatchObject({ state: 'handed-over' });
    expect((await scene.timeline()).filter((line) => line.startsWith('Still waiting for an answer')).length).toBeGreaterThan(0);
    expect(scene.pages().length).toBeGreaterThan(0);
    expect(scene.writes()).toEqual([]);
  });
});

test('it works beside the run of the alert, which holds the lock of the node until its return; each gives back its own', async () => {
  const scene = await dead({}, { auto: ['node.cordon', 'node.uncordon'] });
  await scene.alert({ alertname: 'KubeNodeNotReady', node: 'w1', severity: 'warning' });
  await scene.pass('3m');
  expect(await scene.run('node-not-ready')).toMatchObject({ state: 'waiting', stage: 'back' });
  expect(JSON.stringify((await scene.run('node-not-ready')).journal)).toContain('salvor run node-out-of-service --param node=w1');

  await begin(scene);
  await answer(scene, 'ana');
  await scene.pass('5s');
  await approveBoth(scene);
  await scene.pass('30s');
  expect(taints(scene)).toContain(OUT);
  await scene.pass('1m');
  scene.change({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
  await scene.pass('5m');
  expect((await scene.run('node-out-of-service')).state).toBe('done');
  expect((await scene.run('node-not-ready')).state).toBe('done');
  expect(JSON.stringify(partOf(scene, 'Node/w1', 'metadata')['annotations'] ?? {})).not.toContain('salvor.io/');
  expect(partOf(scene, 'Node/w1')['unschedulable'] ?? false).toBe(false);
  expect(taints(scene)).not.toContain(OUT);
});

describe('the taint never outlives the run', () => {
  const tainted = async (more: { readonly [name: string]: Json } = {}): Promise<Scene> => {
    const scene = await dead(more);
    await begin(scene);
    await answer(scene, 'ana');
    await scene.pass('5s');
    await approveBoth(scene);
    await scene.pass('5s');
    expect(taints(scene)).toContain(OUT);
    return scene;
  };

  test.each<[string, (scene: Scene) => Promise<unknown>, { readonly [name: string]: Json }?]>([
    [
      'cancelled',
      async (scene: Scene) => scene.as('ana', async (commands, caller) => commands.cancel(caller, (await scene.run()).id, { reason: 'wrong machine' })),
    ],
    [
      'cancelled with what it did kept',
      async (scene: Scene) =>
        scene.as('ana', async (commands, caller) => commands.cancel(caller, (await scene.run()).id, { keep: true, reason: 'wrong machine' })),
    ],
    [
      'superseded',
      async (scene: Scene) => scene.as('cleo', async (commands, caller) => commands.supersede(caller, (await scene.run()).id, { reason: 'by hand' })),
    ],
    ['waited for in vain', async (scene: Scene) => scene.pass('31m'), { claims: [{ name: 'shop/data-db-0', attachedTo: 'w1', stuck: true }] }],
  ])('%s', async (_name, end, more = {}) => {
    const scene = await tainted(more);
    await end(scene);
    await scene.pass('10s');
    expect((await scene.run()).endedAt).toBeDefined();
    expect(taints(scene)).not.toContain(OUT);
    expect(scene.writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
  });

  test('the API server is away when the machine returns: it is tried until it works', async () => {
    const scene = await tainted();
    await scene.pass('1m');
    scene.change({ nodes: [{ name: 'w1', kubelet: 'answers' }], faults: [{ give: 'unavailable', verb: 'patch', kind: 'Node', lasts: '3m' }] });
    await scene.pass('1m');
    expect(await scene.run()).toMatchObject({ state: 'closing' });
    await scene.pass('5m');
    expect(await scene.run()).toMatchObject({ state: 'done' });
    expect(taints(scene)).not.toContain(OUT);
  });

  test('somebody took it away before: it is not looked for twice', async () => {
    const scene = await tainted();
    scene.change({ nodes: [{ name: 'w1' }] });
    await scene.pass('1m');
    scene.change({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
    await scene.pass('1m');
    expect(await scene.run()).toMatchObject({ state: 'done' });
    expect(taints(scene)).not.toContain(OUT);
  });
});

test('killed at every turn, it asks once, sets the taint once and takes it away once', async () => {
  const scene = await dead();
  const die = async (): Promise<void> => {
    scene.kill();
    await scene.pass('5s');
  };
  await begin(scene);
  await die();
  await answer(scene, 'ana');
  await die();
  const run = await scene.run();
  await scene.approve('ben', { confirmation: 'w1', run });
  await die();
  await scene.approve('cleo', { confirmation: 'w1', run });
  await die();
  await die();
  await scene.pass('30s');
  await die();
  scene.change({ nodes: [{ name: 'w1', kubelet: 'answers' }] });
  await die();
  await scene.pass('1m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  expect(scene.writes()).toEqual(['patch Node/w1', 'patch Node/w1']);
  expect((await scene.timeline()).filter((line) => line.startsWith('Asked approver'))).toHaveLength(1);
  expect(await scene.audit()).toMatchObject({ ok: true, problems: [] });
});
