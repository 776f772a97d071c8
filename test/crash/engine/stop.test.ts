import { describe, expect, test } from 'vitest';
import { stage } from '../../scenario/engine/stage.ts';

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

/** A server that is told to stop lets go in order: what is under way ends, nothing new begins, and nothing is taken for failed. */
async function stopped(playbook: string, { slow = '3s' } = {}) {
  const story = await stage({ playbook });
  story.set('switch', { flips: '0' });
  const id = await story.start();
  story.sim().faults.add({ give: 'slow', delay: slow, verb: 'write', times: 1 });
  await story.approve(id);
  const ended = story.stop();
  await story.clock.pass(5000);
  await ended;
  return { ...story, id };
}

describe('a server that stops in the middle of a step', () => {
  test('lets the request in flight end, stores what came of it, and begins nothing more', async () => {
    const story = await stopped(
      'stages: [{ id: do, steps: [{ id: one, action: test.write, with: { prefix: one } }, { id: two, action: test.write, with: { prefix: two } }] }]',
    );
    expect(plain(story.sim().writes())).toEqual(['create ConfigMap/app/one']);
    expect(await story.lines(story.id, 'run.executing')).toEqual(['run.executing', 'write.intent', 'write.outcome', 'step.done']);
    expect((await story.store().get('prod', story.id))?.owner).toBeUndefined();
    story.restart();
    await story.clock.pass(1000);
    expect(await story.state(story.id)).toBe('done');
    expect(plain(story.sim().writes())).toEqual(['create ConfigMap/app/one', 'create ConfigMap/app/two']);
  });

  test('does not take a handler that heeds its signal for a failed one', async () => {
    const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.slow }] }]' });
    story.set('slow', { state: 'heeds' });
    const id = await story.start();
    await story.approve(id);
    const ended = story.stop();
    await story.clock.pass(1000);
    await ended;
    expect(await story.state(id)).toBe('executing');
    expect(await story.lines(id)).not.toContain('step.failed');
    story.unset('slow');
    story.restart();
    await story.clock.pass(1000);
    expect(await story.state(id)).toBe('done');
    expect(story.sim().writes()).toEqual(['create ConfigMap/app/late']);
  });

  test('does not leave a question about a write whose answer came', async () => {
    const story = await stopped('stages: [{ id: do, steps: [{ id: one, action: test.flip }] }]');
    expect((await story.run(story.id)).openIntents).toEqual([]);
    story.restart();
    await story.clock.pass(1000);
    expect(await story.state(story.id)).toBe('done');
    expect(story.get('switch', 'flips')).toBe('1');
  });
});

test('a server that stops while a run ends gives back its locks all the same', async () => {
  const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]' });
  const id = await story.start();
  story.sim().faults.add({ give: 'slow', delay: '3s', verb: 'get', kind: 'ConfigMap', skip: 5, times: 1 });
  await story.approve(id);
  const ended = story.stop();
  await story.clock.pass(5000);
  await ended;
  story.restart();
  await story.clock.pass(1000);
  expect([await story.state(id), await story.locks()]).toEqual(['done', []]);
});
