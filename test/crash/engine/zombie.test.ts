import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { stage } from '../../scenario/engine/stage.ts';
import { freezer, type Moment } from './freezer.ts';

const HOUR_MS = 3_600_000;
const STORY = `
stages:
  - { id: do, steps: [{ id: lamp, action: test.set, with: { name: lamp, to: on } }, { id: one, action: test.write }, { id: three, action: test.march }] }
`;
const WRITES = [
  'patch ConfigMap/app/lamp',
  expect.stringMatching(/^create ConfigMap\/app\/made-/),
  'create ConfigMap/app/march-a',
  'create ConfigMap/app/march-b',
  'create ConfigMap/app/march-c',
];

/** Two replicas; the one that has the run freezes at the moment, longer than its lease, and then wakes. */
async function woken(moment: Moment) {
  const ice = freezer(moment);
  const story = await stage({ playbook: STORY, around: (start) => (start === 1 ? ice.around : {}) });
  story.set('lamp', { state: 'off' });
  const id = await story.start();
  await story.approve(id);
  await story.clock.pass(1000);
  expect(ice.isFrozen()).toBe(true);
  const epoch = (await story.store().get('prod', id))?.epoch ?? 0;
  story.startAnother();
  await story.clock.pass(12_000);
  expect(await story.state(id)).toBe('done');
  const ended = {
    run: await story.run(id),
    journal: await story.journal(id),
    writes: story
      .sim()
      .record()
      .writes.filter(({ changed }) => changed),
  };
  expect((await story.store().get('prod', id))?.epoch).toBeGreaterThan(epoch);
  ice.thaw();
  await story.clock.pass(HOUR_MS);
  return { ...story, id, ended };
}

describe('a replica that stood still longer than its lease', () => {
  test.each<Moment>([
    // 1 and 2 are the claim's and the approval's turns; what follows are locks, intents and the release.
    { what: 'store.commit', n: 3, side: 'before' },
    { what: 'store.commit', n: 3, side: 'behind' },
    { what: 'store.commit', n: 4, side: 'before' },
    { what: 'store.commit', n: 4, side: 'behind' },
    { what: 'store.commit', n: 6, side: 'before' },
    { what: 'store.commit', n: 6, side: 'behind' },
    { what: 'kube.patch', n: 1, side: 'before' },
    { what: 'kube.patch', n: 1, side: 'behind' },
    { what: 'kube.create', n: 1, side: 'before' },
    { what: 'kube.create', n: 1, side: 'behind' },
    { what: 'kube.create', n: 2, side: 'before' },
    { what: 'kube.create', n: 3, side: 'behind' },
    { what: 'kube.find', n: 6, side: 'behind' },
  ])('wakes at $side $what $n, changes nothing that its successor did, and leaves no line', async (moment) => {
    const { id, ended, run, journal, sim } = await woken(moment);
    expect(ended.writes.map(({ line }) => line)).toEqual(WRITES);
    // Awake again, it may send what it was about to send: nothing changes by it, and nothing follows it.
    expect(
      sim()
        .record()
        .writes.filter(({ changed }) => changed),
    ).toEqual(ended.writes);
    // Only what was on its way to the wire already can still arrive; a lease that ended is noticed before anything is sent.
    expect(sim().writes().length - ended.writes.length).toBeLessThanOrEqual(moment.what.startsWith('kube.') && moment.side === 'before' ? 1 : 0);
    expect(await run(id)).toEqual(ended.run);
    expect(await journal(id)).toEqual(ended.journal);
    expect(findBreak(id, await journal(id))).toBeUndefined();
  });
});

test('a replica that wakes between two writes of one handler does not make the second', async () => {
  const ice = freezer({ what: 'kube.create', n: 1, side: 'behind' });
  const story = await stage({
    playbook: 'stages: [{ id: do, steps: [{ id: three, action: test.march }] }]',
    around: (start) => (start === 1 ? ice.around : {}),
  });
  const id = await story.start();
  await story.approve(id);
  // Nobody takes over: its lease just ends.
  await story.clock.pass(20_000);
  expect(story.sim().writes()).toEqual(['create ConfigMap/app/march-a']);
  ice.thaw();
  await story.clock.pass(20_000);
  expect(await story.state(id)).toBe('done');
  expect(story.sim().writes()).toHaveLength(3);
  // The second write is made by whoever claimed the run after that: the mark on the object names the epoch.
  const epochOf = (name: string): number => Number(story.sim().snapshot().get(`ConfigMap/app/${name}`)?.metadata.annotations?.['salvor.io/epoch']);
  expect(epochOf('march-b')).toBeGreaterThan(epochOf('march-a'));
});

test('two replicas share the runs of a cluster, and each write is made once', async () => {
  const story = await stage({ playbook: 'stages: [{ id: do, steps: [{ id: one, action: test.write }, { id: two, action: test.begin }] }]' });
  story.startAnother();
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((thing) => story.start(thing)));
  for (const id of ids) await story.approve(id);
  story.set('outcome', { state: 'done' });
  await story.clock.pass(20_000);
  for (const id of ids) expect(await story.state(id)).toBe('done');
  const writes = story.sim().writes();
  expect([writes.length, new Set(writes).size]).toEqual([12, 12]);
});
