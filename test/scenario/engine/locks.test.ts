import { describe, expect, test } from 'vitest';
import { stage } from './stage.ts';

const LONG = 'stages: [{ id: do, steps: [{ id: one, action: test.begin, with: { outcome: { from: params.thing } } }] }]';

type Story = Awaited<ReturnType<typeof stage>>;

async function holding(story: Story, thing: string, options: Parameters<Story['start']>[1] = {}): Promise<string> {
  const id = await story.start(thing, options);
  await story.approve(id);
  await story.clock.pass(1000);
  return id;
}

async function finish(story: Story, thing: string): Promise<void> {
  story.set(thing, { state: 'done' });
  await story.clock.pass(6000);
}

const shop = { kind: 'Namespace', value: 'shop' };
const pod = { kind: 'Pod', value: 'shop/api-0' };

describe('two runs that want the same', () => {
  test('one holds it from its first write stage to its end, the others get it in the order in which they were approved', async () => {
    const story = await stage({ playbook: LONG });
    const first = await holding(story, 'a', { locks: [shop] });
    const second = await holding(story, 'b', { locks: [shop] });
    const third = await holding(story, 'c', { locks: [shop] });
    expect(await story.hold(second)).toMatch(new RegExp(`^lock: prod/Namespace//shop is held by ${first} since `));
    expect(story.sim().writes()).toHaveLength(1);

    await finish(story, 'a');
    expect([await story.state(first), await story.state(second), await story.state(third)]).toEqual(['done', 'executing', 'executing']);
    expect([await story.hold(second), await story.hold(third)]).toEqual([undefined, expect.stringMatching(new RegExp(`is held by ${second}`))]);
    expect(story.sim().writes()).toHaveLength(2);
    await finish(story, 'b');
    await finish(story, 'c');
    expect([await story.state(second), await story.state(third)]).toEqual(['done', 'done']);
    expect(story.sim().writes()).toHaveLength(3);
    expect(await story.locks()).toEqual([]);
  });

  test('who gives up leaves the queue', async () => {
    const story = await stage({ playbook: LONG });
    const first = await holding(story, 'a', { locks: [shop] });
    const second = await holding(story, 'b', { locks: [shop] });
    const third = await holding(story, 'c', { locks: [shop] });
    await story.cancel(second);
    expect(await story.state(second)).toBe('cancelled');
    await finish(story, 'a');
    expect([await story.state(first), await story.hold(third)]).toEqual(['done', undefined]);
  });

  test('a lock on a namespace waits for a lock inside, and the other way round', async () => {
    const story = await stage({ playbook: LONG });
    const inside = await holding(story, 'a', { locks: [pod] });
    const whole = await holding(story, 'b', { locks: [shop] });
    expect(await story.hold(whole)).toMatch(new RegExp(`^lock: prod/Pod/shop/api-0 is held by ${inside}`));
    await finish(story, 'a');
    expect(await story.hold(whole)).toBeUndefined();
    const again = await holding(story, 'c', { locks: [pod] });
    expect(await story.hold(again)).toMatch(new RegExp(`^lock: prod/Namespace//shop is held by ${whole}`));
    await finish(story, 'b');
    expect(await story.hold(again)).toBeUndefined();
  });

  test('a lock on the cluster keeps everything in it away', async () => {
    const story = await stage({ playbook: LONG });
    const whole = await holding(story, 'prod', { kind: 'Cluster' });
    expect(await story.hold(await holding(story, 'b', { locks: [pod] }))).toMatch(new RegExp(`^lock: prod/Cluster//prod is held by ${whole}`));
  });

  test('who waits while the approval runs out proposes again, and takes no lock with it', async () => {
    const story = await stage({ playbook: LONG });
    await holding(story, 'a', { locks: [shop] });
    const second = await holding(story, 'b', { locks: [shop] });
    await story.clock.pass(16 * 60_000);
    expect(await story.state(second)).toBe('proposed');
    expect((await story.line(second, 'run.proposed'))['hold']).toMatchObject({ gate: 'lock' });
  });
});

describe('locks of two clusters', () => {
  const west = { kind: 'Cluster', value: 'west' };

  test('are all taken before the first write, and all given back', async () => {
    const story = await stage({ playbook: LONG, clusters: ['prod', 'west'] });
    await holding(story, 'a', { locks: [west] });
    expect([await story.locks(), await story.locks('west')]).toEqual([['lock/prod/Target//a'], ['lock/west/Cluster//west']]);
    await finish(story, 'a');
    expect([await story.locks(), await story.locks('west')]).toEqual([[], []]);
  });

  test('who cannot have both waits with empty hands, and gets both', async () => {
    const story = await stage({ playbook: LONG, clusters: ['prod', 'west'] });
    const first = await holding(story, 'a', { locks: [shop] });
    const second = await holding(story, 'b', { locks: [shop, west] });
    expect(await story.hold(second)).toMatch(new RegExp(`is held by ${first}`));
    expect(await story.locks('west')).toEqual([]);
    await finish(story, 'a');
    expect(await story.hold(second)).toBeUndefined();
    expect(await story.locks('west')).toEqual(['lock/west/Cluster//west']);
  });

  test('who waits for the far one looks again by itself', async () => {
    const story = await stage({ playbook: LONG, clusters: ['prod', 'west'] });
    const first = await holding(story, 'a', { locks: [west] });
    const second = await holding(story, 'b', { locks: [west] });
    expect(await story.hold(second)).toMatch(new RegExp(`^lock: west/Cluster//west is held by ${first}`));
    await finish(story, 'a');
    await story.clock.pass(6000);
    expect(await story.hold(second)).toBeUndefined();
    expect(story.sim().writes()).toHaveLength(2);
  });
});

test('who holds locks and dies in the middle still holds them, and whoever takes up the run gives them back', async () => {
  const story = await stage({ playbook: LONG });
  const id = await holding(story, 'a');
  story.restart();
  expect(await story.locks()).toEqual(['lock/prod/Target//a']);
  await finish(story, 'a');
  expect([await story.state(id), await story.locks()]).toEqual(['done', []]);
});

test('a lock that who stood still took in another cluster behind the end of its run keeps nobody away', async () => {
  const story = await stage({ playbook: LONG, clusters: ['prod', 'west'], policy: { gates: { blastRadius: { clusters: 1 }, windows: [], freezes: [] } } });
  const west = { kind: 'Cluster', value: 'west' };
  const first = await holding(story, 'a', { locks: [west] });
  const taken = await story.store().get('west', 'lock/west/Cluster//west');
  expect(taken?.value).toMatchObject({ run: first });
  await finish(story, 'a');
  expect(await story.state(first)).toBe('done');
  // What a process does that was frozen right before: nothing in that partition says that the run is over.
  const again = { do: 'put', id: 'lock/west/Cluster//west', kind: 'lock', indexed: taken?.indexed ?? {}, value: taken?.value ?? {} } as const;
  const count = { do: 'count', id: 'blast/clusters', add: 1 } as const;
  await story.store().commit({ partition: 'west', opId: 'zombie', guards: [{ is: 'absent', id: again.id }], changes: [again, count] });

  const second = await holding(story, 'b', { locks: [west] });
  await story.clock.pass(60_000);
  await finish(story, 'b');
  expect(await story.state(second)).toBe('done');
  expect(await story.store().counts('west', ['blast/clusters'])).toEqual([0]);
});
