import { SalvorError } from '../model/error.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_REST_MS = 900_000;

/** How long a lane whose other side is away rests: twice as long each time, up to a minute; longer where the other side asks for it. */
export function pauseMs(attempts: number, error: unknown): number {
  const asked = error instanceof SalvorError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts - 1, 10)));
}

/** Whether a lane rests until that time. No pause is so long as a quarter of an hour: one that seems to be was begun by a clock that was ahead. */
export function isResting(untilMs: number | undefined, nowMs: number): untilMs is number {
  return untilMs !== undefined && nowMs < untilMs && untilMs <= nowMs + LONGEST_REST_MS;
}
