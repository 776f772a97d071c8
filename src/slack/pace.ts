import type { Clock } from '../port/clock.ts';

/** Who wants a turn, and in which queue: posts to one channel, or edits. */
export type Turn = {
  readonly queue: string;
  readonly who: string;
  readonly urgent: boolean;
  readonly everyMs: number;
  /** So many may come at once before the pace is kept. */
  readonly burst: number;
};

type Waiting = { readonly urgent: boolean; readonly order: number; readonly backMs: number };
type Queue = { freeMs: number; readonly waiting: Map<string, Waiting> };

/** Who does not come back for the turn that was named loses the place. */
const PATIENCE_MS = 2000;

/**
 * Turns at a steady pace over all threads of this process. Nobody is held up inside: who has to wait hears how long, lets go, and comes back. What is
 * urgent goes first, else who has waited longest.
 */
export function pace(clock: Clock): { readonly take: (turn: Turn) => number } {
  const queues = new Map<string, Queue>();
  let asked = 0;
  return {
    /** Ms to wait; 0 takes the turn. */
    take({ queue: name, who, urgent, everyMs, burst }) {
      const nowMs = clock.monotonicMs();
      const queue = queues.get(name) ?? { freeMs: nowMs, waiting: new Map<string, Waiting>() };
      queues.set(name, queue);
      for (const [other, { backMs }] of queue.waiting) if (backMs + PATIENCE_MS < nowMs) queue.waiting.delete(other);
      asked += 1;
      const mine = { urgent, order: queue.waiting.get(who)?.order ?? asked };
      const before = [...queue.waiting].filter(([other, waiting]) => other !== who && goesBefore(waiting, mine)).length;
      const openMs = queue.freeMs - burst * everyMs;
      const waitMs = Math.max(0, openMs - nowMs) + before * everyMs;
      if (waitMs > 0) {
        queue.waiting.set(who, { ...mine, backMs: nowMs + waitMs });
        return waitMs;
      }
      queue.waiting.delete(who);
      queue.freeMs = Math.max(queue.freeMs, nowMs) + everyMs;
      return 0;
    },
  };
}

function goesBefore(other: Omit<Waiting, 'backMs'>, mine: Omit<Waiting, 'backMs'>): boolean {
  return other.urgent === mine.urgent ? other.order < mine.order : other.urgent;
}
