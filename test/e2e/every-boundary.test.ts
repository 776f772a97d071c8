import { beforeAll, expect, test, vi } from 'vitest';
import { loadSite, NOTHING_OWN } from '../../src/config.ts';
import type { Run } from '../../src/model/run.ts';
import { death } from '../crash/engine/death.ts';
import { everyKind, illStory, tellStory, unknownStory, voidStory, wellStory } from '../crash/engine/stories.ts';
import { turningStories } from '../crash/engine/turns.ts';
import { boundaryReader, derivedBoundaries } from '../crash/every/boundaries.ts';
import { derivedMoves, moveName } from '../crash/every/moves.ts';
import { type Story, type Told, tell } from '../crash/every/play.ts';
import { allStories } from '../crash/every/stories.ts';

// Every move that any run makes comes by here.
const watched = vi.hoisted(() => ({ moved: (_from: unknown, _to: unknown): void => {} }));
vi.mock(import('../../src/run/advance.ts'), async (original) => {
  const real = await original();
  return {
    ...real,
    advance: (run, seen, about) => {
      const turn = real.advance(run, seen, about);
      watched.moved(run, turn.run);
      return turn;
    },
  };
});

const site = await loadSite(NOTHING_OWN);
const stories: readonly Story[] = allStories(site);

/** The shortest story that passes a boundary, and the commit that stores it there. */
type Place = { readonly story: Story; readonly told: Told; readonly commit: number };

const places = new Map<string, Place>();
const inStages = new Set<string>();

beforeAll(async () => {
  for (const story of stories) {
    const met = new Map<string, number>();
    const pending = new Map<string, Set<string>>();
    watched.moved = (from, to) => {
      const [before, behind] = [from as Run, to as Run];
      const name = moveName(before, behind);
      if (name !== undefined) pending.set(before.id, (pending.get(before.id) ?? new Set()).add(name));
    };
    const read = boundaryReader();
    const told = await tell(story, site, {
      onCommit(commit, n) {
        const runs = commit.changes.flatMap((change) => (change.do === 'put' && change.kind === 'run' ? [change.id] : []));
        const moves = runs.flatMap((id) => [...(pending.get(id) ?? [])]);
        for (const id of runs) pending.delete(id);
        for (const name of [...moves, ...read(commit)]) if (!met.has(name)) met.set(name, n);
      },
    });
    expect(told.problems, story.rehearsal.name).toEqual([]);
    for (const [name, commit] of met) {
      const known = places.get(name);
      if (known === undefined || told.commits().length < known.told.commits().length) places.set(name, { story, told, commit });
    }
  }
  watched.moved = (from, to) => {
    const name = moveName(from as Run, to as Run);
    if (name !== undefined) inStages.add(name);
  };
  for (const make of [everyKind, wellStory, illStory, voidStory, unknownStory, ...turningStories()]) {
    const { around, isDead } = death();
    await tellStory(make(), around, isDead);
  }
  watched.moved = () => {};
}, 120_000);

test('the rehearsals of the shipped playbooks, and the stories beside them, pass every boundary that the state machine has', () => {
  const derived = [...derivedMoves(), ...derivedBoundaries()];
  expect(derived.length).toBeGreaterThan(50);
  expect(derived.filter((name) => !places.has(name) && !inStages.has(name))).toEqual([]);
  // The other way round: what stories do, the table knows.
  const known = new Set(derived);
  expect([...places.keys(), ...inStages].filter((name) => name.includes('-->') && !known.has(name))).toEqual([]);
});

test('killed before and behind each boundary, every story ends as without the crash', async () => {
  const different: unknown[] = [];
  for (const [name, { story, told, commit }] of places) {
    for (const side of ['before', 'behind'] as const) {
      const crashed = await tell(story, site, { point: { commit, side } });
      expect(crashed.died, `${side} ${name}`).toBe(true);
      if (JSON.stringify([crashed.end, crashed.problems]) !== JSON.stringify([told.end, []]))
        different.push({ name, side, story: story.rehearsal.name, problems: crashed.problems, end: crashed.end });
    }
  }
  expect(different).toEqual([]);
}, 120_000);
