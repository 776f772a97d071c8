import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function cleaning() {
  const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.clean }] }]' });
  for (const name of ['a', 'b', 'c', 'd', 'e']) story.set(name, {}, { labels: { old: 'yes' } });
  const id = await story.start();
  await story.approve(id, 'ana', 'thing');
  await story.approve(id, 'cleo', 'thing');
  return { ...story, id };
}

describe('a step in rounds', () => {
  test('is called again in its own rhythm with the same key, and nothing waits in memory between', async () => {
    const { id, clock, sim, state, run, restart, lines } = await cleaning();
    expect(sim().writes()).toEqual(['delete ConfigMap/app/a']);
    expect((await run(id)).steps[0]).toMatchObject({ phase: 'started', progress: '2 left to delete' });
    restart();
    await clock.pass(9000);
    expect(sim().writes()).toHaveLength(1);
    await clock.pass(2000);
    expect(sim().writes()).toHaveLength(2);
    await clock.pass(30_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(['delete ConfigMap/app/a', 'delete ConfigMap/app/b', 'delete ConfigMap/app/c']);
    expect((await run(id)).steps[0]?.result).toEqual({ left: 2 });
    expect((await lines(id)).filter((type) => type === 'write.intent')).toHaveLength(3);
  });

  test('is not hurried by mail', async () => {
    const { id, clock, sim, tell } = await cleaning();
    for (let at = 0; at < 5; at += 1) {
      await clock.pass(1000);
      await tell(id, { kind: 'joined', episode: `episode/${at}` });
    }
    expect(sim().writes()).toHaveLength(1);
  });

  test('checks its floor before each delete: what others deleted meanwhile is not deleted on top', async () => {
    const { id, clock, sim, unset, state } = await cleaning();
    unset('d');
    unset('e');
    await clock.pass(30_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(['delete ConfigMap/app/a']);
  });

  test('that cannot be undone says so when it is cancelled, and keeps what is left', async () => {
    const { id, cancel, clock, sim, state, line } = await cleaning();
    await cancel(id);
    await clock.pass(30_000);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toHaveLength(1);
    expect(await line(id, 'undo.impossible')).toEqual({ step: 'one', reason: 'what is deleted is gone' });
  });
});

describe('a step whose plan is dear', () => {
  const begin = async () => {
    const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.dear }] }]' });
    const id = await story.start();
    await story.approve(id);
    expect(story.sim().writes()).toEqual(['create ConfigMap/app/wave-a']);
    return { ...story, id };
  };

  test('is not planned again between its rounds, and is handed what was approved', async () => {
    const { id, set, clock, state, run } = await begin();
    set('planning', { state: 'broken' });
    await clock.pass(30_000);
    expect(await state(id)).toBe('done');
    expect((await run(id)).steps[0]?.result).toEqual({ waves: 2 });
  });

  test('is void all the same when a fact changes', async () => {
    const { id, set, clock, state, run, sim } = await begin();
    set('level', { state: 'high' });
    await clock.pass(30_000);
    expect(await state(id)).toBe('proposed');
    expect((await run(id)).changed).toEqual(['level was absent and is "high"']);
    expect(sim().writes()).toEqual(['create ConfigMap/app/wave-a']);
  });
});

async function begun(within = '1h') {
  const story = await stage({ playbook: `stages: [{ id: do, onFailure: stop, steps: [{ id: one, action: test.begin, within: ${within} }] }]` });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect((await story.run(id)).steps[0]).toMatchObject({ phase: 'observing', result: { name: expect.stringMatching(/^begun-/) } });
  return { ...story, id };
}

describe('work that goes on without us', () => {
  test('is started once, looked at over restarts, and done when it says so', async () => {
    const { id, clock, sim, set, state, run, restart } = await begun();
    set('outcome', { state: '4' });
    await clock.pass(10_000);
    restart();
    await clock.pass(10_000);
    expect((await run(id)).steps[0]?.progress).toBe('4 of 10');
    set('outcome', { state: 'done' });
    await clock.pass(10_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toHaveLength(1);
  });

  test('that fails on its own fails its step', async () => {
    const { id, clock, set, state, line, pages } = await begun();
    set('outcome', { state: 'failed' });
    await clock.pass(10_000);
    expect(await state(id)).toBe('failed');
    expect(await line(id, 'step.failed')).toEqual({ step: 'one', reason: 'it failed on its own' });
    expect(await pages()).toEqual(['it failed on its own']);
  });

  test('that takes longer than its time is too slow', async () => {
    const { id, clock, set, state, line } = await begun('10m');
    set('outcome', { state: '3' });
    await clock.pass(9 * MINUTE_MS);
    expect(await state(id)).toBe('executing');
    await clock.pass(2 * MINUTE_MS);
    expect(await state(id)).toBe('failed');
    expect(await line(id, 'step.failed')).toEqual({ step: 'one', reason: 'too slow: not finished within its time (3 of 10)' });
  });

  test('is not too slow for the time in which it was held', async () => {
    const { id, clock, set, state, hold, withoutActions } = await begun('10m');
    withoutActions('test.begin');
    await clock.pass(2 * HOUR_MS);
    expect(await hold(id)).toMatch(/^upgrade: /);
    withoutActions();
    await clock.pass(6 * MINUTE_MS);
    expect([await state(id), await hold(id)]).toEqual(['executing', undefined]);
    set('outcome', { state: 'done' });
    await clock.pass(10_000);
    expect(await state(id)).toBe('done');
  });

  test('tells six hours of moving progress in a journal that people can read', async () => {
    const { id, clock, set, run, state, lines } = await begun('7h');
    set('outcome', { state: 'moving' });
    await clock.pass(6 * HOUR_MS);
    expect(await state(id)).toBe('executing');
    const told = (await lines(id)).filter((type) => type === 'step.progress').length;
    expect(told).toBeGreaterThan(50);
    expect(told).toBeLessThan(350);
    expect(clock.nowMs() - Number((await run(id)).steps[0]?.progress?.slice('at '.length))).toBeLessThan(6000);
  });
});
