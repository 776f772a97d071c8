import type { Clock } from '../port/clock.ts';

export type Pace = {
  /** One more waits: with it there are these costs. */
  readonly waits: (all: number) => void;
  /** One that had these costs waits no longer. */
  readonly left: (costs: number) => void;
  /** Costs a ms. */
  readonly perMs: () => number;
};

/** As long as nothing was learnt: about 4,000 small webhooks a second. */
const AT_FIRST = 20_000;
/** Measured only while so much waits: a lone webhook waits for the disk, and says nothing about how many could have gone with it. */
const MUCH = 64 * 1024;
const WINDOW_MS = 100;
/** What was learnt so long ago counts about a third. */
const FORGET_MS = 250;

/** How fast the store takes what waits for it, learnt from the times in which it had enough to do. */
export function makePace(clock: Clock): Pace {
  let perMs = AT_FIRST;
  let startedMs: number | undefined;
  let leftMs = 0;
  let done = 0;
  return {
    perMs: () => perMs,
    // Judged when the next one comes: those that went together leave together, and none of them alone says how long it took.
    waits(all) {
      const nowMs = clock.monotonicMs();
      if (startedMs !== undefined) {
        const tookMs = leftMs - startedMs;
        if (all >= MUCH && tookMs < WINDOW_MS) return;
        if (tookMs > 0) perMs += (1 - Math.exp(-tookMs / FORGET_MS)) * (done / tookMs - perMs);
      }
      startedMs = all < MUCH ? undefined : nowMs;
      leftMs = nowMs;
      done = 0;
    },
    left(costs) {
      done += costs;
      leftMs = clock.monotonicMs();
    },
  };
}
