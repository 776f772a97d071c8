import { DateTime } from 'luxon';

/** `2026-12-20` or `2026-12-20T18:00` in a time zone, in ms since 1970; an offset in the text wins. Undefined where it is no time. */
export function momentMs(text: string, timeZone: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const moment = DateTime.fromISO(text, { zone: timeZone });
  return moment.isValid ? moment.toMillis() : undefined;
}
