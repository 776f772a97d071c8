import { Cron } from 'croner';
import { errorText } from '../model/error.ts';

/** Why a text is no cron expression of five fields; undefined where it is one. */
export function cronFault(text: string): string | undefined {
  try {
    new Cron(text, { paused: true, mode: '5-part' }).stop();
    return undefined;
  } catch (error) {
    return `expected a cron expression of five fields such as "0 3 1 * *": ${errorText(error).replace(/^CronPattern: /, '')}`;
  }
}

/** Why a text is no time zone; undefined where it is one. */
export function timeZoneFault(text: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return undefined;
  } catch {
    return 'expected a time zone such as UTC or Europe/Berlin';
  }
}
