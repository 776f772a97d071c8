import { expect, test } from 'vitest';
import { killedBehindEachChange, killedEveryFiveSeconds, type Story, untilHeard } from '../killed.ts';
import { openScene } from '../scene.ts';
import { ANSWERS, AUTO, W1_NOT_READY } from './stories.ts';

const story: Story = {
  name: 'the node is cordoned, drained at the pace of a budget, comes back and is uncordoned',
  options: { world: ANSWERS, auto: AUTO },
  async play(scene) {
    await scene.alert(W1_NOT_READY);
    await scene.pass('75s');
    const plan = (await scene.run()).digest ?? '';
    await untilHeard(scene, () => scene.approve('ana', { plan }));
    await scene.pass('2m');
    scene.change({ nodes: [{ name: 'w1', ready: true }] });
    await scene.pass('90s');
    await scene.resolved(W1_NOT_READY);
    await scene.pass('10s');
  },
  ends: {
    run: 'done',
    incident: 'closed',
    writes: ['patch Node/w1', expect.stringMatching(/^evict /), expect.stringMatching(/^evict /), expect.stringMatching(/^evict /), 'patch Node/w1'],
    pages: [],
    ledger: { accepted: 2, handled: 2, pending: 0, quarantined: 0 },
    audit: [],
  },
};

test('killed behind every single change of what is stored, each write is made once and it ends as if nothing had happened', async () => {
  const { told, different } = await killedBehindEachChange(story);
  expect(told).toMatchObject(story.ends);
  expect(different).toEqual([]);
}, 120_000);

test('killed every five seconds, it gets there', async () => {
  const { told, ended } = await killedEveryFiveSeconds(story);
  expect(ended).toEqual(told);
}, 30_000);

const faults = ['hang', 'lost-reply', 'reset', 'reset-after', 'slow', 'timeout', 'internal', 'unavailable', 'too-many-requests'] as const;

test.each(faults)('killed in the middle of an eviction that meets "%s", each pod is evicted once', async (give) => {
  const scene = openScene(story.options);
  await scene.alert(W1_NOT_READY);
  await scene.pass('75s');
  scene.change({ faults: [{ give, verb: 'create', kind: 'Pod', subresource: 'eviction', times: 1, delay: '500ms' }] });
  await scene.approve('ana');
  await scene.pass('300ms');
  scene.kill();
  await scene.pass('5m');
  expect(scene.writes().slice(1).toSorted()).toEqual(['evict Pod/shop/api-0', 'evict Pod/shop/web-1', 'evict Pod/shop/web-2']);
  expect(await scene.run()).toMatchObject({ state: 'waiting', stage: 'back' });
});

test.each(faults)('killed in the middle of a cordon that meets "%s", it is cordoned once', async (give) => {
  const scene = openScene(story.options);
  scene.change({ faults: [{ give, verb: 'patch', kind: 'Node', times: 1, delay: '500ms' }] });
  await scene.alert(W1_NOT_READY);
  await scene.pass('60400ms');
  scene.kill();
  await scene.pass('2m');
  expect(scene.writes()).toEqual(['patch Node/w1']);
  expect(await scene.run()).toMatchObject({ state: 'proposed', stage: 'move' });
});
