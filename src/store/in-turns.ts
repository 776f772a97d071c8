/** Under this name it is kept in mind which partition had its turn last; no indexed field is called so. */
export const PARTITIONS = '';

/** Picks one of each group in turn, groups by name, beginning behind the group that was served last time. */
export function inTurns<T>(
  groups: ReadonlyMap<string, readonly T[]>,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): readonly T[] {
  const names = [...groups.keys()].sort();
  const first = after === undefined ? 0 : names.findIndex((name) => name > after);
  const order = first > 0 ? [...names.slice(first), ...names.slice(0, first)] : names;
  const picked: T[] = [];
  for (let round = 0; picked.length < limit; round += 1) {
    const before = picked.length;
    for (const name of order) {
      const next = groups.get(name)?.[round];
      if (next === undefined || picked.length >= limit) continue;
      picked.push(next);
    }
    if (picked.length === before) break;
  }
  return picked;
}
