import { digest } from './digest.ts';

/**
 * Labels as sorted pairs. Not an object: `__proto__`, `constructor` and `toString` are legal label names and do arrive.
 * Sorted by name, each name once.
 */
export type Labels = readonly (readonly [name: string, value: string])[];

/** The value of one label, or undefined. */
export function label(labels: Labels, name: string): string | undefined {
  return labels.find(([key]) => key === name)?.[1];
}

/** Labels from pairs in any order; of a repeated name the last wins. */
export function makeLabels(pairs: Iterable<readonly [string, string]>): Labels {
  return [...new Map(pairs)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Our own identity of a label set; Alertmanager's 64-bit fingerprint can be forged. */
export function labelsDigest(labels: Labels): string {
  return digest(labels.map(([name, value]) => [name, value]));
}
