import { type Clock, systemClock } from '../../../src/port/clock.ts';

/** The machine's clock, so many times as fast: for pauses and deadlines of minutes. */
export const hasty = (times: number): Clock => ({
  nowMs: systemClock.nowMs,
  monotonicMs: () => systemClock.monotonicMs() * times,
  after: (delayMs, callback) => systemClock.after(delayMs / times, callback),
});
