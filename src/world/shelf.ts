import type { WorldObject } from './object.ts';

/** The objects of one kind, by namespace and name. */
export type Shelf = {
  get(namespace: string | undefined, name: string): WorldObject | undefined;
  put(object: WorldObject): void;
  remove(object: WorldObject): void;
  /** Sorted by namespace and name. */
  all(namespace?: string): readonly WorldObject[];
};

/** `sorted` is undefined after each change: it is made when somebody asks. */
type Space = { readonly objects: Map<string, WorldObject>; sorted: readonly WorldObject[] | undefined };

export function shelf(): Shelf {
  const spaces = new Map<string, Space>();
  let sorted: readonly WorldObject[] | undefined;
  const sortedOf = (space: Space): readonly WorldObject[] =>
    (space.sorted ??= [...space.objects.values()].sort((a, b) => compare(a.metadata.name, b.metadata.name)));

  return {
    get: (namespace, name) => spaces.get(namespace ?? '')?.objects.get(name),
    put(object) {
      const { namespace = '', name } = object.metadata;
      let space = spaces.get(namespace);
      if (space === undefined) spaces.set(namespace, (space = { objects: new Map(), sorted: undefined }));
      space.objects.set(name, object);
      space.sorted = undefined;
      sorted = undefined;
    },
    remove({ metadata: { namespace = '', name } }) {
      const space = spaces.get(namespace);
      if (space === undefined) return;
      space.objects.delete(name);
      space.sorted = undefined;
      sorted = undefined;
      if (space.objects.size === 0) spaces.delete(namespace);
    },
    all(namespace) {
      if (namespace !== undefined) {
        const space = spaces.get(namespace);
        return space === undefined ? [] : sortedOf(space);
      }
      return (sorted ??= [...spaces].sort(([a], [b]) => compare(a, b)).flatMap(([, space]) => sortedOf(space)));
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
