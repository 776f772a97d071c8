import { parseDuration } from './duration.ts';

const DAY_MS = 86_400_000;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const MOMENT = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?$/;

/** How people say until when, for help and refusals. */
export const UNTIL_WORDS = 'such as 2h, 18:00 or 2026-11-21T18:00 (UTC)';

/**
 * Until when, as people write it: how long (`2h`), the next time that clocks show it (`18:00`), or a moment (`2026-11-21T18:00Z`). Times without a zone are
 * UTC, as everywhere that Salvor writes them. Answers ms since 1970; undefined where the text is none of these.
 */
export function parseUntil(text: string, nowMs: number): number | undefined {
  const said = text.trim();
  const forMs = parseDuration(said);
  if (forMs !== undefined) return nowMs + forMs;
  const clock = CLOCK.exec(said);
  if (clock !== null) {
    const today = Math.floor(nowMs / DAY_MS) * DAY_MS + (Number(clock[1]) * 60 + Number(clock[2])) * 60_000;
    return today > nowMs ? today : today + DAY_MS;
  }
  const moment = MOMENT.exec(said);
  if (moment === null) return undefined;
  const atMs = Date.parse(`${(moment[1] ?? '').replace(' ', 'T')}${moment[2] ?? 'Z'}`);
  return Number.isNaN(atMs) ? undefined : atMs;
}
