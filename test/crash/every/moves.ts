import { runMoves } from '../../../scripts/state-diagram.ts';
import { isOpen, type Run } from '../../../src/model/run.ts';

/** The name of a move between two places of a run's life; undefined where it stays. */
export function moveName(from: Run, to: Run): string | undefined {
  const [before, behind] = [placeName(from), placeName(to)];
  return before === behind ? undefined : `${before} --> ${behind}`;
}

/** A state, and what is waited for; ends are one place. */
function placeName({ state, waiting }: Run): string {
  if (!isOpen(state)) return 'ended';
  return state === 'waiting' && waiting !== undefined ? `${state} for ${waiting.what}` : state;
}

/** Every move that the transition table makes: a new state is in here on the day it is in the table. */
export function derivedMoves(): ReadonlySet<string> {
  return new Set(runMoves().flatMap(({ from, to }) => moveName(from, to) ?? []));
}
