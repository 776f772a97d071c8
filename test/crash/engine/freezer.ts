import type { Clock } from '../../../src/port/clock.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import type { Store } from '../../../src/port/store.ts';
import type { Around } from '../../scenario/engine/stage.ts';

/** What a frozen program is about to do, or has just done and not heard of. */
export type Moment = { readonly what: string; readonly n: number; readonly side: 'before' | 'behind' };

/**
 * Stands around one engine and freezes it as a stopped process is frozen: its timers do not run, it sends nothing and reads no answer,
 * while everybody else's time goes on. Thawed, it goes on from where it stood, and believes that no time has passed until it looks.
 */
export function freezer(moment: Moment) {
  let frozen = false;
  let met = 0;
  const waiting: (() => void)[] = [];
  const gate = (): Promise<void> => (frozen ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve());

  const through = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    await gate();
    if (what === moment.what) met += 1;
    const isHere = what === moment.what && met === moment.n;
    if (isHere && moment.side === 'before') frozen = true;
    await gate();
    const answer = call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (isHere && moment.side === 'behind') frozen = true;
    const settled = await answer;
    await gate();
    if ('error' in settled) throw settled.error;
    return settled.value;
  };

  const wrapped = <O extends object>(object: O, prefix: string, names: readonly (keyof O & string)[]): O => {
    const copy = { ...object };
    for (const name of names) {
      const inner = object[name] as (...given: never[]) => Promise<unknown>;
      Object.assign(copy, { [name]: (...given: never[]) => through(`${prefix}${name}`, () => inner(...given)) });
    }
    return copy;
  };

  const around: Around = {
    store: (store: Store) => wrapped(store, 'store.', ['claim', 'commit', 'renew', 'get', 'list', 'mail', 'counts']),
    cluster: (cluster: Cluster) => ({
      ...wrapped(cluster, 'kube.', ['uid']),
      access: wrapped(cluster.access, 'kube.', ['get', 'find', 'list', 'create', 'patch', 'delete', 'evict']),
    }),
    clock: (clock: Clock) => ({
      ...clock,
      after: (delayMs, callback) =>
        clock.after(delayMs, () => {
          if (frozen) waiting.push(callback);
          else callback();
        }),
    }),
  };

  return {
    around,
    isFrozen: () => frozen,
    thaw(): void {
      frozen = false;
      for (const go of waiting.splice(0)) go();
    },
  };
}
