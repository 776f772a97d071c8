import { expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';

const HUNG = { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'api-c', severity: 'warning' } as const;
const pods = (...sick: readonly string[]): Json =>
  ['a', 'b', 'c', 'd'].map((letter) => ({ name: `shop/api-${letter}`, node: 'w1', ready: !sick.includes(letter) }));

async function hung(options: Partial<SceneOptions> = {}): Promise<Scene> {
  const scene = openScene({ world: { nodes: [{ name: 'w1' }, { name: 'w2' }], pods: pods('c') }, ...options });
  await scene.pass('16m');
  return scene;
}

test('a pod that hangs: what it can still tell is kept before it goes, one yes restarts it, and the new one is proven', async () => {
  const scene = await hung();
  scene.change({ pods: [{ name: 'shop/api-c', log: ['waiting for a lock', 'token=abcdefabcdefabcdef0123'] }] });
  await scene.alert(HUNG);
  await scene.pass('10s');
  const { journal } = await scene.run();
  const seen = JSON.stringify(journal.find(({ type }) => type === 'run.diagnosed'));
  expect(seen).toContain('waiting for a lock');
  expect(seen).not.toContain('abcdefabcdef');
  expect(scene.proposals().at(-1)).toContain('Restart shop/api-c');
  expect(scene.writes()).toEqual([]);

  await scene.approve('ana');
  await scene.pass('2m');
  expect(await scene.run()).toMatchObject({ state: 'done' });
  expect(scene.writes()).toEqual(['evict Pod/shop/api-c']);
  expect((await scene.timeline()).join('\n')).toMatch(/Verified: api-\S+, which took its place, is Ready for/);
  await scene.resolved(HUNG);
  await scene.pass('1m');
  expect(await scene.incident()).toMatchObject({ state: 'closed' });
});

test('what may start by itself settles first, and what was made lately is not restarted again without a person', async () => {
  const scene = await hung({ auto: ['pod.restart'] });
  await scene.alert(HUNG);
  await scene.pass('30s');
  expect(scene.writes()).toEqual([]);
  await scene.pass('3m');
  expect(scene.writes()).toEqual(['evict Pod/shop/api-c']);
  expect(await scene.run()).toMatchObject({ state: 'done' });

  scene.change({ pods: [{ name: 'shop/api-a', ready: false }] });
  await scene.pass('6m');
  await scene.alert({ ...HUNG, pod: 'api-a' });
  await scene.pass('3m');
  expect(await scene.run()).toMatchObject({ state: 'proposed', stage: 'restart-asked' });
  expect(scene.proposals().at(-1)).toContain('Not by itself: a pod beside it, or it itself, was made');
  expect(scene.writes()).toHaveLength(1);
});

test('a pod of a dead node is not restarted: the way to let go of the machine is named', async () => {
  const scene = await hung();
  scene.change({ nodes: [{ name: 'w3' }, { name: 'w1', ready: false }] });
  await scene.pass('30m');
  await scene.alert(HUNG);
  await scene.pass('10s');
  expect(await scene.run()).toMatchObject({ state: 'handed-over' });
  expect((await scene.timeline()).join('\n')).toContain('salvor run node-out-of-service --param node=w1');
  expect(scene.writes()).toEqual([]);
});

test('an alert without a namespace, or about a namespace that is out of scope, touches nothing', async () => {
  const scene = await hung();
  await scene.alert({ alertname: 'KubePodNotReady', pod: 'api-c', severity: 'warning' });
  await scene.alert({ ...HUNG, namespace: 'kube-system', pod: 'coredns-a' });
  await scene.pass('1m');
  expect(await scene.runs()).toEqual([]);
  expect(scene.writes()).toEqual([]);
});
