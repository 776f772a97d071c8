import { type Climb, ONE_RUNG } from '../model/incident.ts';
import type { Policy, Rung } from '../model/policy.ts';

/** The ladder that is walked where the named one does not exist. */
const DEFAULT = 'default';

export type Ascent = {
  /** Whom to page now, lowest first: several when time passed while nobody looked. */
  readonly page: readonly Rung[];
  /** Rungs walked after that. */
  readonly walked: number;
  /** When the next rung is due; absent: the top is reached, or the climb is stopped. */
  readonly nextMs?: number;
  /** Why the ladder that was asked for is not the one that is walked, or none is. */
  readonly problem?: string;
};

/** One cause's way up its ladder: who is paged now, and when to look again. A missing ladder is answered by `default`, never by silence. */
export function ladder(climb: Climb, ladders: Policy['ladders'], nowMs: number): Ascent {
  if (climb.stoppedMs !== undefined) return { page: [], walked: climb.walked };
  const name = walkedName(climb.ladder, ladders);
  const rungs = rungsOf(name, ladders);
  const problem =
    name === climb.ladder && rungs.length > 0
      ? undefined
      : rungs.length > 0
        ? `the ladder "${climb.ladder}" is not configured; "${DEFAULT}" is climbed`
        : `no ladder is configured, so nobody is paged`;
  const due = rungs.slice(climb.walked).filter((rung, index) => climb.walked + index < (climb.ahead ?? 0) || climb.sinceMs + rung.afterMs <= nowMs);
  const walked = climb.walked + due.length;
  const next = rungs[walked];
  return { page: due, walked, ...(next === undefined ? {} : { nextMs: climb.sinceMs + next.afterMs }), ...(problem === undefined ? {} : { problem }) };
}

/** The ladder that is walked where this one is asked for. */
export function walkedName(asked: string, ladders: Policy['ladders']): string {
  return rungsOf(asked, ladders).length > 0 ? asked : DEFAULT;
}

/** In order of time, whatever the order in the file. */
function rungsOf(name: string, ladders: Policy['ladders']): readonly Rung[] {
  if (name.startsWith(ONE_RUNG)) return [{ page: name.slice(ONE_RUNG.length), afterMs: 0 }];
  return Object.hasOwn(ladders, name) ? (ladders[name] ?? []).toSorted((a, b) => a.afterMs - b.afterMs) : [];
}

/** Whom a climb has paged so far, as the ladder is configured now: who must be told that it was answered, or is over. */
export function pagedBy(climb: Climb, ladders: Policy['ladders']): readonly string[] {
  return rungsOf(walkedName(climb.ladder, ladders), ladders)
    .slice(0, climb.walked)
    .map((rung) => rung.page);
}

/** A page of this climb called nobody: its next rung is due at once. Undefined: it paged somebody else, or nobody is left above. */
export function goneAhead(climb: Climb, target: string, ladders: Policy['ladders']): { readonly climb: Climb; readonly next: string } | undefined {
  const rungs = rungsOf(walkedName(climb.ladder, ladders), ladders);
  const next = rungs[climb.walked];
  if (next === undefined || !rungs.slice(0, climb.walked).some((rung) => rung.page === target)) return undefined;
  return { climb: { ...climb, ahead: climb.walked + 1 }, next: next.page };
}

/** The climb as it goes on after an answer that does not hold: the last rung counts as paged now. */
export function goesOn({ stoppedMs: _stoppedMs, answered: _answered, ...climb }: Climb, ladders: Policy['ladders'], nowMs: number): Climb {
  const last = rungsOf(walkedName(climb.ladder, ladders), ladders)[climb.walked - 1];
  return { ...climb, sinceMs: nowMs - (last?.afterMs ?? 0) };
}
