import { type ErrorOptions, errorText, SalvorError } from '../model/error.ts';

/** What PagerDuty answered, or why it did not: how every request to it fails. */

type Failed = { readonly status: number; readonly said?: string | undefined; readonly retryAfterMs?: number | undefined };

/**
 * An answer that is no yes, as `pager.unavailable` with `answer` in its details: what it answered, apart from what was asked. A refusal (`refused`) is about
 * this request, and stays one until somebody changes something; the rest goes away by itself. A key in PagerDuty's own words is left out.
 */
export function notTaken(
  what: string,
  { status, said, retryAfterMs }: Failed,
  { secret, retry = 'later' }: { readonly secret: string; readonly retry?: 'later' | 'never' },
): SalvorError {
  const words = said === undefined || said === '' ? '' : `, ${said.slice(0, 300)}`;
  const answer = `it answered ${status}${words}`.replaceAll(secret, '***');
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const options: ErrorOptions = { retry, details: { answer, status, refused }, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return new SalvorError('pager.unavailable', `${what}: ${answer}`, options);
}

/** No answer at all: nobody knows whether it was done. */
export function notReached(error: unknown): SalvorError {
  const answer = reasonOf(error);
  return new SalvorError('pager.unavailable', `PagerDuty cannot be reached: ${answer}`, { retry: 'later', details: { answer } });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) return 'it did not answer in time';
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? 'the connection broke' : errorText(error);
}

/** How long a 429 asks to wait: `Retry-After`, else the end of the window that it counts in. It may say neither. */
export function askedToWaitMs(headers: { get(name: string): string | null }): number | undefined {
  for (const name of ['retry-after', 'ratelimit-reset']) {
    const seconds = Number(headers.get(name) ?? '');
    if (seconds > 0) return seconds * 1000;
  }
  return undefined;
}
