import { SalvorError } from '../model/error.ts';
import type { Commit } from '../port/store.ts';

/**
 * Refuses a commit that no driver may carry out: an unguarded change could repeat itself after a lost answer.
 * Only `wake` and `mail` are harmless to repeat, and need no guard.
 */
export function checkCommit({ opId, guards, changes }: Commit): void {
  if (opId === '') throw new SalvorError('internal', 'a commit needs an op id');
  if (guards.length > 0) return;
  const unguarded = changes.find((change) => change.do !== 'wake' && change.do !== 'mail');
  if (unguarded !== undefined) throw new SalvorError('internal', `a commit with "${unguarded.do}" needs a guard`);
}
