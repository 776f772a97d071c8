import { describe, expect, test } from 'vitest';
import { findBreak } from '../../../src/model/entry.ts';
import { boundariesOf, outcome } from './outcome.ts';
import { turningStories } from './turns.ts';

type What = Awaited<ReturnType<typeof outcome>>['what'];

/** A flip that nobody knows of may have been sent or not, where its engine died at it: that is what people are asked. It is never sent twice. */
function withoutFlips(what: What): What {
  const writes = what.writes.map((lines) => lines.filter((line, at) => line !== 'patch ConfigMap/app/switch' || lines.indexOf(line) !== at));
  return { ...what, writes };
}

describe.each(turningStories().map((make) => [make().name, make] as const))('a run that %s', (_, make) => {
  test('ends the same wherever its engine dies', async () => {
    const { killer, what: told } = await outcome(make);
    const what = withoutFlips(told);
    expect(what.locks).toEqual([]);
    for (const boundary of boundariesOf(killer.counts)) {
      const crashed = await outcome(make, boundary);
      const where = `${boundary.side} ${boundary.what} ${boundary.n}`;
      expect(findBreak(crashed.id, crashed.journal), where).toBeUndefined();
      expect(withoutFlips(crashed.what), where).toEqual(what);
    }
  }, 60_000);
});
