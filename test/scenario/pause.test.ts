import { expect, test } from 'vitest';
import { DAILY_FAILED, failedNight, openScene } from './scene.ts';

const CLEAN = `
summary: Delete what is old, but for two.
params: { thing: { type: text } }
target: { from: params.thing }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: clean
    steps: [{ id: clean, action: test.clean }]
`;

const oldThings = (count: number) => ({
  world: {
    namespaces: ['app'],
    objects: Array.from({ length: count }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'app', name: `old-${index}`, labels: { old: 'yes' } },
    })),
  },
  playbooks: { 'things-clean': CLEAN },
});

/** Three deletions, ten seconds apart, approved and begun. */
async function cleaning() {
  const scene = openScene(oldThings(5));
  await scene.start('ana', 'things-clean', { thing: 'shelf' });
  await scene.pass('5s');
  await scene.approve('ben', { confirmation: 'shelf' });
  await scene.approve('cleo', { confirmation: 'shelf' });
  await scene.pass('1s');
  return scene;
}

test('paused between two writes, the second waits, is told to wait, and comes when somebody resumes', async () => {
  const { as, pass, run, writes, timeline, chat, pages } = await cleaning();
  expect(writes()).toEqual(['delete ConfigMap/app/old-0']);

  const paused = await as('ana', (commands, ana) => commands.pause(ana, { reason: 'the storage team works' }));
  expect(paused.items).toEqual([expect.objectContaining({ cluster: 'prod', by: 'ana', reason: 'the storage team works' })]);
  await pass('20m');
  expect(writes()).toEqual(['delete ConfigMap/app/old-0']);
  expect(await run()).toMatchObject({ state: 'executing', locked: true, hold: { gate: 'pause', reason: expect.stringContaining('the storage team works') } });
  expect(await as('cleo', (commands, cleo) => commands.pauses(cleo))).toEqual(paused);
  expect((await timeline()).filter((line) => line.startsWith('Held by pause: '))).toHaveLength(1);

  const resumed = await as('ben', (commands, ben) => commands.resume(ben, {}));
  expect(resumed.items).toEqual([]);
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toEqual(['delete ConfigMap/app/old-0', 'delete ConfigMap/app/old-1', 'delete ConfigMap/app/old-2']);
  expect(chat().filter((line) => line.startsWith('clean is done'))).toHaveLength(1);
  expect(pages()).toEqual([]);
});

test('a pause survives a kill, and one for a while ends by itself', async () => {
  const { as, kill, pass, run, writes } = await cleaning();
  await as('ana', (commands, ana) => commands.pause(ana, { reason: 'a quarter of quiet', forMs: 900_000 }));
  kill();
  await pass('14m');
  expect(writes()).toHaveLength(1);
  expect(await run()).toMatchObject({ hold: { gate: 'pause' } });
  await pass('2m');
  expect(await as('ana', (commands, ana) => commands.pauses(ana))).toEqual({ items: [] });
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(3);
});

test('while all is paused, alerts are diagnosed and people decide; only writing waits', async () => {
  const { as, alert, pass, approve, run, proposals, writes } = openScene({ world: failedNight('server-restarted') });
  await as('ana', (commands, ana) => commands.pause(ana, { reason: 'a release' }));
  await alert(DAILY_FAILED);
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'proposed', hold: { gate: 'pause' } });
  expect(proposals()).toHaveLength(1);
  await approve('ana');
  await pass('10m');
  expect(writes()).toEqual([]);
  await as('ana', (commands, ana) => commands.resume(ana, {}));
  await pass('5m');
  expect(writes()).toHaveLength(1);
  expect(await run()).toMatchObject({ state: 'done' });
});

test('a pause of one playbook holds that one alone', async () => {
  const { as, alert, start, pass, approve, runs, writes } = openScene({
    world: { ...failedNight('server-restarted'), ...oldThings(3).world, namespaces: ['shop', 'app'] },
    playbooks: { 'things-clean': CLEAN },
  });
  await as('ana', (commands, ana) => commands.pause(ana, { playbook: 'things-clean', reason: 'it deletes too much' }));
  await start('ana', 'things-clean', { thing: 'shelf' });
  await alert(DAILY_FAILED);
  await pass('1m');
  for (const run of await runs())
    for (const person of run.playbook === 'things-clean' ? ['ben', 'cleo'] : ['ana']) await approve(person, { run, confirmation: 'shelf' });
  await pass('5m');
  expect(writes()).toEqual([expect.stringMatching(/^create Backup/)]);
  expect((await runs('things-clean'))[0]).toMatchObject({ hold: { gate: 'pause', reason: expect.stringContaining('it deletes too much') } });
});

/** It has written when it waits: what is called off then is undone. */
const MAKE_ONE = {
  'make-one': `
summary: Make a thing, then wait.
params: { thing: { type: text } }
target: { from: params.thing }
diagnose: [{ id: look, action: test.look }]
stages:
  - id: make
    steps: [{ id: one, action: test.write }]
  - id: wait
    await: { action: test.ready, within: 4h }
`,
};

test('an undo that a pause holds pages people, and is done when it is over', async () => {
  const { start, as, pass, approve, run, writes, pages } = openScene({ world: { namespaces: ['app'] }, playbooks: MAKE_ONE });
  await start('ana', 'make-one', { thing: 'shelf' });
  await pass('5s');
  await approve('ana');
  await pass('10s');
  await as('ana', (commands, ana) => commands.pause(ana, { reason: 'hands off' }));
  const { id } = await run();
  await as('ana', (commands, ana) => commands.cancel(ana, id, { reason: 'enough' }));
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'closing', hold: { gate: 'pause' }, locked: true });
  expect(writes()).toHaveLength(1);
  expect(pages()).toEqual(['12:00 platform-primary']);

  await as('ana', (commands, ana) => commands.resume(ana, {}));
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'cancelled', locked: false });
  expect(writes()).toEqual([expect.stringMatching(/^create ConfigMap/), expect.stringMatching(/^delete ConfigMap/)]);
});

test('who has not the right to pause pauses nothing', async () => {
  const { as } = openScene({ world: {} });
  await expect(as('cleo', (commands, cleo) => commands.pause(cleo, { reason: 'I say so' }))).rejects.toMatchObject({ code: 'request.forbidden' });
  expect(await as('cleo', (commands, cleo) => commands.pauses(cleo))).toEqual({ items: [] });
});

test('frozen by hand between two writes, the next waits; what is half done is undone all the same, and the freeze ends by itself', async () => {
  const { as, pass, run, writes, kill, clock } = await cleaning();
  const untilMs = clock.nowMs() + 900_000;
  const { freezes } = await as('ana', (commands, ana) => commands.freeze(ana, { name: 'storage-move', reason: 'the storage team works', untilMs }));
  expect(freezes).toEqual([expect.objectContaining({ cluster: 'prod', name: 'storage-move', by: 'ana', until: untilMs })]);
  kill();
  await pass('14m');
  expect(writes()).toHaveLength(1);
  expect(await run()).toMatchObject({ state: 'executing', hold: { gate: 'freeze', reason: expect.stringContaining('ana froze prod ("storage-move")') } });
  await pass('2m');
  expect(await as('ana', (commands, ana) => commands.pauses(ana))).toEqual({ items: [] });
  expect(await run()).toMatchObject({ state: 'done' });
  expect(writes()).toHaveLength(3);
});

test('an undo goes out while its cluster is frozen by hand', async () => {
  const { start, as, pass, approve, run, writes, clock } = openScene({ world: { namespaces: ['app'] }, playbooks: MAKE_ONE });
  await start('ana', 'make-one', { thing: 'shelf' });
  await pass('5s');
  await approve('ana');
  await pass('10s');
  await as('ana', (commands, ana) => commands.freeze(ana, { name: 'x', reason: 'hands off', untilMs: clock.nowMs() + 3_600_000 }));
  const { id } = await run();
  await as('ana', (commands, ana) => commands.cancel(ana, id, { reason: 'enough' }));
  await pass('1m');
  expect(await run()).toMatchObject({ state: 'cancelled', locked: false });
  expect(writes()).toEqual([expect.stringMatching(/^create ConfigMap/), expect.stringMatching(/^delete ConfigMap/)]);
});

test('a freeze is ended by its name, by whoever may pause; another of the same cluster stays', async () => {
  const { as, clock, pass, writes } = await cleaning();
  const untilMs = clock.nowMs() + 36_000_000;
  await as('ana', (commands, ana) => commands.freeze(ana, { name: 'one', reason: 'a', untilMs }));
  await as('ben', (commands, ben) => commands.freeze(ben, { name: 'two', cluster: 'prod', reason: 'b', untilMs }));
  await expect(as('cleo', (commands, cleo) => commands.unfreeze(cleo, { name: 'one' }))).rejects.toMatchObject({ code: 'request.forbidden' });
  await expect(as('cleo', (commands, cleo) => commands.freeze(cleo, { name: 'x', reason: 'c', untilMs }))).rejects.toMatchObject({ code: 'request.forbidden' });
  await expect(as('ana', (commands, ana) => commands.unfreeze(ana, { name: 'onw' }))).rejects.toThrow('There is no freeze "onw" there. By hand: "one", "two"');
  expect((await as('ana', (commands, ana) => commands.unfreeze(ana, { name: 'one' }))).freezes).toMatchObject([{ name: 'two', by: 'ben', reason: 'b' }]);
  await pass('1h');
  expect(writes()).toHaveLength(1);
  expect(await as('ana', (commands, ana) => commands.unfreeze(ana, { name: 'two', cluster: 'prod' }))).toEqual({ items: [] });
  await pass('1m');
  expect(writes()).toHaveLength(3);
});
