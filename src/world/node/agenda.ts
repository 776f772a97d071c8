import type { Clock } from '../../port/clock.ts';

/** What is to be done when: at most one entry per key, all entries of one moment on one timer of the clock. */
export type Agenda = {
  /** Does it after that time; whatever was under the key is dropped. */
  put(key: string, delayMs: number, run: () => void): void;
  /** The same, unless something is under the key already. */
  once(key: string, delayMs: number, run: () => void): void;
  /** Whether anything was under the key. */
  drop(key: string): boolean;
  has(key: string): boolean;
};

export function agenda(clock: Clock): Agenda {
  const byKey = new Map<string, number>();
  const moments = new Map<number, Map<string, () => void>>();

  const drop = (key: string): boolean => {
    const dueMs = byKey.get(key);
    if (dueMs === undefined) return false;
    byKey.delete(key);
    moments.get(dueMs)?.delete(key);
    return true;
  };
  const put = (key: string, delayMs: number, run: () => void): void => {
    drop(key);
    const dueMs = clock.monotonicMs() + Math.max(0, delayMs);
    byKey.set(key, dueMs);
    const moment = moments.get(dueMs);
    if (moment !== undefined) {
      moment.set(key, run);
      return;
    }
    const runs = new Map([[key, run]]);
    moments.set(dueMs, runs);
    clock.after(delayMs, () => {
      moments.delete(dueMs);
      // What an entry drops from this very moment is not done any more.
      for (const [one, each] of runs) {
        byKey.delete(one);
        each();
      }
    });
  };
  return {
    put,
    once(key, delayMs, run) {
      if (!byKey.has(key)) put(key, delayMs, run);
    },
    drop,
    has: (key) => byKey.has(key),
  };
}
