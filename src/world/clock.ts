import type { Clock } from '../port/clock.ts';

/** A clock that stands still until it is told to pass: timers run in order, and what they started settles before the next one. */
export type VirtualClock = Clock & {
  /** Lets time pass. Timers that come due run in order of their time, then of their making, also those that are set on the way. */
  pass(durationMs: number): Promise<void>;
  /** Moves the wall time alone, as a correction by NTP does: `monotonicMs` and timers do not notice. */
  jump(byMs: number): void;
  /** How many timers wait. */
  waiting(): number;
};

type VirtualClockOptions = {
  /** Wall time at the start, in ms since 1970. */
  readonly startMs?: number;
  /** Called after each timer: returns once what the timer started has settled. Default: a few turns of the loop. */
  readonly settle?: () => Promise<void>;
};

type Timer = { readonly dueMs: number; readonly order: number; readonly callback: () => void };

/** 2026-11-21 12:00:00 UTC, a Saturday. */
export const START_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

/** One pass that runs more timers than this is a loop that never ends. */
const MOST_TIMERS = 2_000_000;

const TURNS = 4;

export function virtualClock({ startMs = START_MS, settle = settleTurns }: VirtualClockOptions = {}): VirtualClock {
  const timers: Timer[] = [];
  let elapsedMs = 0;
  let jumpedMs = 0;
  let made = 0;

  const add = (timer: Timer): void => {
    // Kept sorted; equal times keep the order of their making.
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = timers[middle];
      if (other && other.dueMs <= timer.dueMs) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  };

  return {
    nowMs: () => startMs + elapsedMs + jumpedMs,
    monotonicMs: () => elapsedMs,
    after(delayMs, callback) {
      made += 1;
      const timer: Timer = { dueMs: elapsedMs + Math.max(0, delayMs), order: made, callback };
      add(timer);
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
    async pass(durationMs) {
      const untilMs = elapsedMs + durationMs;
      await settle();
      for (let ran = 0; ; ran += 1) {
        const next = timers[0];
        if (next === undefined || next.dueMs > untilMs) break;
        if (ran >= MOST_TIMERS) throw new Error(`more than ${MOST_TIMERS} timers in one pass: something sets itself again without delay`);
        timers.shift();
        elapsedMs = Math.max(elapsedMs, next.dueMs);
        next.callback();
        await settle();
      }
      elapsedMs = Math.max(elapsedMs, untilMs);
    },
    jump(byMs) {
      jumpedMs += byMs;
    },
    waiting: () => timers.length,
  };
}

/** A clock that runs `speed` times as fast as its base, from the same wall time on: a demo plays hours in a minute. */
export function fastClock({ speed, base }: { readonly speed: number; readonly base: Clock }): Clock {
  const startMs = base.nowMs();
  const originMs = base.monotonicMs();
  const elapsedMs = (): number => (base.monotonicMs() - originMs) * speed;
  return {
    nowMs: () => startMs + Math.round(elapsedMs()),
    monotonicMs: elapsedMs,
    after: (delayMs, callback) => base.after(delayMs / speed, callback),
  };
}

/** Lets promises settle: each turn of the loop drains all microtasks, also those that they queue. */
async function settleTurns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
