import { expect, test } from 'vitest';
import { isObject } from '../../../src/model/json.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { stage } from './stage.ts';

const PLAYBOOK = `diagnose: [{ id: look, action: test.look }]
stages: [{ id: wait, await: { action: test.ready, with: { name: back }, within: 2h, otherwise: stop } }]`;

/** A cluster whose clock is so far ahead of ours. */
const ahead = (aheadMs: number) => ({ around: () => ({ cluster: (cluster: Cluster): Cluster => ({ ...cluster, aheadMs: () => aheadMs }) }) });

test.each([
  ['ahead of', 600_000],
  ['behind', -600_000],
])('a cluster whose clock is 10 minutes %s ours is asked by its own, and reports set its times beside ours', async (how, byMs) => {
  const story = await stage({ playbook: PLAYBOOK, ...ahead(byMs) });
  const failedMs = story.clock.nowMs() - 3_600_000;
  story.set('finding', { factTimeMs: String(failedMs + byMs) });
  story.set('back', { counts: 'yes' });
  const id = await story.start();
  const askedMs = story.clock.nowMs();
  const run = await story.run(id);
  expect(run.measured.factTimeMs).toBe(failedMs);
  expect((await story.line(id, 'run.diagnosed'))['evidence']).toContainEqual(expect.stringMatching(new RegExp(`^the clock of prod is 10m ${how} Salvor's`)));
  expect(JSON.stringify(await story.journal(id))).toContain(`back is at ${askedMs + byMs}`);
});

test('clocks that nearly agree are not worth a word', async () => {
  const story = await stage({ playbook: PLAYBOOK, ...ahead(20_000) });
  const id = await story.start();
  const { evidence } = await story.line(id, 'run.diagnosed');
  expect(isObject(evidence) ? [] : evidence).toEqual(['the story says act']);
});
