import { CHAIN_START, chainHash } from '../../../src/model/entry.ts';
import type { Scene, Watch } from './watch.ts';

/** Every journal is one chain without a gap, at every moment. */
export function journalWatch({ state, broken }: Scene): Watch {
  const heads = new Map<string, { readonly n: number; readonly hash: string }>();
  return {
    wentBack(partition) {
      for (const key of heads.keys()) if (key.startsWith(`${partition} `)) heads.delete(key);
      for (const [key, entries] of state.entries) {
        const [of, journal] = key.split('\0');
        const last = entries.at(-1);
        if (of === partition && last !== undefined) heads.set(`${of} ${journal}`, { n: last.n, hash: last.hash });
      }
    },
    committed(_, { partition, changes }) {
      for (const change of changes) {
        if (change.do !== 'append') continue;
        const key = `${partition} ${change.of}`;
        for (const entry of change.entries) {
          const { n, hash } = heads.get(key) ?? { n: 0, hash: CHAIN_START };
          if (entry.n !== n + 1 || chainHash(change.of, hash, entry) !== entry.hash)
            broken('every journal is one chain', `entry ${entry.n} of ${key} follows ${n}`);
          heads.set(key, { n: entry.n, hash: entry.hash });
        }
      }
    },
  };
}
