import type { Clock } from '../port/clock.ts';

/** How far the clock of an API server is ahead of ours, by the `Date` of its answers. */
export type ServerClock = {
  /** An answer came to a request that was sent at this time of our clock. */
  heard(date: string | undefined, sentMs: number): void;
  /** In ms, negative where it is behind; 0 while nothing is known, and where both agree. */
  aheadMs(): number;
};

/** The header has whole seconds, and clocks that are kept in time differ by less than a few. */
const AGREE_MS = 5000;
/** A slower answer says too little about when it was written. */
const PROMPT_MS = 2000;

export function serverClock(clock: Pick<Clock, 'nowMs'>): ServerClock {
  let aheadMs = 0;
  return {
    heard(date, sentMs) {
      const toldMs = Date.parse(date ?? '');
      const nowMs = clock.nowMs();
      if (Number.isNaN(toldMs) || nowMs - sentMs > PROMPT_MS || nowMs < sentMs) return;
      // It was written between our sending and our hearing, in the second that it names.
      const middleMs = toldMs + 500 - (sentMs + nowMs) / 2;
      aheadMs = Math.abs(middleMs) < AGREE_MS ? 0 : Math.round(middleMs);
    },
    aheadMs: () => aheadMs,
  };
}
