import { formatDuration } from './duration.ts';
import { formatTime } from './time.ts';

/** Moments for people: the absolute one, and how far away it is. */

/** `5m 12s ago`, `in 2h 3m`, `now`: two parts at most. */
export function distance(atMs: number, nowMs: number): string {
  const awayMs = Math.abs(nowMs - atMs);
  if (awayMs < 1000) return 'now';
  const parts = formatDuration(awayMs).split(' ').slice(0, 2).join(' ');
  return atMs < nowMs ? `${parts} ago` : `in ${parts}`;
}

/** `2026-11-21 12:04:31 UTC (5m ago)`. */
export function when(atMs: number, nowMs: number): string {
  return `${formatTime(atMs)} (${distance(atMs, nowMs)})`;
}

/** For tables: the day only where it is another one than today's: `12:04:31 UTC (5m ago)`, `2026-11-20 23:04 UTC (13h ago)`. */
export function whenShort(atMs: number, nowMs: number): string {
  return `${clockTime(atMs, nowMs)} UTC (${distance(atMs, nowMs)})`;
}

/** `12:04:31`, and on another day than today's `2026-11-20 12:04`. */
export function clockTime(atMs: number, nowMs: number): string {
  const [day = '', time = ''] = formatTime(atMs).split(' ');
  const [today] = formatTime(nowMs).split(' ');
  return day === today ? time : `${day} ${time.slice(0, 5)}`;
}

/** `1.4 MiB`. */
export function formatBytes(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = sizeBytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? 'B'}`;
}
