const DAY_MS = 86_400_000;

/**
 * A time of Alertmanager as ms since 1970, clamped to [1970, now + 1 day]: a start may lie in the future, in year 0 or in year 9999.
 * It may carry an offset and nanoseconds. Undefined for what is no time, and for the zero time that stands for "not ended".
 */
export function readTime(value: unknown, nowMs: number): number | undefined {
  if (typeof value !== 'string' || value.startsWith('0001-01-01T00:00:00') || !/^\d{4}-\d\d-\d\d[Tt]/.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.min(Math.max(0, atMs), nowMs + DAY_MS);
}
