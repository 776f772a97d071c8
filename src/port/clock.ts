/** Where time comes from. Nothing else in the house reads a clock or sets a timer, so a test can move time. */
export interface Clock {
  /** Wall time in ms since 1970: for people, journals and due times. It may jump. */
  nowMs(): number;
  /** Time in ms that only goes forward: for leases and measured durations. */
  monotonicMs(): number;
  /** Calls back once after the delay; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The longest delay that a Node timer takes; longer ones are cut and looked at again. */
const LONGEST_MS = 2_000_000_000;

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Waits on the given clock; ends early, without a fault, when the signal aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const stop = (): void => {
      cancel();
      resolve();
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}
