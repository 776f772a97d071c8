import { expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openScene, type Scene } from './scene.ts';

const OLD = {
  nodes: [{ name: 'w1', ready: false, since: '2h', labels: { tier: 'db' } }, { name: 'w2' }, { name: 'w3' }],
  pods: [{ name: 'net/agent-a', node: 'w1', owner: 'DaemonSet/agent', tolerates: 'node.kubernetes.io/unreachable' }],
};

async function begin(): Promise<Scene> {
  const scene = openScene({ world: OLD });
  await scene.pass('10s');
  await scene.start('ana', 'node-replace', { node: 'w1' });
  await scene.pass('10s');
  return scene;
}

/** Somebody does a step and says so. */
async function done(scene: Scene, person: string, value: Json): Promise<void> {
  const { id, stage = '' } = await scene.run();
  const typed = stage === 'power' ? { confirmation: 'w1' } : {};
  await scene.as(person, (commands, caller) => commands.answer(caller, id, { ask: stage, value, ...typed }));
  await scene.pass('10s');
}
const asked = async (scene: Scene): Promise<string> => (await scene.timeline()).filter((line) => line.startsWith('Asked')).at(-1) ?? '';

test('a checklist over two days: each step is asked once, by whom it was done is kept, and a restart in between changes nothing', {
  timeout: 60_000,
}, async () => {
  const scene = await begin();
  const die = async (): Promise<void> => {
    scene.kill();
    await scene.pass('10s');
  };
  expect(await asked(scene)).toContain('1 of 5. Power the old machine off');
  await done(scene, 'ana', 'it-is-off');
  await die();
  await scene.pass('8h');
  await done(scene, 'ben', true);
  await scene.pass('16h');
  await die();
  scene.change({ nodes: [{ name: 'w4' }] });
  await done(scene, 'ana', 'w4');
  await scene.pass('2m');
  expect(scene.proposals().at(-1)).toContain('Give w4 1 label');
  await scene.approve('ben');
  await die();
  await scene.pass('1m');
  expect(await asked(scene)).toContain('4 of 5. Look at what Salvor cannot see');
  await scene.pass('20h');
  await done(scene, 'ben', true);
  await scene.pass('1m');
  const run = await scene.run();
  expect(scene.proposals().at(-1)).toContain('Delete the Node w1');
  await scene.approve('ben', { confirmation: 'w1', run });
  await die();
  await scene.approve('cleo', { confirmation: 'w1', run });
  await scene.pass('1m');

  expect(await scene.run()).toMatchObject({ state: 'done' });
  expect(scene.writes()).toEqual(['patch Node/w4', 'delete Node/w1']);
  const timeline = await scene.timeline();
  for (const step of [1, 2, 3, 4]) expect(timeline.filter((line) => line.startsWith(`Asked approver: ${step} of 5`))).toHaveLength(1);
  expect(timeline).toEqual(expect.arrayContaining(['ana answered "it-is-off"', 'ben answered true', 'ana answered "w4"']));
  expect(scene.pages()).toEqual([]);
  expect(await scene.audit()).toMatchObject({ ok: true, problems: [] });
});

test('a name that no node ever gets is told, and people are called; nothing is written', async () => {
  const scene = await begin();
  await done(scene, 'ana', 'it-is-off');
  await done(scene, 'ana', true);
  await done(scene, 'ana', 'w44');
  await scene.pass('61m');
  expect((await scene.run()).waiting?.reason).toContain('w44 is no longer in the cluster');
  expect(scene.pages().length).toBeGreaterThan(0);
  expect(scene.writes()).toEqual([]);
});

test('second thoughts before the old Node is deleted: the new node has what it had before, and the old one stays', async () => {
  const scene = await begin();
  await done(scene, 'ana', 'it-is-off');
  await done(scene, 'ana', true);
  scene.change({ nodes: [{ name: 'w4' }] });
  await done(scene, 'ana', 'w4');
  await scene.pass('2m');
  await scene.approve('ben');
  await scene.pass('1m');
  await done(scene, 'ana', true);
  await scene.pass('10s');
  await scene.as('ana', async (commands, caller) => commands.cancel(caller, (await scene.run()).id, { reason: 'not today' }));
  await scene.pass('10s');
  expect(await scene.run()).toMatchObject({ state: 'cancelled', undone: 1 });
  expect(scene.writes()).toEqual(['patch Node/w4', 'patch Node/w4']);
  expect(JSON.stringify(scene.world.cluster('prod').snapshot().get('Node/w4'))).not.toMatch(/tier|salvor\.io/);
});
