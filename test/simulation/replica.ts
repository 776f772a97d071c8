import type { Clock } from '../../src/port/clock.ts';
import { clockOf, type EventLoop } from './loop.ts';

/** One life of one program. What comes from outside enters it, or waits while it is frozen, or is lost because it is dead. */
export type Replica = {
  /** `a#2`: the second life of a. */
  readonly name: string;
  readonly clock: Clock;
  isAlive(): boolean;
  isFrozen(): boolean;
  enter(run: () => void): void;
  kill(): void;
  /** Stops it as SIGSTOP does: its timers do not run and it reads no answer, while everybody else's time goes on. */
  freeze(): void;
  thaw(): void;
};

export function replica(loop: EventLoop, name: string, aheadMs: () => number): Replica {
  let alive = true;
  let frozen = false;
  const waiting: (() => void)[] = [];
  const enter = (run: () => void): void => {
    if (!alive) return;
    if (frozen) waiting.push(run);
    else run();
  };
  return {
    name,
    clock: clockOf(loop, `${name} timer`, { aheadMs, enter }),
    isAlive: () => alive,
    isFrozen: () => frozen,
    enter,
    kill() {
      alive = false;
    },
    freeze() {
      frozen = true;
    },
    thaw() {
      frozen = false;
      for (const run of waiting.splice(0)) enter(run);
    },
  };
}
