import { expect, test } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import type { Commit } from '../../src/port/store.ts';
import { tell } from '../crash/every/play.ts';
import { allStories } from '../crash/every/stories.ts';

/** A swap has more writes in a row than any other playbook, and each leaves the volumes between two claims. */
const site = await loadSite(NOTHING_OWN);
const stories = allStories(site).filter(({ playbook }) => playbook.id === 'restore-swap');

const WRITES = new Set(['write.intent', 'write.outcome']);
const isOfWrite = ({ changes }: Commit): boolean => changes.some((change) => change.do === 'append' && change.entries.some(({ type }) => WRITES.has(type)));

test('there are rehearsals in which the swap is done, given back, and never begun', () => {
  expect(stories.length).toBeGreaterThanOrEqual(7);
});

test.each(stories.map((story) => [story.rehearsal.name ?? '?', story] as const))(
  'killed before and behind each record of a write, it ends as without the crash: %s',
  async (_, story) => {
    const points: number[] = [];
    const told = await tell(story, site, {
      onCommit(commit, n) {
        if (isOfWrite(commit)) points.push(n);
      },
    });
    expect(told.problems).toEqual([]);
    expect(points.length > 0, 'where something was written').toBe(told.end.writes.length > 0);
    for (const commit of points) {
      for (const side of ['before', 'behind'] as const) {
        const where = `${side} commit ${commit}: ${told.commits()[commit - 1]?.join(', ')}`;
        const crashed = await tell(story, site, { point: { commit, side } });
        expect(crashed.died, where).toBe(true);
        expect(crashed.problems, where).toEqual([]);
        expect(crashed.end, where).toEqual(told.end);
      }
    }
  },
  300_000,
);
