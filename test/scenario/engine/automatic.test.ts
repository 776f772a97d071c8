import { expect, test } from 'vitest';
import type { Policy } from '../../../src/model/policy.ts';
import { policy as sample } from '../../unit/run/samples.ts';
import { stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const auto = (count: number, action = 'test.write'): Partial<Policy> => ({
  approvals: { ...sample.approvals, auto: [{ action, limit: { count, perMs: HOUR_MS } }] },
});
const ONE = 'diagnose: [{ id: look, action: test.look }]\nstages: [{ id: do, steps: [{ id: one, action: test.write }] }]';
const SETTLING = 'diagnose: [{ id: look, action: test.look }]\nstages: [{ id: do, settle: 60s, steps: [{ id: one, action: test.write }] }]';

test('what the policy lists starts by itself, and nobody is asked', async () => {
  const { start, state, lines, sim } = await stage({ playbook: ONE, policy: auto(3) });
  const id = await start();
  expect(await state(id)).toBe('done');
  expect(sim().writes()).toHaveLength(1);
  expect((await lines(id)).filter((type) => type.startsWith('approval.'))).toEqual([]);
});

test('one step that is not listed makes people decide about all of them', async () => {
  const { start, state, set } = await stage({
    playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }, { id: two, action: test.set, with: { name: lamp, to: on } }] }]',
    policy: auto(3),
  });
  set('lamp', {});
  expect(await state(await start())).toBe('proposed');
});

test('what cannot be taken back is not automatic by its action alone', async () => {
  const { start, state, set } = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.clean }] }]', policy: auto(3, 'test.clean') });
  for (const name of ['a', 'b', 'c']) set(name, {}, { labels: { old: 'yes' } });
  expect(await state(await start())).toBe('proposed');
});

test('its limit holds the one too many, and lets it go in the next hour', async () => {
  const { start, clock, state, hold, sim } = await stage({ playbook: ONE, policy: auto(2) });
  const [first, second, third] = [await start('a'), await start('b'), await start('c')];
  expect([await state(first), await state(second), await state(third)]).toEqual(['done', 'done', 'executing']);
  expect(await hold(third)).toMatch(/^budget: The limit of automatic changes on prod is reached for now/);
  await clock.pass(59 * 60_000);
  expect(sim().writes()).toHaveLength(2);
  await clock.pass(2 * 60_000);
  expect(await state(third)).toBe('done');
});

test('every stage of a run counts, and a look that was held counts once', async () => {
  const { start, clock, state, store, pause, resume } = await stage({
    playbook: `
stages:
  - { id: first, steps: [{ id: one, action: test.write }] }
  - { id: second, steps: [{ id: two, action: test.write, with: { prefix: two } }] }
`,
    policy: auto(5),
  });
  await pause();
  const id = await start();
  await clock.pass(60_000);
  await resume();
  await clock.pass(10_000);
  expect(await state(id)).toBe('done');
  const window = `auto/test.write/${clock.nowMs() - (clock.nowMs() % HOUR_MS)}`;
  expect(await store().counts('prod', [window])).toEqual([2]);
});

test('a stage whose limit is reached in the middle of a run holds there', async () => {
  const { start, state, hold, run } = await stage({
    playbook: `
stages:
  - { id: first, steps: [{ id: one, action: test.write }] }
  - { id: second, steps: [{ id: two, action: test.write, with: { prefix: two } }] }
`,
    policy: auto(1),
  });
  const id = await start();
  expect([await state(id), (await run(id)).plan?.stage]).toEqual(['executing', 'second']);
  expect(await hold(id)).toMatch(/^budget: /);
});

test('a policy that no longer lets it start by itself makes it a proposal for people', async () => {
  const { start, clock, setPolicy, pause, resume, state, line, sim } = await stage({ playbook: ONE, policy: auto(2) });
  await pause();
  const id = await start();
  setPolicy({ approvals: sample.approvals });
  await resume();
  await clock.pass(10_000);
  expect(await state(id)).toBe('proposed');
  expect(await line(id, 'run.proposed')).toMatchObject({ changed: ['the policy no longer lets it start by itself'] });
  expect(sim().writes()).toEqual([]);
});

test('before an automatic change it settles, looks again, and starts only where it is still so', async () => {
  const { start, clock, state, sim, lines } = await stage({ playbook: SETTLING, policy: auto(3) });
  const id = await start();
  expect(await state(id)).toBe('waiting');
  await clock.pass(59_000);
  expect(sim().writes()).toEqual([]);
  await clock.pass(2000);
  expect(await state(id)).toBe('done');
  expect(await lines(id)).toEqual(expect.arrayContaining(['run.waiting', 'run.proposed', 'run.executing']));
});

test('what recovers while it settles ends recovered, and nothing was written', async () => {
  const { start, clock, set, state, sim } = await stage({ playbook: SETTLING, policy: auto(3) });
  const id = await start();
  set('finding', { kind: 'recovered' });
  await clock.pass(61_000);
  expect(await state(id)).toBe('recovered');
  expect(sim().writes()).toEqual([]);
});

test('an alert that ends while it settles is looked at, and does not cut the settling short', async () => {
  const { start, resolve, clock, set, state } = await stage({ playbook: SETTLING, policy: auto(3) });
  const id = await start();
  await clock.pass(10_000);
  await resolve(id);
  await clock.pass(10_000);
  expect(await state(id)).toBe('waiting');
  set('finding', { kind: 'recovered' });
  await resolve(id);
  expect(await state(id)).toBe('recovered');
});

test('people are asked at once: settling is for what starts by itself', async () => {
  const { start, state } = await stage({ playbook: SETTLING });
  expect(await state(await start())).toBe('proposed');
});
