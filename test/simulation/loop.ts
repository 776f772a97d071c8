import type { Clock } from '../../src/port/clock.ts';
import { START_MS } from '../../src/world/clock.ts';

type Task = { readonly dueMs: number; readonly order: number; readonly what: string; run: (() => void) | undefined };

/**
 * The only thing that moves in a simulation: tasks by their time, each run to its end before the next begins. Whatever happens between programs is a
 * task; who draws their delays from a seed draws the order of everything.
 */
export type EventLoop = {
  /** Time since the beginning, in ms with fractions. */
  nowMs(): number;
  /** Runs it after the delay; the answer cancels it. */
  after(delayMs: number, what: string, run: () => void): () => void;
  /** Lets time pass. Behind each task `seen` is told; what it answers true for ends the pass. */
  pass(durationMs: number, seen: (what: string) => boolean): Promise<void>;
};

export function eventLoop(): EventLoop {
  const heap: Task[] = [];
  let nowMs = 0;
  let made = 0;
  const before = (a: Task, b: Task): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
  const swap = (one: number, other: number): void => {
    const [a, b] = [heap[one], heap[other]];
    if (a !== undefined && b !== undefined) [heap[one], heap[other]] = [b, a];
  };
  const isBefore = (one: number, other: number): boolean => {
    const [a, b] = [heap[one], heap[other]];
    return a !== undefined && b !== undefined && before(a, b);
  };
  const push = (task: Task): void => {
    heap.push(task);
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(at, parent)) break;
      swap(at, parent);
      at = parent;
    }
  };
  const pop = (): Task | undefined => {
    swap(0, heap.length - 1);
    const first = heap.pop();
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const least = isBefore(right, left) ? right : left;
      if (!isBefore(least, at)) break;
      swap(least, at);
      at = least;
    }
    return first;
  };

  return {
    nowMs: () => nowMs,
    after(delayMs, what, run) {
      made += 1;
      const task: Task = { dueMs: nowMs + Math.max(0, delayMs), order: made, what, run };
      push(task);
      return () => {
        task.run = undefined;
      };
    },
    async pass(durationMs, seen) {
      const untilMs = nowMs + durationMs;
      await settled();
      for (;;) {
        const [next] = heap;
        if (next === undefined || next.dueMs > untilMs) break;
        pop();
        if (next.run === undefined) continue;
        nowMs = Math.max(nowMs, next.dueMs);
        next.run();
        await settled();
        if (seen(next.what)) return;
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

/** One turn of Node's own loop drains all microtasks, also those that they queue. Nothing in a simulation waits for anything else. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The loop's time as a clock; `aheadMs` is how wrong its wall time is. */
export function clockOf(loop: EventLoop, what: string, { aheadMs, enter }: ClockOptions = {}): Clock {
  return {
    nowMs: () => START_MS + Math.floor(loop.nowMs()) + (aheadMs?.() ?? 0),
    monotonicMs: () => Math.floor(loop.nowMs()),
    after: (delayMs, callback) => loop.after(delayMs, what, () => (enter === undefined ? callback() : enter(callback))),
  };
}
type ClockOptions = { readonly aheadMs?: () => number; readonly enter?: (run: () => void) => void };
