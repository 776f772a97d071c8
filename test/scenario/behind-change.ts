import type { Scene } from './scene.ts';

/** Calls back behind the n-th change of what is stored, before whoever made it hears that it is stored. */
export function behindChange({ state }: Scene, n: number, then: () => void): { readonly changes: () => number } {
  let changes = 0;
  let counted = false;
  for (const map of [state.records, state.mail, state.counts]) {
    const set = Reflect.get(map, 'set');
    const spied = (key: string, value: unknown): unknown => {
      // All that changes in one go is one change.
      if (!counted) {
        counted = true;
        queueMicrotask(() => {
          counted = false;
          changes += 1;
          if (changes === n) then();
        });
      }
      return Reflect.apply(set, map, [key, value]);
    };
    Object.assign(map, { set: spied });
  }
  return { changes: () => changes };
}
