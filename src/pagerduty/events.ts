import { z } from 'zod';
import { type Json, parseJson } from '../model/json.ts';
import type { Page, Pager } from '../port/pager.ts';
import { askedToWaitMs, notReached, notTaken } from './fault.ts';
import type { Pace } from './pace.ts';

export type EventsOptions = {
  /** Base address; absent: PagerDuty's own in the US. */
  readonly url?: string | undefined;
  /** The integration key for whom a rung of a ladder pages. Asked at every page, so a key may rotate. Throws where there is none to be read. */
  readonly routingKey: (target: string) => string;
  /** Shown as the sender's address on the incident. */
  readonly clientUrl?: string | undefined;
  readonly deadlineMs?: number;
  /** Of pages per integration key; absent: as fast as they come. */
  readonly pace?: Pace | undefined;
  /** For tests on a clock of their own; absent: the network. */
  readonly fetch?: Fetch | undefined;
};

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const PUBLIC_URL = 'https://events.pagerduty.com';
const DEADLINE_MS = 10_000;
const LARGEST_ANSWER_BYTES = 64 * 1024;

const Refused = z.looseObject({ message: z.string().optional(), errors: z.array(z.string()).optional() });

/**
 * PagerDuty, Events API v2. An accepted event is queued there, and is no page yet. Whatever is not an acceptance is `pager.unavailable`, to be
 * sent again: the dedup key makes a repeat harmless, and an integration key that was wrong may be mended. A change that is refused is let go.
 * Source  PagerDuty developer documentation, "Events API v2 Overview", "Send an Alert Event" and "Send a Change Event".
 */
export function pagerdutyEvents({
  url = PUBLIC_URL,
  routingKey,
  clientUrl,
  deadlineMs = DEADLINE_MS,
  pace,
  fetch: request = fetch,
}: EventsOptions): Pick<Pager, 'send'> {
  const base = url.replace(/\/+$/, '');
  return {
    async send(page) {
      const key = routingKey(page.target);
      pace?.(key);
      const isChange = page.action === 'change';
      const body = JSON.stringify(isChange ? changeOf(page, key) : eventOf(page, key, clientUrl));
      const answer = await post(request, `${base}${isChange ? '/v2/change/enqueue' : '/v2/enqueue'}`, { body, deadlineMs });
      if (answer.status === 202) return;
      const what = isChange ? 'PagerDuty did not take the change' : `PagerDuty did not take the page for ${page.target}`;
      const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 429;
      throw notTaken(what, answer, { secret: key, retry: isChange && isRefused ? 'never' : 'later' });
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

/** What was done, where and when; the link leads to the incident. */
function changeOf({ summary, details }: Page, routingKey: string): Json {
  const { link, at, ...facts } = details;
  return {
    routing_key: routingKey,
    payload: { summary, source: facts['cluster'] ?? 'salvor', ...(at === undefined ? {} : { timestamp: at }), custom_details: facts },
    ...(link === undefined ? {} : { links: [{ href: link, text: 'The incident in Salvor' }] }),
  };
}

type Answer = { readonly status: number; readonly said?: string; readonly retryAfterMs?: number };

async function post(request: Fetch, address: string, { body, deadlineMs }: { readonly body: string; readonly deadlineMs: number }): Promise<Answer> {
  try {
    const response = await request(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const retryAfterMs = askedToWaitMs(response.headers);
    const said = saidIn((await response.text()).slice(0, LARGEST_ANSWER_BYTES));
    return { status: response.status, ...(said === undefined ? {} : { said }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (error) {
    throw notReached(error);
  }
}

/** What PagerDuty says is wrong; its pages for errors are not for people. */
function saidIn(text: string): string | undefined {
  const refused = Refused.safeParse(parseJson(text));
  const errors = refused.data?.errors ?? [];
  return errors.length > 0 ? errors.join(', ') : refused.data?.message;
}
