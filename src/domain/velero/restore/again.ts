import { canonical, isList, isObject, type JsonObject } from '../../../model/json.ts';
import { isFailure, isGood } from '../phase.ts';
import type { Restore } from './restore.ts';

const LONGEST = 63;

/** `shop-restore-1-again-3f9a01c2`. */
export function againName(restore: string, stepKey: string): string {
  const suffix = `-again-${stepKey.slice(0, 8)}`;
  return restore.slice(0, LONGEST - suffix.length).replace(/[-.]{1,63}$/, '') + suffix;
}

/** Kinds that the server adds to every restore by itself. */
const ADDED = /^(?:nodes|events(?:\.events\.k8s\.io)?|csinodes\.storage\.k8s\.io|volumeattachments\.storage\.k8s\.io|[a-z]+\.velero\.io)$/;

/** What was asked for, without what the server filled in. A schedule was turned into its backup by then. */
export function askedSpec({ spec }: Restore): JsonObject {
  const { excludedResources, scheduleName: _schedule, itemOperationTimeout: _timeout, hooks, ...rest } = spec;
  const own = isList(excludedResources) ? excludedResources.filter((one) => typeof one === 'string' && !ADDED.test(one)) : [];
  const hasHooks = isObject(hooks) && Object.keys(hooks).length > 0;
  return { ...rest, ...(own.length === 0 ? {} : { excludedResources: own }), ...(hasHooks ? { hooks } : {}) };
}

/** The namespaces that a restore names in the backup, and where each goes. Empty: all that the backup holds. */
export function namespacesOf(spec: JsonObject): ReadonlyMap<string, string> {
  const mapping = isObject(spec.namespaceMapping) ? spec.namespaceMapping : {};
  const named = isList(spec.includedNamespaces) ? spec.includedNamespaces : [];
  return new Map(named.flatMap((one) => (typeof one === 'string' && one !== '*' ? [[one, textOr(mapping[one], one)] as const] : [])));
}

const textOr = (value: unknown, other: string): string => (typeof value === 'string' ? value : other);

export type Standing =
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly failed: Restore; readonly tried?: Restore }
  /** A later one for the same place from the same backup is complete. */
  | { readonly kind: 'good'; readonly good: Restore };

/** How matters stand with one failed restore, or with the newest. `name`: the one that is meant. */
export function standingOf(
  all: readonly Restore[],
  { name, schedule }: { readonly name?: string | undefined; readonly schedule?: string | undefined },
): Standing {
  const newest = all.toSorted((a, b) => b.madeMs - a.madeMs || (a.name < b.name ? 1 : -1));
  const ofSchedule = schedule === undefined || schedule === '' ? newest : newest.filter((one) => one.schedule === schedule);
  const failed = name === undefined ? ofSchedule.find(({ phase }) => isFailure(phase)) : newest.find((one) => one.name === name);
  if (failed === undefined) return { kind: 'none' };
  if (isGood(failed.phase)) return { kind: 'good', good: failed };
  const later = newest.filter((one) => one.madeMs > failed.madeMs && sameAim(one, failed));
  const good = later.find(({ phase }) => isGood(phase));
  if (good !== undefined) return { kind: 'good', good };
  const first = failed.name.replace(AGAIN, '');
  const tried = AGAIN.test(failed.name) ? failed : later.find((one) => isFailure(one.phase) && one.name.startsWith(first) && AGAIN.test(one.name));
  return { kind: 'failed', failed, ...(tried === undefined ? {} : { tried }) };
}

const AGAIN = /-again-[0-9a-f]{8}$/;

function sameAim(one: Restore, other: Restore): boolean {
  return canonical(Object.fromEntries(namespacesOf(one.spec))) === canonical(Object.fromEntries(namespacesOf(other.spec)));
}
