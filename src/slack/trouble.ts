import { SalvorError } from '../model/error.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Who is trying for all has so long; then the next one tries. */
const TRIAL_MS = 30_000;

/** An outage as all threads of this process see it. */
export type Trouble = {
  /** Ms to wait before trying; 0: it is well, or somebody may try for all. `where` is what is asked: a channel, or a method's own queue. */
  waitMs(where: string): number;
  /** This one tries now, and the others wait for what comes of it. */
  tries(where: string): void;
  /** Throws what is known, without asking Slack, while it is known to be of no use. */
  hold(where: string): void;
  worked(where: string): void;
  /** Remembers the failure, and answers it. */
  failed(where: string, error: unknown): void;
};

type State = { readonly error: SalvorError; readonly failures: number; readonly untilMs: number; readonly sinceMs: number; trialMs?: number };

/**
 * While Slack is away, refuses the token or tells us to wait, one thread tries for all, ever more rarely up to once a minute; the others are told how
 * long to wait. So an outage is one request and one line of the log for each round, however many incidents wait, and its end is noticed at once.
 */
export function trouble({ clock, log }: { readonly clock: Clock; readonly log: Log }): Trouble {
  const states = new Map<string, State>();

  return {
    waitMs(where) {
      const state = states.get(where);
      if (state === undefined) return 0;
      const nowMs = clock.monotonicMs();
      if (nowMs < state.untilMs) return state.untilMs - nowMs;
      return state.trialMs !== undefined && nowMs < state.trialMs + TRIAL_MS ? FIRST_PAUSE_MS : 0;
    },
    tries(where) {
      const state = states.get(where);
      if (state !== undefined) state.trialMs = clock.monotonicMs();
    },
    hold(where) {
      const state = states.get(where);
      const leftMs = state === undefined ? 0 : state.untilMs - clock.monotonicMs();
      if (state === undefined || leftMs <= 0) return;
      const { error } = state;
      throw new SalvorError(error.code, error.message, { retry: 'later', retryAfterMs: leftMs, details: { ...error.details, outcome: 'refused', said: true } });
    },
    worked(where) {
      const state = states.get(where);
      if (state === undefined) return;
      states.delete(where);
      log.info('chat.back', { where, awayMs: Math.round(clock.monotonicMs() - state.sinceMs) });
    },
    failed(where, error) {
      if (!(error instanceof SalvorError)) return;
      const nowMs = clock.monotonicMs();
      const before = states.get(where);
      const failures = (before?.failures ?? 0) + 1;
      const pauseMs = Math.max(error.retryAfterMs ?? 0, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10)));
      states.set(where, { error, failures, untilMs: nowMs + pauseMs, sinceMs: before?.sinceMs ?? nowMs });
    },
  };
}
