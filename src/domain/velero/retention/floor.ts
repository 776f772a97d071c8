import { type Backup, newestFirst } from '../backup.ts';
import { isGood, isRestorable } from '../phase.ts';

/**
 * The backups of one schedule that stay whatever happens: its newest good one, or without any the newest that something can be restored from; and as many
 * as `keep` says, newest first, those that have not expired before those that have, good ones before partial ones.
 */
export function floorOf(family: readonly Backup[], keep: number, nowMs: number): { readonly newest?: Backup; readonly floor: readonly Backup[] } {
  const restorable = newestFirst(family).filter(({ phase }) => isRestorable(phase));
  const newest = restorable.find(({ phase }) => isGood(phase)) ?? restorable[0];
  const rank = (backup: Backup): number => (isExpired(backup, nowMs) ? 2 : 0) + (isGood(backup.phase) ? 0 : 1);
  // The sort keeps the order of those of one rank.
  const floor = [...restorable].sort((a, b) => rank(a) - rank(b)).slice(0, keep);
  return { floor, ...(newest && { newest }) };
}

export function isExpired({ expiresMs }: Backup, nowMs: number): boolean {
  return expiresMs !== undefined && expiresMs <= nowMs;
}
