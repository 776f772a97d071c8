import { z } from 'zod';
import { errorText, SalvorError } from '../model/error.ts';
import { type Json, parseJson } from '../model/json.ts';
import type { Page, Pager } from '../port/pager.ts';

export type EventsOptions = {
  /** Base address; absent: PagerDuty's own in the US. */
  readonly url?: string | undefined;
  /** The integration key for whom a rung of a ladder pages. Asked at every page, so a key may rotate. Throws where there is none to be read. */
  readonly routingKey: (target: string) => string;
  /** Shown as the sender's address on the incident. */
  readonly clientUrl?: string | undefined;
  readonly deadlineMs?: number;
};

const PUBLIC_URL = 'https://events.pagerduty.com';
const DEADLINE_MS = 10_000;
const LARGEST_ANSWER_BYTES = 64 * 1024;

const Refused = z.looseObject({ message: z.string().optional(), errors: z.array(z.string()).optional() });

/**
 * PagerDuty, Events API v2. An accepted event is queued there, and is no page yet. Whatever is not an acceptance is `pager.unavailable`, to be
 * sent again: the dedup key makes a repeat harmless, and an integration key that was wrong may be mended.
 * Source  PagerDuty developer documentation, "Events API v2 Overview" and "Send an Alert Event".
 */
export function pagerdutyEvents({ url = PUBLIC_URL, routingKey, clientUrl, deadlineMs = DEADLINE_MS }: EventsOptions): Pager {
  const address = `${url.replace(/\/+$/, '')}/v2/enqueue`;
  return {
    async send(page) {
      const key = routingKey(page.target);
      const body = JSON.stringify(eventOf(page, key, clientUrl));
      const answer = await post(address, body, deadlineMs);
      if (answer.status === 202) return;
      const asked = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
      throw new SalvorError('pager.unavailable', `PagerDuty did not take the page for ${page.target}: ${refusalText(answer)}`.replaceAll(key, '***'), {
        retry: 'later',
        ...asked,
      });
    },
  };
}

function eventOf({ action, dedupKey, severity, summary, details }: Page, routingKey: string, clientUrl: string | undefined): Json {
  const event = { routing_key: routingKey, event_action: action, dedup_key: dedupKey };
  if (action !== 'trigger') return event;
  return {
    ...event,
    client: 'Salvor',
    ...(clientUrl === undefined ? {} : { client_url: clientUrl }),
    payload: { summary, source: details['cluster'] ?? 'salvor', severity, custom_details: details },
  };
}

type Answer = { readonly status: number; readonly text: string; readonly retryAfterMs?: number };

async function post(address: string, body: string, deadlineMs: number): Promise<Answer> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const seconds = Number(response.headers.get('retry-after') ?? '');
    const text = (await response.text()).slice(0, LARGEST_ANSWER_BYTES);
    return { status: response.status, text, ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}) };
  } catch (error) {
    throw new SalvorError('pager.unavailable', `PagerDuty cannot be reached: ${reasonOf(error)}`, { retry: 'later' });
  }
}

/** What PagerDuty says is wrong, or the bare status: its pages for errors are not for people. */
function refusalText({ status, text }: Answer): string {
  const refused = Refused.safeParse(parseJson(text));
  const errors = refused.data?.errors ?? [];
  const said = errors.length > 0 ? errors.join(', ') : refused.data?.message;
  return said === undefined ? `it answered ${status}` : `it answered ${status}, ${said.slice(0, 300)}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it did not answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return cause instanceof Error ? 'the connection broke' : errorText(error);
}
