const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Unit = readonly [letter: string, seconds: number];

/** An age as `kubectl get` prints it: `45s`, `7m54s`, `5h`, `30d`; `<unknown>` where there is no time. */
export function ageOf(time: string, nowMs: number): string {
  const sinceMs = Date.parse(time);
  if (Number.isNaN(sinceMs)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((nowMs - sinceMs) / 1000));
  /** In this unit, and what is left in the smaller one. */
  const two = ([unit, size]: Unit, [smallUnit, smallSize]: Unit): string => {
    const rest = Math.floor((seconds % size) / smallSize);
    return `${Math.floor(seconds / size)}${unit}${rest === 0 ? '' : `${rest}${smallUnit}`}`;
  };
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return two(['m', MINUTE], ['s', 1]);
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return two(['h', HOUR], ['m', MINUTE]);
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return two(['d', DAY], ['h', HOUR]);
  if (seconds < 2 * 365 * DAY) return `${Math.floor(seconds / DAY)}d`;
  return two(['y', 365 * DAY], ['d', DAY]);
}
