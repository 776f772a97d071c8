import type { WebClient, WebClientOptions } from '@slack/web-api';
import type { z } from 'zod';
import { slackFault, strangeAnswer } from './errors.ts';

export type SlackClientOptions = {
  /** Asked at every call, so a token may rotate. Throws where there is none to be read. */
  readonly token: () => string;
  /** Base address of the Web API; absent: Slack's own. A missing slash at its end is added. */
  readonly apiUrl?: string | undefined;
  readonly deadlineMs?: number;
  /** For tests on a clock of their own; absent: the network. */
  readonly fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>;
};

/** One caller of Slack's Web API. */
export type SlackClient = {
  /** Puts the content of a file where Slack said. Throws as `call` does; nothing is seen of it before it is completed. */
  readonly upload?: (url: string, text: string) => Promise<void>;
  /**
   * Calls a method once and checks its answer. Throws `chat.unavailable`: `retryAfterMs` where Slack asks to wait, and in `details.outcome` whether it
   * surely did not happen (`refused`) or nobody knows (`unknown`).
   */
  call<Answer>(method: string, args: { readonly [name: string]: unknown }, answer: z.ZodType<Answer>): Promise<Answer>;
};

const PUBLIC_URL = 'https://slack.com/api/';
const DEADLINE_MS = 10_000;

/**
 * A client of its own: what it is told to wait for holds no other client up. It never repeats a request by itself; the SDK would post up to three times
 * and wait for half an hour. The SDK is loaded at the first call: it costs a fifth of a second, and not everybody has Slack.
 */
export function slackClient({ token, apiUrl = PUBLIC_URL, deadlineMs = DEADLINE_MS, fetch: request = fetch }: SlackClientOptions): SlackClient {
  const slackApiUrl = apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`;
  let loaded: { readonly token: string; readonly web: WebClient } | undefined;
  const clientOf = async (now: string): Promise<WebClient> => {
    if (loaded?.token !== now) loaded = { token: now, web: await load(now, { slackApiUrl, timeout: deadlineMs, fetch: waitable(request) }) };
    return loaded.web;
  };
  return {
    async upload(url, text) {
      const signal = AbortSignal.timeout(deadlineMs);
      const answer = await request(url, { method: 'POST', body: text, headers: { 'content-type': 'application/octet-stream' }, signal }).catch(
        (error: unknown) => {
          throw slackFault('upload', error);
        },
      );
      await answer.body?.cancel();
      if (!answer.ok) throw slackFault('upload', { code: 'slack_webapi_http_error', statusCode: answer.status });
    },
    async call(method, args, answer) {
      const web = await clientOf(token());
      const given = await web.apiCall(method, { ...args }).catch((error: unknown) => {
        throw slackFault(method, error);
      });
      const read = answer.safeParse(given);
      if (!read.success) throw strangeAnswer(method);
      return read.data;
    },
  };
}

async function load(token: string, to: WebClientOptions): Promise<WebClient> {
  const { WebClient, LogLevel } = await import('@slack/web-api');
  const nothing = (): void => {};
  return new WebClient(token, {
    ...to,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    // What it has to say we say ourselves, without whole bodies.
    logger: { debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, getLevel: () => LogLevel.ERROR, setName: nothing },
  });
}

/** A 429 without a time to wait is one, too: the SDK has no name for it. */
function waitable(request: NonNullable<SlackClientOptions['fetch']>): NonNullable<SlackClientOptions['fetch']> {
  return async (url, init) => {
    const response = await request(url, init);
    if (response.status !== 429 || /^\d+$/.test(response.headers.get('retry-after') ?? '')) return response;
    return new Response(null, { status: 429, headers: { 'retry-after': '0' } });
  };
}
