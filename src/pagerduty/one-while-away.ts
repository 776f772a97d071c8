import { SalvorError } from '../model/error.ts';
import type { Page } from '../port/pager.ts';

type Send = (page: Page) => Promise<void>;

const AGAIN_MS = 5000;

/**
 * While PagerDuty does not answer, one page at a time finds out whether it is back; the others are turned away at once and wait in their lanes. Forty
 * incidents with a hanging PagerDuty would hold up every lane else, the chat's too.
 */
export function oneWhileAway(send: Send): Send {
  let away: string | undefined;
  let trying = 0;
  return async (page) => {
    if (away !== undefined && trying > 0)
      throw new SalvorError('pager.unavailable', `PagerDuty cannot be reached: ${away}`, { retry: 'later', retryAfterMs: AGAIN_MS, details: { answer: away } });
    trying += 1;
    try {
      await send(page);
      away = undefined;
    } catch (error) {
      away = answerOf(error);
      throw error;
    } finally {
      trying -= 1;
    }
  };
}

/** Undefined where it answered this page alone: refused it, or asked to go slower. */
function answerOf(error: unknown): string | undefined {
  if (!(error instanceof SalvorError) || error.code !== 'pager.unavailable') return undefined;
  const { answer, status } = error.details;
  const isAway = typeof status !== 'number' || status >= 500;
  return isAway && typeof answer === 'string' ? answer : undefined;
}
