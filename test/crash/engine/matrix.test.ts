import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { OPEN_STATES } from '../../../src/model/run.ts';
import type { Boundary } from './death.ts';
import { boundariesOf, outcome } from './outcome.ts';
import { illStory, type Story, unknownStory, voidStory, wellStory } from './stories.ts';

const stories: readonly (() => Story)[] = [wellStory, illStory, voidStory];

describe.each(stories.map((make) => [make().name, make] as const))('a run that %s', (_, make) => {
  test('ends the same, with each write made once, wherever its engine dies', async () => {
    const { killer, what } = await outcome(make);
    // The story itself: it ended, and nothing is created or deleted twice. What is set and given back is patched twice.
    const made = what.writes.flat().filter((line) => !line.startsWith('patch '));
    expect(made.length).toBeGreaterThan(2);
    expect(new Set(made).size).toBe(made.length);
    expect([what.locks, what.open, what.heads]).toEqual([[], [], ['closed']]);
    expect(what.intents).toEqual(what.outcomes);

    const boundaries = boundariesOf(killer.counts);
    expect(boundaries.length).toBeGreaterThan(30);
    for (const boundary of boundaries) {
      const crashed = await outcome(make, boundary);
      const where = `${boundary.side} ${boundary.what} ${boundary.n}`;
      expect(crashed.killer.deaths(), where).toBe(1);
      expect(findBreak(crashed.id, crashed.journal), where).toBeUndefined();
      expect(crashed.what, where).toEqual(what);
    }
  }, 60_000);
});

test('an engine that dies while it takes up what another left behind changes nothing either', async () => {
  const { killer, what } = await outcome(wellStory);
  const [writes, commits] = [killer.counts.write(), killer.counts.commit()];
  for (let at = 1; at <= 40; at += 1) {
    const first: Boundary = { what: at % 2 === 0 ? 'write' : 'commit', n: 1 + ((at * 7) % (at % 2 === 0 ? writes : commits)), side: 'behind' };
    const second: Boundary = { what: 'commit', n: 1 + (at % 4), side: at % 3 === 0 ? 'before' : 'behind' };
    const crashed = await outcome(wellStory, first, second);
    const where = `${first.side} ${first.what} ${first.n}, then ${second.side} ${second.what} ${second.n}`;
    expect(findBreak(crashed.id, crashed.journal), where).toBeUndefined();
    expect(crashed.what, where).toEqual(what);
  }
}, 60_000);

test('an outcome that nobody knows is settled by a person wherever the engine dies, and the write happens once', async () => {
  const { killer } = await outcome(unknownStory);
  for (const boundary of boundariesOf(killer.counts)) {
    const { what, journal, id } = await outcome(unknownStory, boundary);
    const where = `${boundary.side} ${boundary.what} ${boundary.n}`;
    expect([what.state, what.writes, what.open], where).toEqual(['done', [['patch ConfigMap/app/switch']], []]);
    expect(findBreak(id, journal), where).toBeUndefined();
  }
}, 60_000);

test('the stories are in every state there is, and in every kind of waiting', async () => {
  const seen = new Set<string>();
  for (const make of [...stories, unknownStory]) for (const state of (await outcome(make)).killer.seen) seen.add(state);
  for (const state of OPEN_STATES) expect([...seen].some((one) => one.split(' ')[0] === state) || state === 'queued', state).toBe(true);
  expect([...seen].filter((one) => one.startsWith('waiting ')).sort()).toEqual([
    'waiting ask',
    'waiting await',
    'waiting finding',
    'waiting settle',
    'waiting settle-step',
  ]);
});
