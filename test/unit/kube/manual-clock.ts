import type { Clock } from '../../../src/port/clock.ts';

/** A clock that a test moves: timers fire in order of their time, and what they started gets its turn before the next one. */
export function manualClock(): Clock & { pass(ms: number): Promise<void>; waiting(): readonly number[] } {
  let nowMs = 1_000_000;
  let timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    async pass(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (;;) {
        const next = timers.filter((one) => one.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (next === undefined) break;
        timers = timers.filter((one) => one !== next);
        nowMs = next.atMs;
        next.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    waiting: () => timers.map((one) => one.atMs - nowMs).sort((a, b) => a - b),
  };
}
