import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const plain = (writes: readonly string[]): readonly string[] => writes.map((line) => line.replace(/-[0-9a-f]{8}$/, ''));

const TWO = `
diagnose: [{ id: look, action: test.look }]
stages:
  - { id: first, steps: [{ id: one, action: test.write }, { id: kept, action: test.write, with: { prefix: kept }, undo: always }] }
  - { id: second, steps: [{ id: two, action: test.begin }] }
  - { id: third, await: { action: test.ready, within: 24h } }
`;

type Story = Awaited<ReturnType<typeof stage>>;
const UNDONE = ['delete ConfigMap/app/kept', 'delete ConfigMap/app/made'];

const places: readonly (readonly [string, (story: Story) => Promise<string>, readonly string[]])[] = [
  [
    'waits by its finding',
    async (story) => {
      story.set('finding', { kind: 'wait' });
      return story.start();
    },
    [],
  ],
  ['is proposed', (story) => story.start(), []],
  [
    'is proposed for the second time',
    async (story) => {
      const id = await story.start();
      await story.approve(id);
      await story.clock.pass(1000);
      return id;
    },
    UNDONE,
  ],
  [
    'is held before it starts',
    async (story) => {
      story.setPolicy({ gates: { blastRadius: { targets: 0 }, windows: [], freezes: [] } });
      const id = await story.start();
      await story.approve(id);
      return id;
    },
    [],
  ],
  [
    'observes',
    async (story) => {
      const id = await story.start();
      await story.approve(id);
      await story.clock.pass(1000);
      await story.approve(id);
      await story.clock.pass(1000);
      return id;
    },
    UNDONE,
  ],
  [
    'awaits',
    async (story) => {
      story.set('outcome', { state: 'done' });
      const id = await story.start();
      await story.approve(id);
      await story.clock.pass(1000);
      await story.approve(id);
      await story.clock.pass(1000);
      return id;
    },
    UNDONE,
  ],
];

describe('a run is cancelled while it', () => {
  test.each(places)('%s: it ends, undoes what it did, and gives back its locks', async (_, reach, undone) => {
    const story = await stage({ playbook: TWO });
    const id = await reach(story);
    story.sim().forgetWrites();
    await story.cancel(id);
    await story.clock.pass(1000);
    expect(await story.state(id)).toBe('cancelled');
    expect(plain(story.sim().writes())).toEqual(undone);
    expect(await story.locks()).toEqual([]);
    expect((await story.run(id)).hold).toBeUndefined();
  });

  test.each(places)('%s, to keep what it did: only what must always be undone is', async (_, reach, undone) => {
    const story = await stage({ playbook: TWO });
    const id = await reach(story);
    story.sim().forgetWrites();
    await story.cancel(id, { keep: true });
    await story.clock.pass(1000);
    expect(await story.state(id)).toBe('cancelled');
    expect(plain(story.sim().writes())).toEqual(undone.slice(0, 1));
  });

  test('is between two steps: the request in flight ends, and nothing more is written', async () => {
    const story = await stage({
      playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write, with: { prefix: one } }, { id: two, action: test.write, with: { prefix: two } }] }]',
    });
    story.sim().faults.add({ give: 'slow', delay: '3s', verb: 'create', times: 1 });
    const id = await story.start();
    await story.approve(id);
    await story.cancel(id);
    expect(await story.state(id)).toBe('executing');
    await story.clock.pass(5000);
    expect(await story.state(id)).toBe('cancelled');
    expect(plain(story.sim().writes())).toEqual(['create ConfigMap/app/one', 'delete ConfigMap/app/one']);
  });

  test('is between two writes of one step: the second is not made', async () => {
    const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.march }] }]' });
    story.sim().faults.add({ give: 'slow', delay: '4s', verb: 'create', times: 1 });
    const id = await story.start();
    await story.approve(id);
    await story.cancel(id);
    await story.clock.pass(6000);
    expect(await story.state(id)).toBe('cancelled');
    expect(story.sim().writes()).toEqual(['create ConfigMap/app/march-a', 'delete ConfigMap/app/march-a']);
    expect(await story.lines(id)).not.toContain('run.held');
  });
});

test('a second cancel, a late press and late news change nothing, and a new run on the same target keeps its name', async () => {
  const story = await stage({ playbook: TWO });
  const id = await story.start();
  await story.cancel(id);
  const ended = await story.run(id);
  const next = await story.start();
  expect(next).not.toBe(id);
  await story.cancel(id);
  await story.approve(id);
  await story.resolve(id);
  await story.clock.pass(1000);
  expect(await story.run(id)).toEqual(ended);
  expect(await story.store().mail('prod', id)).toEqual([]);
  const head = (await story.store().list({ partition: 'prod', kind: 'slot', limit: 10 })).records.find(({ id: name }) => name.startsWith('head/run/'));
  expect(head?.value).toMatchObject({ ordinal: 2, openRun: next });
});

describe('a run that is superseded', () => {
  test('by a person rolls back and ends, whatever it does', async () => {
    const story = await stage({ playbook: TWO });
    const id = await places[4]?.[1](story);
    await story.tell(id ?? '', { kind: 'supersede', by: 'cleo', surface: 'api', reason: 'I take over' });
    expect(await story.state(id ?? '')).toBe('superseded');
    expect(plain(story.sim().writes()).slice(-2)).toEqual(UNDONE);
    expect(await story.pages()).toEqual([]);
  });

  const storm = { kind: 'supersede', by: 'storm', surface: 'storm', reason: 'three nodes', newRun: 'run/storm-1' } as const;

  test.each([places[0], places[1]].flatMap((place) => (place === undefined ? [] : [place])))('by a storm ends while it %s', async (_, reach) => {
    const story = await stage({ playbook: TWO });
    const id = await reach(story);
    await story.tell(id, storm);
    expect(await story.state(id)).toBe('superseded');
  });

  test.each([places[3], places[4], places[5]].flatMap((place) => (place === undefined ? [] : [place])))('by a storm goes on while it %s', async (_, reach) => {
    const story = await stage({ playbook: TWO });
    const id = await reach(story);
    const before = await story.state(id);
    await story.tell(id, storm);
    expect(await story.state(id)).toBe(before);
  });
});
