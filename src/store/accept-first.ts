import { type Clock, sleep } from '../port/clock.ts';
import type { Store } from '../port/store.ts';

/** So many webhooks that wait for the store at once are a burst: an Alertmanager at its usual pace has one or two on their way. */
const BURST = 8;
/** A burst is over when there was none for so long: between two answers and the next requests there may be nothing on its way for a moment. */
const OVER_MS = 25;
/** What is due waits for the end of a burst, but not longer than this; */
const HOLD_MS = 250;
/** and then so little of it is taken at once. */
const FEW = 16;
const LOOK_MS = 10;

/**
 * A store in which accepting comes before work. As long as a burst of webhooks comes in, new work is taken rarely and little at once, so that all are
 * durable soon, although each of them is the beginning of work; what is in hand goes on. However long the burst is, some work is done meanwhile.
 */
export function acceptFirst(store: Store, clock: Clock): Store {
  let accepting = 0;
  let seenMs = Number.NEGATIVE_INFINITY;
  const isBurst = (): boolean => clock.monotonicMs() - seenMs < OVER_MS;
  return {
    ...store,
    async accept(webhook) {
      accepting += 1;
      if (accepting >= BURST) seenMs = clock.monotonicMs();
      try {
        return await store.accept(webhook);
      } finally {
        accepting -= 1;
      }
    },
    async claim(request) {
      const untilMs = clock.monotonicMs() + HOLD_MS;
      while (isBurst() && clock.monotonicMs() < untilMs) await sleep(clock, LOOK_MS);
      return store.claim(isBurst() ? { ...request, limit: Math.min(FEW, request.limit) } : request);
    },
  };
}
