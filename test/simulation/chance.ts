import { createHash } from 'node:crypto';
import type { Ids } from '../../src/port/ids.ts';

/** Chance that depends on its seed alone. What one stream is asked does not move another: a fork is a stream of its own. */
export type Chance = {
  /** A number in [0, 1). */
  next(): number;
  between(from: number, to: number): number;
  /** A whole number from 0 to below. */
  below(limit: number): number;
  yes(share: number): boolean;
  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T;
  fork(name: string): Chance;
};

export function chance(seed: string): Chance {
  const digest = createHash('sha256').update(seed).digest();
  let [a, b, c, count] = [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), 1];
  // sfc32, the small fast generator of PractRand.
  const next = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (from, to) => from + next() * (to - from),
    yes: (share) => next() < share,
    pick(list) {
      const [first] = list;
      const found = list[below(list.length)] ?? first;
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
    fork: (name) => chance(`${seed}/${name}`),
  };
}

/** Ids out of chance: guessable, and the same in every replay. */
export function idsOf(from: Chance): Ids {
  const part = (): string =>
    Math.floor(from.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return { next: () => part() + part() + part() + part(), random: () => from.next() };
}
