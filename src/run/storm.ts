import type { Playbook } from '../model/playbook.ts';

export type RecentStart = { readonly run: string; readonly atMs: number };

export type StormDecision =
  /** No storm: what started lately, for the next look. */
  | { readonly kind: 'calm'; readonly recent: readonly RecentStart[] }
  /** These runs have one cause: one run takes over from those that nobody approved yet. */
  | { readonly kind: 'storm'; readonly runs: readonly string[] };

/** So many runs of one incident within so little time have one cause, and are answered as one. */
export function stormOf(storm: NonNullable<Playbook['storm']>, recent: readonly RecentStart[], nowMs: number): StormDecision {
  const inTime = recent.filter(({ atMs }) => nowMs - atMs <= storm.within);
  const { atLeast = Number.POSITIVE_INFINITY } = storm;
  return inTime.length >= atLeast ? { kind: 'storm', runs: inTime.map(({ run }) => run) } : { kind: 'calm', recent: inTime.slice(-atLeast) };
}
