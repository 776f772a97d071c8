/** A moment as people read it in holds, reports and messages: `2026-11-21 12:04:31 UTC`. Out of range, as clocks that are broken can be: the number. */
export function formatTime(atMs: number): string {
  const moment = new Date(atMs);
  if (Number.isNaN(moment.getTime())) return `${atMs} ms`;
  const text = moment.toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}
