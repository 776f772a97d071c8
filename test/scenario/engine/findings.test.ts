import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const HOUR_MS = 3_600_000;

const LOOK_THEN_WRITE = `
diagnose: [{ id: look, action: test.look }]
stages: [{ id: do, steps: [{ id: write, action: test.write }] }]
`;

test('a finding to wait parks the run, looks again by itself, and goes on when the world has changed', async () => {
  const { start, clock, set, unset, state, run, lines } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { kind: 'wait' });
  const id = await start();
  expect(await state(id)).toBe('waiting');
  expect((await run(id)).waiting).toMatchObject({ for: 'world', what: 'finding', reason: 'the storage is away' });

  await clock.pass(2 * HOUR_MS);
  expect(await state(id)).toBe('waiting');
  unset('finding');
  await clock.pass(30_000);
  expect(await state(id)).toBe('proposed');
  expect(await lines(id)).toEqual(['run.queued', 'run.started', 'run.diagnosed', 'run.waiting', 'run.diagnosed', 'run.proposed']);
});

test('patience is counted from the first wait in a row: then a person takes over, and is paged', async () => {
  const { start, clock, set, state, pages } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { kind: 'wait' });
  const id = await start();
  await clock.pass(3 * HOUR_MS - 40_000);
  set('finding', { kind: 'wait', reason: 'the storage is still away' });
  expect(await state(id)).toBe('waiting');
  await clock.pass(60_000);
  expect(await state(id)).toBe('handed-over');
  expect(await pages()).toEqual(['Waited in vain: the storage is still away']);
});

test('patience ends also while the diagnosis cannot be made', async () => {
  const { start, clock, set, sim, state, pages } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { kind: 'wait' });
  const id = await start();
  sim().faults.add({ give: 'unavailable' });
  await clock.pass(3 * HOUR_MS + 2 * 60_000);
  expect(await state(id)).toBe('handed-over');
  expect((await pages()).at(-1)).toBe('Waited in vain: the storage is away');
});

test('an alert that ends while the run waits is looked at: it goes on waiting, or has recovered', async () => {
  const { start, resolve, set, state, lines } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { kind: 'wait' });
  const id = await start();
  await resolve(id);
  expect(await state(id)).toBe('waiting');
  set('finding', { kind: 'recovered' });
  await resolve(id);
  expect(await state(id)).toBe('recovered');
  expect(await lines(id, 'alert.resolved')).toEqual(['alert.resolved', 'run.diagnosed', 'run.closing', 'run.ended']);
});

test('a finding to hand over pages people with the reason, keeps what it knows and touches nothing', async () => {
  const { start, set, state, run, sim, pages, line } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { kind: 'hand-over' });
  const id = await start();
  expect(await state(id)).toBe('handed-over');
  expect(await pages()).toEqual(['wrong credentials']);
  expect(await line(id, 'run.diagnosed')).toMatchObject({ hints: ['renew the secret'], evidence: ['the story says hand-over'] });
  expect((await run(id)).diagnosis['look']).toEqual({ kind: 'hand-over', answers: true });
  expect(sim().writes()).toEqual([]);
});

test('recovered rolls back what the run did, over its stages, and ends', async () => {
  const story = await stage({
    playbook: `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: first, steps: [{ id: write, action: test.write }] }
  - { id: second, steps: [{ id: more, action: test.write, with: { prefix: more } }] }
`,
  });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect(await story.state(id)).toBe('proposed');
  expect(story.sim().writes()).toHaveLength(1);

  story.set('finding', { kind: 'recovered' });
  await story.resolve(id);
  await story.clock.pass(1000);
  expect(await story.state(id)).toBe('recovered');
  expect(story.sim().writes()).toEqual([expect.stringMatching(/^create ConfigMap\/app\/made-/), expect.stringMatching(/^delete ConfigMap\/app\/made-/)]);
  expect(await story.lines(id, 'run.closing')).toEqual(['run.closing', 'write.intent', 'write.outcome', 'undo.done', 'run.ended']);
});

test('of several diagnoses the first that is not act decides, later ones see the facts of earlier ones, and those behind it are not asked', async () => {
  const { start, set, run, state } = await stage({
    playbook: `
diagnose:
  - { id: first, action: test.look }
  - { id: second, action: test.look, with: { name: other, level: { from: diagnosis.first.level }, hint: { from: diagnosis.first.kind } } }
  - { id: third, action: test.look, with: { name: third } }
stages: [{ id: do, steps: [{ id: write, action: test.write }] }]
`,
  });
  set('finding', { level: '7' });
  set('other', { kind: 'wait' });
  set('third', { kind: 'recovered' });
  const id = await start();
  expect(await state(id)).toBe('waiting');
  expect(Object.keys((await run(id)).diagnosis)).toEqual(['first', 'second']);
  expect((await run(id)).diagnosis['second']).toMatchObject({ kind: 'wait', hint: 'act' });
});

test('a diagnosis that cannot be made for good hands over with the reason, one that cannot be made for now is made again', async () => {
  const { start, clock, sim, state, run, pages, lines } = await stage({ playbook: LOOK_THEN_WRITE });
  sim().faults.add({ give: 'unavailable', kind: 'ConfigMap', times: 3 });
  const id = await start();
  expect(await state(id)).toBe('diagnosing');
  await clock.pass(10_000);
  expect(await state(id)).toBe('proposed');
  expect(await lines(id)).toEqual(['run.queued', 'run.started', 'run.trouble', 'run.diagnosed', 'run.proposed']);
  expect((await run(id)).refusals).toBe(0);

  sim().faults.add({ give: 'forbidden', kind: 'ConfigMap' });
  const other = await start('other');
  expect(await state(other)).toBe('handed-over');
  expect((await pages()).at(-1)).toMatch(/^The diagnosis test.look could not be made: .*may not get configmaps in app/);
});

test('the time of the fact itself begins the clocks where the diagnosis knows it', async () => {
  const { start, set, run, clock } = await stage({ playbook: LOOK_THEN_WRITE });
  set('finding', { factTimeMs: String(clock.nowMs() - 90_000) });
  const id = await start();
  expect((await run(id)).measured.factTimeMs).toBe(clock.nowMs() - 90_000);
});
