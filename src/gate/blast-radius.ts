import { admit, type Decision } from '../model/gate.ts';
import type { Policy } from '../model/policy.ts';
import type { Change, Guard } from '../port/store.ts';
import { parseLockKey } from './lock-key.ts';

/** Budgets as the configuration names them, for kinds whose plural is not made by an `s`. */
const PLURALS: ReadonlyMap<string, string> = new Map([
  ['PersistentVolumeClaim', 'volumes'],
  ['PersistentVolume', 'volumes'],
  ['BackupStorageLocation', 'storage-locations'],
  ['StorageClass', 'storage-classes'],
]);

/** The budget that a lock key draws on: `Node` draws on `nodes`, claims and volumes both on `volumes`. Undefined for a text that is no lock key. */
export function budgetOf(key: string): string | undefined {
  const kind = parseLockKey(key)?.kind;
  if (kind === undefined || kind === '') return undefined;
  return PLURALS.get(kind) ?? `${kind.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()}s`;
}

/** The count of how many of one kind are being touched in a cluster. */
export const blastCount = (budget: string): string => `blast/${budget}`;

/** One budget that keys draw on: how many of them, and the most that may be touched at once; absent: no limit is configured. */
export type Draw = { readonly budget: string; readonly count: string; readonly add: number; readonly limit?: number };

/** What keys of one cluster draw on. Kinds without a limit are counted too, so that a limit configured meanwhile finds true counts. */
export function drawsOf(keys: readonly string[], blastRadius: Policy['gates']['blastRadius']): readonly Draw[] {
  const sums = new Map<string, number>();
  for (const key of new Set(keys)) {
    const budget = budgetOf(key);
    if (budget !== undefined) sums.set(budget, (sums.get(budget) ?? 0) + 1);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([budget, add]) => {
      const limit = Object.hasOwn(blastRadius, budget) ? blastRadius[budget] : undefined;
      return { budget, count: blastCount(budget), add, ...(limit === undefined ? {} : { limit }) };
    });
}

/** Taken in the commit that takes the locks, so two starts cannot both be the last one allowed. */
export function blastGuards(draws: readonly Draw[]): { readonly guards: readonly Guard[]; readonly changes: readonly Change[] } {
  return {
    guards: draws.flatMap(({ count, add, limit }) => (limit === undefined ? [] : [{ is: 'room', count, add, limit } as const])),
    changes: draws.map(({ count, add }) => ({ do: 'count', id: count, add })),
  };
}

/** Given back in the commit that gives back the locks. */
export function blastReturn(draws: readonly Draw[]): readonly Change[] {
  return draws.map(({ count, add }) => ({ do: 'count', id: count, add: -add }));
}

/** What every intent carries while its run holds its share: a limit lowered meanwhile stops the next write, too. */
export function blastHeld(draws: readonly Draw[]): readonly Guard[] {
  return draws.flatMap(({ count, limit }) => (limit === undefined ? [] : [{ is: 'room', count, add: 0, limit } as const]));
}

/** Would the start find room? For the card and for the words of a hold; `touched` are the counts as read, in the order of the draws. */
export function blastRadius(cluster: string, draws: readonly Draw[], touched: readonly number[]): Decision {
  for (const [index, { budget, add, limit }] of draws.entries()) {
    if (limit === undefined) continue;
    if (add > limit)
      return {
        kind: 'hold',
        gate: 'blast-radius',
        reason: `this run touches ${add} ${budget} of ${cluster}, more than the ${limit} that may be touched at once`,
      };
    const now = touched[index];
    if (now === undefined) return { kind: 'hold', gate: 'blast-radius', reason: `how many ${budget} of ${cluster} are being worked on is not known` };
    if (now + add > limit)
      return { kind: 'hold', gate: 'blast-radius', reason: `${now} of at most ${limit} ${budget} of ${cluster} ${now === 1 ? 'is' : 'are'} being worked on` };
  }
  return admit;
}
