import { z } from 'zod';
import { errorText } from '../model/error.ts';
import type { Log } from '../port/log.ts';
import type { SlackClient } from './client.ts';
import type { Said } from './reply/said.ts';

/** Somebody to whom an answer goes that only they see. */
export type Addressee = {
  readonly user: string;
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
  readonly responseUrl?: string | undefined;
};

type Deps = {
  readonly client: Pick<SlackClient, 'call'>;
  /** The Web API as it is configured; absent: Slack's own. */
  readonly apiUrl: () => string | undefined;
  readonly log: Log;
};

const DEADLINE_MS = 5000;
const QUIET = { unfurl_links: false, unfurl_media: false };
const inThread = (thread: string | undefined): { readonly thread_ts?: string } => (thread === undefined ? {} : { thread_ts: thread });
const Posted = z.looseObject({});

/**
 * Tells one person something: by the address that came with their press, which needs no right and works in every conversation, else by a message that only
 * they see. Never throws: whoever cannot be told finds it on the card, the console and the command line.
 */
export function tellPerson({ client, apiUrl, log }: Deps): (to: Addressee, what: string | Said) => Promise<void> {
  return async ({ user, channel, thread, responseUrl }, what) => {
    const said = typeof what === 'string' ? { text: what } : what;
    if (responseUrl !== undefined && (await respond(responseUrl, { said, apiUrl: apiUrl() }))) return;
    const { response_type: forAll, ...words } = said;
    try {
      if (channel !== undefined && forAll === 'in_channel') await client.call('chat.postMessage', { channel, ...words, ...inThread(thread), ...QUIET }, Posted);
      else if (channel !== undefined) await client.call('chat.postEphemeral', { channel, user, ...words, ...inThread(thread), ...QUIET }, Posted);
    } catch (error) {
      log.warn('slack.not-told', { user, reason: errorText(error) });
    }
  };
}

async function respond(url: string, { said, apiUrl }: { readonly said: Said; readonly apiUrl: string | undefined }): Promise<boolean> {
  if (!isSlacks(url, apiUrl)) return false;
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...said }),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Used up, too old, or away: the other way is tried.
    return false;
  }
}

/** An address from a payload is only called where it is Slack's own, or where the Web API of the configuration is. */
export function isSlacks(url: string, apiUrl: string | undefined): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, origin } = new URL(url);
  if (apiUrl !== undefined) return origin === new URL(apiUrl).origin;
  return protocol === 'https:' && (hostname === 'hooks.slack.com' || hostname === 'hooks.slack-gov.com');
}
