import { type Kind, theKind } from './kinds.ts';
import { textAt, type WorldObject } from './object.ts';

/** A way to find objects by something that they say. Without a kind it is about all kinds. */
export type Index = { readonly kind?: Kind; readonly keysOf: (object: WorldObject) => readonly string[] };

/** Pods by the node that they are placed on; those that are not placed yet are under an empty name. */
export const BY_NODE: Index = { kind: theKind('v1', 'Pod'), keysOf: (pod) => [textAt(pod, 'spec', 'nodeName')] };

/** Everything by the uid of its owners. */
export const BY_OWNER: Index = { keysOf: ({ metadata: { ownerReferences = [] } }) => ownerReferences.map(({ uid }) => uid) };

/** An index as it is kept. */
export type Catalog = {
  /** An object came (no `before`), changed, or went (no `after`). */
  put(kind: Kind, before: WorldObject | undefined, after: WorldObject | undefined): void;
  pick(key: string): readonly WorldObject[];
};

export function catalog({ kind: only, keysOf }: Index): Catalog {
  const byKey = new Map<string, Map<string, WorldObject>>();
  return {
    put(kind, before, after) {
      if (only !== undefined && kind !== only) return;
      const uid = (after ?? before)?.metadata.uid ?? '';
      const now = after === undefined ? [] : keysOf(after);
      for (const key of before === undefined ? [] : keysOf(before)) {
        if (now.includes(key)) continue;
        byKey.get(key)?.delete(uid);
        if (byKey.get(key)?.size === 0) byKey.delete(key);
      }
      if (after === undefined) return;
      for (const key of now) {
        let found = byKey.get(key);
        if (found === undefined) byKey.set(key, (found = new Map()));
        found.set(uid, after);
      }
    },
    pick: (key) => [...(byKey.get(key)?.values() ?? [])],
  };
}
