import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const MINUTE_MS = 60_000;
const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

const THREE = `
stages:
  - id: do
    steps:
      - { id: one, action: test.write, with: { prefix: on-failure } }
      - { id: two, action: test.write, with: { prefix: always }, undo: always }
      - { id: three, action: test.write, with: { prefix: never }, undo: never }
  - { id: wait, await: { action: test.ready, within: 24h, otherwise: rollback } }
`;

async function done(playbook = THREE) {
  const story = await stage({ playbook });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect(await story.state(id)).toBe('waiting');
  story.sim().forgetWrites();
  return { ...story, id };
}

describe('what is undone', () => {
  test('by a rollback is every step but those that are never undone, latest first', async () => {
    const { id, cancel, sim, state } = await done();
    await cancel(id);
    expect(await state(id)).toBe('cancelled');
    expect(plain(sim().writes())).toEqual(['delete ConfigMap/app/always', 'delete ConfigMap/app/on-failure']);
  });

  test('by a stop is what is always undone', async () => {
    const { id, cancel, sim, state } = await done();
    await cancel(id, { keep: true });
    expect(await state(id)).toBe('cancelled');
    expect(plain(sim().writes())).toEqual(['delete ConfigMap/app/always']);
  });

  test('before a good end is what is always undone, too', async () => {
    const { id, clock, set, sim, state } = await done();
    set('ready', { level: '1' });
    await clock.pass(20_000);
    expect(await state(id)).toBe('done');
    expect(plain(sim().writes())).toEqual(['delete ConfigMap/app/always']);
  });

  test('is only what is still ours: who changed it since decided about it', async () => {
    const story = await stage({
      playbook: `
stages:
  - { id: do, steps: [{ id: one, action: test.set, with: { name: lamp, to: on } }] }
  - { id: wait, await: { action: test.ready, within: 24h } }
`,
    });
    story.set('lamp', { state: 'dim' });
    const id = await story.start();
    await story.approve(id);
    await story.clock.pass(1000);
    expect(story.get('lamp')).toBe('on');
    story.unset('lamp');
    story.set('lamp', { state: 'bright' });
    await story.cancel(id);
    expect(await story.state(id)).toBe('cancelled');
    expect(story.get('lamp')).toBe('bright');
    expect(await story.line(id, 'undo.done')).toMatchObject({ evidence: 'it is not ours any more' });
  });

  test('is nothing of a step that never wrote', async () => {
    const story = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.slow }, { id: two, action: test.write }] }]',
    });
    story.set('slow', {});
    const id = await story.start();
    await story.approve(id);
    await story.clock.pass(2000);
    await story.cancel(id);
    await story.clock.pass(10_000);
    expect(await story.state(id)).toBe('cancelled');
    expect(await story.line(id, 'run.closing')).toMatchObject({ undo: [] });
    expect(story.sim().writes()).toEqual([]);
  });
});

describe('an undo that fails', () => {
  test('keeps the run with its locks, is tried ever more slowly, pages once, and ends when it works', async () => {
    const { id, cancel, clock, set, unset, state, locks, pages, told, sim } = await done();
    set('stuck', { state: 'yes' });
    await cancel(id);
    await clock.pass(10 * MINUTE_MS);
    expect(await state(id)).toBe('closing');
    expect(await locks()).toHaveLength(1);
    expect(await pages()).toEqual(['An undo fails: a finalizer holds it']);
    unset('stuck');
    await clock.pass(6 * MINUTE_MS);
    expect(await state(id)).toBe('cancelled');
    expect(await locks()).toEqual([]);
    expect(sim().writes()).toHaveLength(2);
    expect((await told()).filter(({ kind }) => kind === 'calm')).toEqual([{ kind: 'calm', key: `${id}/undo` }]);
  });

  test('is written off by somebody who takes over, with the reason; the next one has its own tries and its own page', async () => {
    const { id, cancel, clock, set, tell, state, run, line, pages } = await done();
    set('stuck', { state: 'yes' });
    await cancel(id);
    await clock.pass(MINUTE_MS);
    const supersede = { kind: 'supersede', by: 'cleo', surface: 'api', reason: 'cleaned by hand' } as const;
    await tell(id, supersede);
    expect(await line(id, 'undo.written-off')).toEqual({ step: 'two', by: 'cleo', reason: 'cleaned by hand' });
    expect(await state(id)).toBe('closing');
    expect((await run(id)).closing).toMatchObject({ attempts: 1, paged: false });
    await clock.pass(MINUTE_MS);
    expect(await pages()).toHaveLength(2);
    await tell(id, supersede);
    expect(await state(id)).toBe('cancelled');
    expect((await run(id)).steps.map(({ phase }) => phase)).toEqual(['written-off', 'written-off', 'done']);
  });

  test('is not written off before it was tried', async () => {
    const { id, cancel, clock, pause, tell, state, lines } = await done();
    await pause();
    await cancel(id);
    await tell(id, { kind: 'supersede', by: 'cleo', surface: 'api', reason: 'impatience' });
    await clock.pass(MINUTE_MS);
    expect(await state(id)).toBe('closing');
    expect(await lines(id)).not.toContain('undo.written-off');
  });

  test('because the API server is away is tried again', async () => {
    const { id, cancel, clock, sim, state } = await done();
    sim().faults.add({ give: 'unavailable', verb: 'write', lasts: '5m' });
    await cancel(id);
    await clock.pass(4 * MINUTE_MS);
    expect(await state(id)).toBe('closing');
    await clock.pass(6 * MINUTE_MS);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toHaveLength(2);
  });

  test('may take its time in rounds', async () => {
    const { id, cancel, clock, set, unset, state, run } = await done();
    set('stuck', { state: 'slow' });
    await cancel(id);
    await clock.pass(MINUTE_MS);
    expect((await run(id)).steps[1]).toMatchObject({ phase: 'undoing', progress: 'it takes a while' });
    unset('stuck');
    await clock.pass(MINUTE_MS);
    expect(await state(id)).toBe('cancelled');
  });
});

test('evidence of a failure is kept as long as the playbook says, and then cleaned up; a good end cleans up at once', async () => {
  const playbook = `
stages:
  - { id: do, steps: [{ id: one, action: test.write, undo: always, keepOnFailure: 4h }] }
  - { id: proof, await: { action: test.ready, within: 10m, otherwise: stop } }
`;
  const failed = await done(playbook);
  await failed.clock.pass(11 * MINUTE_MS);
  expect(await failed.state(failed.id)).toBe('closing');
  await failed.clock.pass(3 * 60 * MINUTE_MS);
  failed.restart();
  expect(failed.sim().writes()).toEqual([]);
  await failed.clock.pass(61 * MINUTE_MS);
  expect(await failed.state(failed.id)).toBe('failed');
  expect(plain(failed.sim().writes())).toEqual(['delete ConfigMap/app/made']);

  const good = await done(playbook);
  good.set('ready', { level: '1' });
  await good.clock.pass(MINUTE_MS);
  expect(await good.state(good.id)).toBe('done');
  expect(plain(good.sim().writes())).toEqual(['delete ConfigMap/app/made']);
});

test('what cannot be undone is named, and the rest is undone', async () => {
  const story = await stage({
    playbook: `
stages:
  - { id: do, steps: [{ id: one, action: test.write }, { id: two, action: test.begin }] }
  - { id: wait, await: { action: test.ready, within: 24h } }
`,
  });
  story.set('outcome', { state: 'done' });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(10_000);
  await story.cancel(id);
  expect(await story.state(id)).toBe('cancelled');
  expect(await story.line(id, 'undo.impossible')).toEqual({ step: 'two', reason: 'what has begun goes on' });
  expect(plain(story.sim().writes()).at(-1)).toBe('delete ConfigMap/app/made');
});
