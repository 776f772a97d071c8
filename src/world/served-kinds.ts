import { KINDS, type Kind } from './kinds.ts';

/** The kinds that one cluster serves: those of `kinds.ts`, and custom ones as they are defined there. */
export type ServedKinds = {
  all(): readonly Kind[];
  /** By its names in a manifest. */
  of(apiVersion: string, kind: string): Kind | undefined;
  /** By its names in a path; `policy/v1beta1` evictions and the like are resolved by the caller. */
  at(group: string, version: string, plural: string): Kind | undefined;
  /** Serves a kind from now on. One that is served already stays as it is. */
  add(kind: Kind): void;
  /** Ends to serve a kind that was added. */
  remove(apiVersion: string, kind: string): void;
};

export function servedKinds(): ServedKinds {
  const byName = new Map<string, Kind>();
  const byPlural = new Map<string, Kind>();
  let all: readonly Kind[] = [];
  const nameOf = (apiVersion: string, kind: string): string => `${apiVersion} ${kind}`;
  const pluralOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`;
  const add = (kind: Kind): void => {
    if (byName.has(nameOf(kind.apiVersion, kind.kind))) return;
    byName.set(nameOf(kind.apiVersion, kind.kind), kind);
    byPlural.set(pluralOf(kind.group, kind.version, kind.plural), kind);
    all = [...all, kind];
  };
  for (const kind of KINDS) add(kind);
  return {
    all: () => all,
    of: (apiVersion, kind) => byName.get(nameOf(apiVersion, kind)),
    at: (group, version, plural) => byPlural.get(pluralOf(group, version, plural)),
    add,
    remove(apiVersion, name) {
      const kind = byName.get(nameOf(apiVersion, name));
      if (kind === undefined || KINDS.includes(kind)) return;
      byName.delete(nameOf(apiVersion, name));
      byPlural.delete(pluralOf(kind.group, kind.version, kind.plural));
      all = all.filter((one) => one !== kind);
    },
  };
}
