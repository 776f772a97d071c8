import { expect, test } from 'vitest';
import { stage } from './stage.ts';

const HOUR_MS = 3_600_000;

const waitFor = (rest: string): string => `
stages:
  - { id: first, steps: [{ id: write, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }] }
  - { id: back, await: { action: test.ready, within: 2h, ${rest} } }
  - { id: last, steps: [{ id: more, action: test.write, with: { prefix: more, level: { from: checks.back.level } } }] }
`;

async function waiting(rest: string) {
  const story = await stage({ playbook: waitFor(rest) });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect(await story.state(id)).toBe('waiting');
  story.sim().forgetWrites();
  return { ...story, id };
}

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

test('an await holds nothing, looks in its rhythm over a restart, and goes on with the facts of its check', async () => {
  const { id, clock, restart, set, state, run, lines } = await waiting('every: 1m');
  await clock.pass(HOUR_MS);
  restart();
  await clock.pass(30 * 60_000);
  expect(await state(id)).toBe('waiting');
  set('ready', { level: '9' });
  await clock.pass(60_000);
  expect(await state(id)).toBe('proposed');
  expect((await run(id)).plan?.steps[0]?.params['level']).toBe(9);
  expect(await lines(id, 'await.started')).toEqual(['await.started', 'await.waiting', 'await.done', 'run.proposed']);
});

test('a recovery point that an await measures is kept for the report', async () => {
  const { id, clock, set, run } = await waiting('every: 1m');
  set('ready', { level: '1', recoveryPointMs: '12345' });
  await clock.pass(60_000);
  expect((await run(id)).measured.recoveryPointMs).toBe(12_345);
});

test.each([
  ['stop', 'failed', ['delete ConfigMap/app/kept']],
  ['rollback', 'rolled-back', ['delete ConfigMap/app/kept', 'delete ConfigMap/app/made']],
  ['hand-over', 'handed-over', ['delete ConfigMap/app/kept']],
])('when its time is over, otherwise %s ends it %s, pages, and undoes what it must', async (otherwise, end, undone) => {
  const { id, clock, state, sim, pages } = await waiting(`otherwise: ${otherwise}`);
  await clock.pass(2 * HOUR_MS + 20_000);
  expect(await state(id)).toBe(end);
  expect(plain(sim().writes())).toEqual(undone);
  expect(await pages()).toEqual(['Waited in vain: ready is not there yet']);
});

test('escalate starts the ladder, waits one more time, and then hands over; a yes in between calms the ladder', async () => {
  const { id, clock, state, pages } = await waiting('otherwise: escalate');
  await clock.pass(2 * HOUR_MS + 20_000);
  expect(await state(id)).toBe('waiting');
  expect(await pages()).toEqual(['Still waiting: ready is not there yet']);
  await clock.pass(2 * HOUR_MS);
  expect(await state(id)).toBe('handed-over');
  expect(await pages()).toHaveLength(2);

  const other = await waiting('otherwise: escalate');
  await other.clock.pass(2 * HOUR_MS + 20_000);
  other.set('ready', { level: '1' });
  await other.clock.pass(20_000);
  expect(await other.state(other.id)).toBe('proposed');
  const keys = (await other.told()).flatMap((mail) => (mail.kind === 'escalate' || mail.kind === 'calm' ? [`${mail.kind} ${mail.key}`] : []));
  expect(keys).toEqual([`escalate ${other.id}/back`, `calm ${other.id}/back`]);
});

test('a check that can no longer become true is not waited for', async () => {
  const { id, clock, set, state, pages } = await waiting('otherwise: escalate');
  set('ready', { never: 'yes' });
  await clock.pass(20_000);
  expect(await state(id)).toBe('handed-over');
  expect(await pages()).toEqual(['ready can never be']);
});

test('a resolved alert changes nothing in an await: it may be our own work', async () => {
  const { id, resolve, set, state, clock } = await waiting('every: 1m');
  set('finding', { kind: 'recovered' });
  await resolve(id);
  await clock.pass(2000);
  expect(await state(id)).toBe('waiting');
});

test('an API server that is away for a while is no answer, and tells once', async () => {
  const { id, clock, sim, set, state, lines } = await waiting('every: 15s');
  set('ready', { level: '1' });
  sim().faults.add({ give: 'unavailable', lasts: '10m' });
  await clock.pass(9 * 60_000);
  expect(await state(id)).toBe('waiting');
  await clock.pass(2 * 60_000);
  expect(await state(id)).toBe('proposed');
  expect(await lines(id, 'await.started')).toEqual(['await.started', 'await.waiting', 'await.waiting', 'await.done', 'run.proposed']);
});

test('a day of a reason that changes with every look is told ever more rarely', async () => {
  const story = await stage({ playbook: 'stages: [{ id: back, await: { action: test.ready, within: 24h, every: 15s } }]' });
  story.set('ready', { counts: 'yes' });
  const id = await story.start();
  await story.clock.pass(23 * HOUR_MS);
  expect(await story.state(id)).toBe('waiting');
  const told = (await story.lines(id)).filter((type) => type === 'await.waiting').length;
  expect(told).toBeGreaterThan(50);
  expect(told).toBeLessThan(400);
});
