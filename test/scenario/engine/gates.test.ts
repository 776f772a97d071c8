import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../src/model/policy.ts';
import { START_MS } from '../../../src/world/clock.ts';
import { stage } from './stage.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const ONE = 'stages: [{ id: do, approval: { within: 7d }, steps: [{ id: one, action: test.write }] }]';
const MARCH = 'stages: [{ id: do, approval: { within: 7d }, steps: [{ id: one, action: test.march }] }]';
const gates = (change: Partial<Policy['gates']>): Partial<Policy> => ({ gates: { blastRadius: {}, windows: [], freezes: [], ...change } });
const freeze = gates({ freezes: [{ name: 'year end', fromMs: START_MS, untilMs: START_MS + 2 * HOUR_MS, clusters: ['prod'] }] });

describe('a freeze', () => {
  test('is shown with the proposal, does not keep people from deciding, holds the start, and lets it go when it ends', async () => {
    const { start, approve, clock, state, hold, sim, line, lines } = await stage({ playbook: ONE, policy: freeze });
    const id = await start();
    expect(await state(id)).toBe('proposed');
    expect(await hold(id)).toMatch(/^freeze: prod is frozen by "year end" until /);
    expect((await line(id, 'run.proposed'))['hold']).toMatchObject({ gate: 'freeze' });
    await approve(id);
    expect([await state(id), sim().writes()]).toEqual(['executing', []]);
    await clock.pass(2 * HOUR_MS - MINUTE_MS);
    expect(sim().writes()).toEqual([]);
    await clock.pass(2 * MINUTE_MS);
    expect(await state(id)).toBe('done');
    expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
  });

  test('that begins in the middle stops the next write, and not the undo', async () => {
    const { start, approve, cancel, clock, state, hold, sim, setPolicy } = await stage({ playbook: MARCH });
    const id = await start();
    sim().faults.add({ give: 'slow', delay: '4s', verb: 'create', times: 1 });
    await approve(id);
    setPolicy(freeze);
    await clock.pass(5000);
    expect([await state(id), await hold(id)]).toEqual(['executing', expect.stringMatching(/^freeze: /)]);
    expect(sim().writes()).toEqual(['create ConfigMap/app/march-a']);
    await cancel(id);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toEqual(['create ConfigMap/app/march-a', 'delete ConfigMap/app/march-a']);
  });

  test('pages nobody: its end is known', async () => {
    const { start, approve, clock, pages } = await stage({ playbook: ONE, policy: freeze });
    await approve(await start());
    await clock.pass(HOUR_MS);
    expect(await pages()).toEqual([]);
  });
});

test('outside its window a change waits until it opens', async () => {
  // The stage begins at 12:00 UTC.
  const window = { name: 'night', cron: '0 22 * * *', timeZone: 'UTC', lastsMs: HOUR_MS, clusters: [], playbooks: [] };
  const { start, approve, clock, hold, state } = await stage({ playbook: ONE, policy: gates({ windows: [window] }) });
  const id = await start();
  await approve(id);
  expect(await hold(id)).toBe('window: outside every window of prod: "night" opens 2026-11-21 22:00 UTC');
  await clock.pass(10 * HOUR_MS - MINUTE_MS);
  expect(await state(id)).toBe('executing');
  await clock.pass(2 * MINUTE_MS);
  expect(await state(id)).toBe('done');
});

describe('a pause', () => {
  test('between two writes makes the second wait, and it goes on from there', async () => {
    const { start, approve, clock, pause, resume, state, hold, sim, lines } = await stage({ playbook: MARCH });
    const id = await start();
    sim().faults.add({ give: 'slow', delay: '4s', verb: 'create', times: 1 });
    await approve(id);
    await pause();
    await clock.pass(HOUR_MS);
    expect([await state(id), await hold(id)]).toEqual(['executing', 'pause: ana paused everything: look first']);
    expect(sim().writes()).toEqual(['create ConfigMap/app/march-a']);
    expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
    await resume();
    await clock.pass(60_000);
    expect(await state(id)).toBe('done');
    expect(sim().writes()).toEqual(['create ConfigMap/app/march-a', 'create ConfigMap/app/march-b', 'create ConfigMap/app/march-c']);
  });

  test('makes an undo wait, too, and that pages; the journal tells it once', async () => {
    const { start, approve, cancel, clock, pause, resume, state, sim, pages, told, lines } = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }] }, { id: wait, await: { action: test.ready, within: 24h } }]',
    });
    const id = await start();
    await approve(id);
    await clock.pass(1000);
    await pause();
    await cancel(id);
    await clock.pass(HOUR_MS);
    expect(await state(id)).toBe('closing');
    expect(await pages()).toEqual(['An undo waits: ana paused everything: look first']);
    expect((await lines(id)).filter((type) => type === 'run.held')).toHaveLength(1);
    await resume();
    await clock.pass(6000);
    expect(await state(id)).toBe('cancelled');
    expect(sim().writes()).toHaveLength(2);
    expect((await told()).filter(({ kind }) => kind === 'calm')).toEqual([{ kind: 'calm', key: `${id}/undo-held` }]);
  });

  test('does not keep a run from looking and proposing', async () => {
    const { start, pause, state, hold } = await stage({ playbook: ONE });
    await pause();
    const id = await start();
    expect([await state(id), await hold(id)]).toEqual(['proposed', 'pause: ana paused everything: look first']);
  });

  test('that arrives between the look and the intent still stops the write', async () => {
    const story = await stage({
      playbook: ONE,
      around: () => ({
        store: (store) => ({
          ...store,
          async commit(commit) {
            const isIntent = commit.changes.some((change) => change.do === 'append' && change.entries.some(({ type }) => type === 'write.intent'));
            if (isIntent && !paused) {
              paused = true;
              await story.pause();
            }
            return store.commit(commit);
          },
        }),
      }),
    });
    let paused = false;
    const id = await story.start();
    await story.approve(id);
    await story.clock.pass(20_000);
    expect([paused, await story.hold(id), story.sim().writes()]).toEqual([true, 'pause: ana paused everything: look first', []]);
    await story.resume();
    await story.clock.pass(6000);
    expect(story.sim().writes()).toHaveLength(1);
  });
});

describe('the blast radius', () => {
  const LONG = 'stages: [{ id: do, approval: { within: 7d }, steps: [{ id: one, action: test.begin }] }]';

  test('holds the one too many, is shown with its proposal, and lets it go when another is done', async () => {
    const { start, approve, clock, hold, state, set, sim, store } = await stage({ playbook: LONG, policy: gates({ blastRadius: { nodes: 1 } }) });
    const first = await start('w1', { kind: 'Node' });
    await approve(first);
    await clock.pass(1000);
    const second = await start('w2', { kind: 'Node' });
    expect(await hold(second)).toBe('blast-radius: 1 of at most 1 nodes of prod is being worked on');
    await approve(second);
    await clock.pass(10 * MINUTE_MS);
    expect(sim().writes()).toHaveLength(1);
    set('outcome', { state: 'done' });
    await clock.pass(40_000);
    expect([await state(first), await state(second)]).toEqual(['done', 'done']);
    expect(await store().counts('prod', ['blast/nodes'])).toEqual([0]);
  });

  test('that is lowered in the middle stops the next write', async () => {
    const { start, approve, clock, setPolicy, hold, sim } = await stage({ playbook: MARCH, policy: gates({ blastRadius: { nodes: 1 } }) });
    const id = await start('w1', { kind: 'Node' });
    sim().faults.add({ give: 'slow', delay: '4s', verb: 'create', times: 1 });
    await approve(id);
    setPolicy(gates({ blastRadius: { nodes: 0 } }));
    await clock.pass(5000);
    expect(await hold(id)).toBe('blast-radius: The limit of what may be touched at once was lowered below what is being touched');
    expect(sim().writes()).toHaveLength(1);
  });

  test('of another cluster is drawn on there, and given back', async () => {
    const { start, approve, clock, set, store, state } = await stage({
      playbook: LONG,
      clusters: ['prod', 'west'],
      policy: gates({ blastRadius: { clusters: 1 } }),
    });
    const id = await start('a', { locks: [{ kind: 'Cluster', value: 'west' }] });
    await approve(id);
    await clock.pass(1000);
    expect(await store().counts('west', ['blast/clusters'])).toEqual([1]);
    set('outcome', { state: 'done' });
    await clock.pass(6000);
    expect(await state(id)).toBe('done');
    expect(await store().counts('west', ['blast/clusters'])).toEqual([0]);
  });
});

test('an object that somebody else works on holds the start until they are done', async () => {
  const { start, approve, clock, hold, set, unset, state } = await stage({
    playbook: 'stages: [{ id: do, approval: { within: 7d }, steps: [{ id: one, action: test.set, with: { name: lamp, to: on } }] }]',
  });
  set('lamp', { state: 'off' }, { annotations: { 'kured.dev/kured-reboot-in-progress': 'now' } });
  const id = await start();
  await approve(id);
  await clock.pass(10 * MINUTE_MS);
  expect(await hold(id)).toBe('other-owner: ConfigMap/app/lamp: kured is rebooting it');
  set('lamp', { state: 'off' }, { annotations: {} });
  await clock.pass(MINUTE_MS);
  expect(await state(id)).toBe('done');
  unset('lamp');
});
