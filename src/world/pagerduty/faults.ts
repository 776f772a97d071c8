import { z } from 'zod';
import { Duration } from '../../model/duration.ts';
import type { Clock } from '../../port/clock.ts';

/**
 * What a request to the simulated PagerDuty meets in place of its answer: `down` the connection breaks, `unavailable` 503, `internal` 500,
 * `too-many-requests` 429, `unauthorized` 401, `hang` nothing is done and nothing answered, `lost-reply` it is done and the connection breaks,
 * `slow` answered after `delay`. What it does not name it matches all of; without `times` and `lasts` it stays until it is cleared.
 */
export const PagerDutyFault = z.strictObject({
  give: z.enum(['down', 'unavailable', 'internal', 'too-many-requests', 'unauthorized', 'hang', 'lost-reply', 'slow']),
  on: z.enum(['events', 'changes', 'rest']).optional(),
  method: z.enum(['GET', 'POST', 'PUT']).optional(),
  /** Beginning of the path, such as `/incidents`. */
  path: z.string().optional(),
  times: z.int().min(1).optional(),
  skip: z.int().min(0).optional(),
  lasts: Duration.optional(),
  delay: Duration.optional(),
  /** Seconds that a 429 asks for; absent: it says nothing, and has no rate limit headers either. */
  retryAfter: z.int().min(1).optional(),
});
export type PagerDutyFault = z.input<typeof PagerDutyFault>;
type Given = z.output<typeof PagerDutyFault>;

export type Asked = { readonly on: 'events' | 'changes' | 'rest'; readonly method: string; readonly path: string };

export type PagerDutyFaults = {
  add(fault: PagerDutyFault): void;
  /** The same for a fault that is read already. */
  put(fault: Given): void;
  clear(): void;
  /** The fault that this request meets, and counts it. */
  meet(asked: Asked): Given | undefined;
};

export function pagerDutyFaults(clock: Clock): PagerDutyFaults {
  let active: { readonly fault: Given; readonly untilMs: number; left: number; skip: number }[] = [];
  const put = (fault: Given): void => {
    const untilMs = fault.lasts === undefined ? Infinity : clock.nowMs() + fault.lasts;
    active.push({ fault, untilMs, left: fault.times ?? Infinity, skip: fault.skip ?? 0 });
  };
  return {
    add: (fault) => put(PagerDutyFault.parse(fault)),
    put,
    clear: () => void (active = []),
    meet({ on, method, path }) {
      active = active.filter(({ untilMs, left }) => left > 0 && clock.nowMs() < untilMs);
      const met = active.find(
        ({ fault }) => (fault.on ?? on) === on && (fault.method ?? method) === method && (fault.path === undefined || path.startsWith(fault.path)),
      );
      if (met === undefined) return undefined;
      if (met.skip > 0) {
        met.skip -= 1;
        return undefined;
      }
      met.left -= 1;
      return met.fault;
    },
  };
}
