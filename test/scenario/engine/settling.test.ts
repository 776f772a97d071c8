import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const DAY_MS = 86_400_000;
const FLIP =
  'stages: [{ id: do, steps: [{ id: one, action: test.flip }] }, { id: then, steps: [{ id: two, action: test.write, with: { note: { from: steps.one.before } } }] }]';

async function unknown() {
  const story = await stage({ playbook: FLIP });
  story.set('switch', { flips: '0' });
  const id = await story.start();
  story.sim().faults.add({ give: 'lost-reply', verb: 'patch', times: 1 });
  await story.approve(id);
  await story.clock.pass(31_000);
  return { ...story, id };
}

describe('where it is not known whether a write happened, and a repeat is not harmless', () => {
  test('a person is paged, and nothing is repeated, not after a restart either', async () => {
    const { id, clock, restart, state, run, sim, pages, get } = await unknown();
    expect(await state(id)).toBe('waiting');
    expect((await run(id)).waiting).toMatchObject({ for: 'person', what: 'settle-step' });
    expect((await pages())[0]).toMatch(/^Whether "one" happened is not known: /);
    restart();
    await clock.pass(60_000);
    expect(sim().count('patch ConfigMap/app/switch')).toBe(1);
    expect(get('switch', 'flips')).toBe('1');
  });

  test('a person settles it as done: its result is absent, its word is the evidence, and the run goes on', async () => {
    const { id, clock, tell, approve, state, run, sim, line } = await unknown();
    await tell(id, { kind: 'settle', by: 'ana', surface: 'api', step: 'one', as: 'done' });
    expect(await state(id)).toBe('proposed');
    expect((await line(id, 'run.verified'))['evidence']).toEqual(['one was settled as done by a person']);
    expect((await run(id)).plan?.steps[0]?.params).toEqual({});
    await approve(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('done');
    expect(sim().count('patch ConfigMap/app/switch')).toBe(1);
  });

  test('a person settles it as not done: it is done now', async () => {
    const { id, clock, tell, state, sim, run } = await unknown();
    await tell(id, { kind: 'settle', by: 'ana', surface: 'api', step: 'one', as: 'not-done' });
    await clock.pass(1000);
    expect(await state(id)).toBe('proposed');
    expect(sim().count('patch ConfigMap/app/switch')).toBe(2);
    expect((await run(id)).steps[0]?.result).toEqual({ before: '1' });
  });

  test('a settlement of another step is refused, and the question stays', async () => {
    const { id, tell, state, line } = await unknown();
    await tell(id, { kind: 'settle', by: 'ana', surface: 'api', step: 'two', as: 'done' });
    expect(await state(id)).toBe('waiting');
    expect(await line(id, 'settle.refused')).toMatchObject({ step: 'two' });
  });

  test('nobody settles it: it is asked for again each week, and never settled by itself', async () => {
    const { id, clock, state, pages, lines } = await unknown();
    await clock.pass(8 * DAY_MS);
    expect(await state(id)).toBe('waiting');
    expect(await pages()).toHaveLength(2);
    expect((await lines(id)).length).toBeLessThan(20);
  });

  test('it can be cancelled: the undo gets no result, and finds nothing that it knows to undo', async () => {
    const { id, clock, cancel, state, sim, line } = await unknown();
    await cancel(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('cancelled');
    expect(await line(id, 'undo.done')).toMatchObject({ evidence: 'nothing is known to undo' });
    expect(sim().count('patch ConfigMap/app/switch')).toBe(1);
  });
});

describe('what is known is not asked', () => {
  test.each(['conflict', 'too-many-requests', 'unavailable'] as const)('a write that met %s is simply tried again', async (give) => {
    const { start, approve, clock, set, sim, state, get, lines } = await stage({ playbook: FLIP });
    set('switch', { flips: '0' });
    const id = await start();
    sim().faults.add({ give, verb: 'patch', times: 2 });
    await approve(id);
    await clock.pass(30_000);
    expect(await state(id)).toBe('proposed');
    expect(get('switch', 'flips')).toBe('1');
    expect((await lines(id)).filter((type) => type === 'write.intent')).toHaveLength(1);
  });

  test('a read that got no answer before the write is read again', async () => {
    const { start, approve, clock, set, sim, state } = await stage({ playbook: FLIP });
    set('switch', { flips: '0' });
    const id = await start();
    sim().faults.add({ give: 'timeout', verb: 'get', kind: 'ConfigMap', times: 4 });
    await approve(id);
    await clock.pass(30_000);
    expect(await state(id)).toBe('proposed');
  });
});

test('a crash between the request and its answer is settled by a person, too', async () => {
  const { start, approve, clock, set, sim, restart, state, line, get } = await stage({ playbook: FLIP });
  set('switch', { flips: '0' });
  const id = await start();
  sim().faults.add({ give: 'lost-reply', verb: 'patch', times: 1 });
  await approve(id);
  expect(get('switch', 'flips')).toBe('1');
  restart();
  await clock.pass(10_000);
  expect(await state(id)).toBe('waiting');
  expect(await line(id, 'step.unknown')).toEqual({ step: 'one', reason: 'Salvor stopped between the request and its answer' });
});
