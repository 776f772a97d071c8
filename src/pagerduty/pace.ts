import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';

export type Pace = (key: string) => void;

/**
 * At most so many in any minute for one key: who comes too early throws `pager.unavailable` with the time until there is room, so that it waits in its
 * lane and holds nobody up. Below PagerDuty's own limit, which counts other senders with the same key, too.
 */
export function pace({ clock, most }: { readonly clock: Clock; readonly most: number }): Pace {
  const taken = new Map<string, number[]>();
  return (key) => {
    const nowMs = clock.nowMs();
    const lately = (taken.get(key) ?? []).filter((atMs) => atMs > nowMs - MINUTE_MS && atMs <= nowMs);
    taken.set(key, lately);
    const [oldest = nowMs] = lately;
    if (lately.length >= most) {
      const answer = `${most} requests a minute are as many as Salvor sends`;
      throw new SalvorError('pager.unavailable', answer, { retry: 'later', retryAfterMs: oldest + MINUTE_MS - nowMs, details: { answer } });
    }
    lately.push(nowMs);
  };
}

const MINUTE_MS = 60_000;
