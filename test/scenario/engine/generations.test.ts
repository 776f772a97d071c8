import { expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { stage } from './stage.ts';

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

test('a fact that changed between the approval and the step voids it: a new proposal says what changed, and writes under a new key', async () => {
  const { start, approve, clock, set, unset, state, run, sim, line, journal } = await stage({
    playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]',
  });
  set('base', {});
  const id = await start();
  const first = (await run(id)).plan;
  unset('base');
  await approve(id);
  await clock.pass(1000);

  expect(await state(id)).toBe('proposed');
  const second = (await run(id)).plan;
  expect([first?.generation, second?.generation]).toEqual([1, 2]);
  expect(second?.digest).not.toBe(first?.digest);
  expect(second?.steps[0]?.stepKey).not.toBe(first?.steps[0]?.stepKey);
  expect((await line(id, 'run.proposed'))['changed']).toEqual(expect.arrayContaining([expect.stringMatching(/^base was "[0-9a-f-]{36}" and is "none"$/)]));
  expect(sim().writes()).toEqual([]);

  await approve(id);
  await clock.pass(1000);
  expect(await state(id)).toBe('done');
  expect(sim().writes()).toEqual([`create ConfigMap/app/made-${second?.steps[0]?.stepKey.slice(0, 8)}`]);
  expect(findBreak(id, await journal(id))).toBeUndefined();
});

const WITH_BREAK = `
stages:
  - id: do
    steps:
      - { id: one, action: test.write }
      - { id: two, action: test.begin }
      - { id: three, action: test.write, with: { prefix: three } }
`;

test('a step that is done stays done with its key and result: a new generation plans only the others', async () => {
  const { start, approve, clock, set, run, state, sim, line } = await stage({ playbook: WITH_BREAK });
  const id = await start();
  await approve(id);
  await clock.pass(6000);
  const before = (await run(id)).steps.find(({ step }) => step === 'one');
  expect(before?.phase).toBe('done');
  set('base', {});
  set('outcome', { state: 'done' });
  await clock.pass(6000);

  expect(await state(id)).toBe('proposed');
  expect((await run(id)).plan?.steps.map(({ step }) => step)).toEqual(['three']);
  expect((await line(id, 'run.proposed'))['changed']).toEqual([expect.stringMatching(/^base was "none" and is /)]);
  expect((await run(id)).steps.find(({ step }) => step === 'one')).toEqual(before);
  await approve(id);
  await clock.pass(6000);
  expect(await state(id)).toBe('done');
  expect(plain(sim().writes())).toEqual(['create ConfigMap/app/made', 'create ConfigMap/app/begun', 'create ConfigMap/app/three']);
});

test('a fact that changed between two rounds of a long step voids the rest of it; what is left is proposed anew', async () => {
  const { start, approve, clock, set, state, run, sim, line } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.clean }] }]' });
  for (const name of ['a', 'b', 'c', 'd', 'e']) set(name, {}, { labels: { old: 'yes' } });
  const id = await start();
  await approve(id, 'ana', 'thing');
  await approve(id, 'cleo', 'thing');
  await clock.pass(5000);
  expect(sim().writes()).toEqual(['delete ConfigMap/app/a']);
  set('legal-hold', {});
  await clock.pass(10_000);
  expect(await state(id)).toBe('proposed');
  expect(sim().writes()).toHaveLength(1);
  expect((await line(id, 'run.proposed'))['changed']).toEqual(['hold was false and is true']);
  expect((await run(id)).plan?.steps[0]?.changes.map(({ object }) => object)).toEqual(['ConfigMap/app/b', 'ConfigMap/app/c']);
});

test('a plan that would do more than was approved is not begun', async () => {
  const { start, approve, clock, set, state, sim, line } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.clean }] }]' });
  for (const name of ['a', 'b', 'c']) set(name, {}, { labels: { old: 'yes' } });
  const id = await start();
  await approve(id, 'ana', 'thing');
  set('d', {}, { labels: { old: 'yes' } });
  await approve(id, 'cleo', 'thing');
  await clock.pass(1000);
  expect(await state(id)).toBe('proposed');
  expect((await line(id, 'run.proposed'))['changed']).toEqual(['it would now also delete ConfigMap/app/b']);
  expect(sim().writes()).toEqual([]);
});

test('an approval of the plan before is worth nothing, and the person is told', async () => {
  const { start, approve, tell, clock, set, state, run, line } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]' });
  const id = await start();
  const old = (await run(id)).plan?.digest ?? '';
  set('base', {});
  await approve(id);
  await clock.pass(1000);
  expect(await state(id)).toBe('proposed');
  await tell(id, { kind: 'approve', by: 'ana', plan: old, surface: 'chat' });
  expect(await state(id)).toBe('proposed');
  expect(await line(id, 'approval.refused')).toMatchObject({ by: 'ana', surface: 'chat', code: 'approval.plan-changed' });
});

test('a step that failed is proposed anew where the stage says so; the new one makes its own object, and a rollback undoes both with their own keys', async () => {
  const { start, approve, cancel, clock, set, state, run, sim } = await stage({
    playbook: 'stages: [{ id: do, onFailure: propose, steps: [{ id: one, action: test.write }] }]',
  });
  set('helps', { state: 'no' });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  expect([await state(id), (await run(id)).changed]).toEqual(['proposed', ['the last attempt failed: it did not help']]);
  expect((await run(id)).generation).toBe(2);
  await approve(id);
  await clock.pass(1000);
  await cancel(id);
  expect(await state(id)).toBe('cancelled');
  const writes = sim().writes();
  expect(plain(writes)).toEqual(['create ConfigMap/app/made', 'create ConfigMap/app/made', 'delete ConfigMap/app/made', 'delete ConfigMap/app/made']);
  expect(writes[2]?.slice(-8)).toBe(writes[1]?.slice(-8));
  expect(writes[3]?.slice(-8)).toBe(writes[0]?.slice(-8));
});

test('a plan that keeps changing is handed over instead of asked for ever', async () => {
  const { start, approve, clock, set, unset, state, pages } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]' });
  const id = await start();
  for (let at = 0; at < 10 && (await state(id)) === 'proposed'; at += 1) {
    unset('base');
    set('base', {});
    await approve(id);
    await clock.pass(1000);
  }
  expect(await state(id)).toBe('handed-over');
  expect((await pages()).at(-1)).toMatch(/^The plan kept changing: base was /);
});

test('an approval that is not used within its time is void', async () => {
  const { start, approve, clock, pause, resume, state, line, sim } = await stage({
    playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }]',
  });
  const id = await start();
  await pause();
  await approve(id);
  await clock.pass(16 * 60_000);
  expect(await state(id)).toBe('proposed');
  expect((await line(id, 'run.proposed'))['changed']).toEqual(['the approval was not used within its time']);
  await resume();
  await clock.pass(60_000);
  expect(sim().writes()).toEqual([]);
});

test('a plan of more than 500 changes is refused with the advice to split', async () => {
  const { start, state, pages } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.many, with: { count: 501 } }] }]' });
  expect(await state(await start())).toBe('handed-over');
  expect(await pages()).toEqual(['"do" cannot be planned: The plan has 501 changes, more than 500: split the work, for example by namespace']);
});

test('an empty plan asks nobody and still has a result for later stages', async () => {
  const { start, set, run, state, sim } = await stage({
    playbook: `
stages:
  - { id: do, steps: [{ id: one, action: test.set, with: { name: lamp, to: on } }] }
  - { id: undo, when: { from: steps.one.wasSet, is: false }, steps: [{ id: two, action: test.set, with: { name: lamp, to: off } }] }
`,
  });
  set('lamp', { state: 'on' });
  const id = await start();
  expect(await state(id)).toBe('done');
  expect((await run(id)).steps[0]?.result).toEqual({ before: 'on', wasSet: true });
  expect((await run(id)).locked).toBe(false);
  expect(sim().writes()).toEqual([]);
});
