import type { Clock } from '../port/clock.ts';
import type { Store } from '../port/store.ts';

/** The store's hint may not come; so look this often anyway. */
const LOOK_MS = 200;

/** Looks until there is an answer or the time is over: at once, whenever the store says that something changed, and now and then. */
export async function waitFor<T>(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  look: () => Promise<T | undefined>,
  withinMs: number,
): Promise<T | undefined> {
  const endMs = clock.monotonicMs() + withinMs;
  for (;;) {
    const hint = nextHint(store, clock);
    try {
      const found = await look();
      if (found !== undefined || clock.monotonicMs() >= endMs) return found;
      await hint.come(Math.min(LOOK_MS, endMs - clock.monotonicMs()));
    } finally {
      hint.forget();
    }
  }
}

/** Listens from now on, so that a change during the look is not missed. */
export function nextHint(
  store: Store,
  clock: Clock,
): { readonly come: (withinMs: number, signal?: AbortSignal) => Promise<void>; readonly forget: () => void } {
  let wake: () => void = () => {};
  let came = false;
  const forget = store.onChange(() => {
    came = true;
    wake();
  });
  return {
    forget,
    come: (withinMs, signal) =>
      new Promise((resolve) => {
        const finish = (): void => {
          cancel();
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        const cancel = clock.after(Math.max(0, withinMs), finish);
        wake = finish;
        signal?.addEventListener('abort', finish, { once: true });
        if (came || signal?.aborted) finish();
      }),
  };
}
