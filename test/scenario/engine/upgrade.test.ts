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
