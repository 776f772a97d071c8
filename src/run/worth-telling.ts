const LEAST_MS = 15_000;

/**
 * Is this the time for a journal line about progress or patience? The longer it lasts, the rarer: six hours of a number that moves
 * every few seconds are some two hundred lines, and never the whole journal. What is newest is always in the run itself.
 */
export function worthTelling({ sinceMs, saidMs, nowMs }: { readonly sinceMs: number; readonly saidMs: number | undefined; readonly nowMs: number }): boolean {
  return saidMs === undefined || nowMs - saidMs >= Math.max(LEAST_MS, (nowMs - sinceMs) / 50);
}
