import { play } from './play.ts';
import type { Happening, Script } from './script.ts';

/** So many shorter histories are tried at most. */
const MOST_TRIES = 150;

/** Leaves out of a failing script whatever it fails without: halves first, then ever smaller parts. What is left breaks the same invariant. */
export async function minimise(script: Script, invariant: string): Promise<Script> {
  let left = script.happenings;
  let tries = 0;
  const fails = async (happenings: readonly Happening[]): Promise<boolean> => {
    tries += 1;
    return (await play({ ...script, happenings })).violation?.invariant === invariant;
  };
  for (let size = Math.ceil(left.length / 2); size >= 1 && tries < MOST_TRIES; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let first = 0; first < left.length && tries < MOST_TRIES; ) {
      const without = left.toSpliced(first, size);
      if (await fails(without)) left = without;
      else first += size;
    }
  }
  return { ...script, happenings: left };
}
