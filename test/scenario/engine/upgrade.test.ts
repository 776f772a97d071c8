import { describe, expect, test } from 'vitest';
import { blobId } from '../../../src/model/identity.ts';
import { stage } from './stage.ts';

const LONG = 'diagnose: [{ id: look, action: test.look }]\nstages: [{ id: do, steps: [{ id: one, action: test.begin }], verify: [{ action: test.ready }] }]';

describe('an action that left the catalog', () => {
  test.each(['test.look', 'test.begin', 'test.ready'])('holds the run where it needs %s, and lets it go on when it is back', async (action) => {
    const { start, approve, clock, set, state, hold, restart, withoutActions, sim } = await stage({ playbook: LONG });
    set('outcome', { state: 'done' });
    set('ready', { level: '1' });
    withoutActions(action);
    const id = await start();
    await approve(id);
    await clock.pass(60_000);
    await approve(id);
    await clock.pass(60_000);
    expect(await hold(id)).toMatch(new RegExp(`^upgrade: The action ${action} \\(\\w+\\) is not in the catalog of this version$`));
    withoutActions();
    restart();
    await clock.pass(60_000);
    if ((await state(id)) === 'proposed') await approve(id);
    await clock.pass(60_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toHaveLength(1);
  });

  test('holds an undo as well, and never gives up on it', async () => {
    const { start, approve, cancel, clock, state, hold, withoutActions, sim } = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }, { id: back, await: { action: test.ready, within: 24h } }]',
    });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    withoutActions('test.write');
    await cancel(id);
    await clock.pass(600_000);
    expect([await state(id), await hold(id)]).toEqual(['closing', expect.stringMatching(/^upgrade: The action test.write/)]);
    withoutActions();
    await clock.pass(60_000);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toHaveLength(2);
  });
});

test('a run follows the text that it started with', async () => {
  const { start, run, store } = await stage({ playbook: LONG });
  const id = await start();
  const { playbookDigest } = await run(id);
  expect((await store().get('prod', blobId(playbookDigest)))?.value).toContain('action: test.begin');
});

describe('a text that is lost', () => {
  async function lost() {
    const story = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }, { id: back, await: { action: test.ready, within: 24h } }]',
    });
    const id = await story.start();
    await story.approve(id);
    await story.clock.pass(1000);
    const blob = blobId((await story.run(id)).playbookDigest);
    const record = await story.store().get('prod', blob);
    return { ...story, id, blob, text: record?.value ?? null, seq: record?.seq ?? 0 };
  }

  test('holds the run with the reason, and the run goes on when it is there again', async () => {
    const { id, blob, seq, text, store, clock, hold, state, set } = await lost();
    await store().commit({ partition: 'prod', opId: 'gone', guards: [{ is: 'seq', id: blob, seq }], changes: [{ do: 'delete', id: blob }] });
    set('ready', { level: '1' });
    await clock.pass(120_000);
    expect(await hold(id)).toMatch(/^upgrade: Salvor cannot go on with this run: the text of story \([0-9a-f]{8}\) is not in the store$/);
    await store().commit({
      partition: 'prod',
      opId: 'back',
      guards: [{ is: 'absent', id: blob }],
      changes: [{ do: 'put', id: blob, kind: 'blob', value: text }],
    });
    await clock.pass(120_000);
    expect([await state(id), await hold(id)]).toEqual(['done', undefined]);
  });

  test('does not keep people from ending the run, which undoes what it did', async () => {
    const { id, blob, seq, store, clock, cancel, state, sim } = await lost();
    await store().commit({ partition: 'prod', opId: 'gone', guards: [{ is: 'seq', id: blob, seq }], changes: [{ do: 'delete', id: blob }] });
    await clock.pass(120_000);
    await cancel(id);
    await clock.pass(1000);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toHaveLength(2);
  });
});

test('what a run stored and this version no longer takes holds it, and nothing is undone for it', async () => {
  const { start, approve, clock, store, run, state, hold, set, sim } = await stage({ playbook: LONG });
  const id = await start();
  await approve(id);
  await clock.pass(1000);
  const before = await run(id);
  const record = await store().get('prod', id);
  const steps = before.steps.map((step) => ({ ...step, result: { title: 'of another version' } }));
  await store().commit({
    partition: 'prod',
    opId: 'older',
    guards: [{ is: 'seq', id, seq: record?.seq ?? 0 }],
    changes: [{ do: 'put', id, kind: 'run', indexed: record?.indexed ?? {}, dueMs: clock.nowMs(), value: { ...before, steps } }],
  });
  set('outcome', { state: 'done' });
  await clock.pass(60_000);
  expect([await state(id), await hold(id)]).toEqual([
    'executing',
    expect.stringMatching(/^upgrade: What the run has stored no longer fits this version: .*name/),
  ]);
  expect(sim().writes()).toHaveLength(1);
});

describe('a run that waits for a person while the catalog loses what it needs later', () => {
  const LATER = `
stages:
  - { id: sure, ask: { text: Go on?, role: approver, answer: { type: yes-no, goOn: [true] }, within: 24h, remind: 1h } }
  - { id: do, steps: [{ id: one, action: test.begin }] }
`;

  test('is held as soon as it is looked at, says why once, pages when it lasts, and goes on by itself when it is there again', async () => {
    const { start, clock, tell, hold, state, lines, pages, told, withoutActions, answer, approve, set } = await stage({ playbook: LATER });
    set('outcome', { state: 'done' });
    const id = await start();
    withoutActions('test.begin');
    await tell(id, { kind: 'look', why: 'Salvor was started' });
    expect([await state(id), await hold(id)]).toEqual(['waiting', 'upgrade: The action test.begin (remediation) is not in the catalog of this version']);
    await clock.pass(3 * 3_600_000);
    expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
    expect(await lines(id)).toContain('ask.reminded');
    expect(await pages()).toEqual([expect.stringMatching(/^Held for too long: The action test.begin/)]);

    withoutActions();
    await tell(id, { kind: 'look', why: 'the configuration was read again' });
    expect([await state(id), await hold(id)]).toEqual(['waiting', undefined]);
    expect(await lines(id)).toContain('run.fits');
    expect((await told()).filter(({ kind }) => kind === 'calm')).toHaveLength(1);
    await answer(id, 'sure', true);
    await approve(id);
    await clock.pass(60_000);
    expect(await state(id)).toBe('done');
  });

  test('takes the answer, and goes no further', async () => {
    const { start, answer, hold, state, run, withoutActions, sim } = await stage({ playbook: LATER });
    const id = await start();
    withoutActions('test.begin');
    await answer(id, 'sure', true);
    expect([await state(id), await hold(id)]).toEqual(['diagnosing', expect.stringMatching(/^upgrade: The action test.begin/)]);
    expect((await run(id)).answers['sure']).toMatchObject({ value: true });
    expect(sim().writes()).toEqual([]);
  });

  test('can be cancelled', async () => {
    const { start, cancel, hold, state, withoutActions } = await stage({ playbook: LATER });
    const id = await start();
    withoutActions('test.begin');
    await cancel(id);
    expect([await state(id), await hold(id)]).toEqual(['cancelled', undefined]);
  });
});

test('a proposal shows that it does not fit, an approval starts nothing, and what was approved is done when it fits again', async () => {
  const { start, approve, clock, tell, hold, state, withoutActions, set, sim } = await stage({ playbook: LONG });
  set('outcome', { state: 'done' });
  set('ready', { level: '1' });
  const id = await start();
  withoutActions('test.ready');
  await tell(id, { kind: 'look', why: 'Salvor was started' });
  expect([await state(id), await hold(id)]).toEqual(['proposed', expect.stringMatching(/^upgrade: The action test.ready/)]);
  await approve(id);
  await clock.pass(60_000);
  expect([await state(id), await hold(id), sim().writes()]).toEqual(['executing', expect.stringMatching(/^upgrade: /), []]);
  withoutActions();
  await clock.pass(120_000);
  expect([await state(id), await hold(id)]).toEqual(['done', undefined]);
  expect(sim().writes()).toHaveLength(1);
});
