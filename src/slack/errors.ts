import { z } from 'zod';
import { SalvorError } from '../model/error.ts';

/**
 * What became of a request that did not succeed. `refused`: Slack surely did not do it, so doing it again repeats nothing. `unknown`: it may have
 * happened, and only looking tells.
 */
export type Outcome = 'refused' | 'unknown';

/** What an administrator does about what Slack answers; the channel and the scopes are named where they are known. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['not_in_channel', 'Salvor is not in the channel: type /invite @salvor there'],
  ['channel_not_found', 'there is no such channel, or it is private and Salvor is not in it: check slack.channel, or type /invite @salvor there'],
  ['is_archived', 'the channel is archived: unarchive it, or set another slack.channel'],
  ['restricted_action', 'the workspace does not let Salvor post there: an administrator of Slack allows it in the settings of the channel'],
  ['missing_scope', 'the app lacks a right: add the scope, install the app again, and check with salvor check --live'],
  ['invalid_auth', 'Slack does not know the token: check slack.botToken'],
  ['not_authed', 'no token was sent: check slack.botToken'],
  ['token_revoked', 'the token was revoked: install the app again and replace slack.botToken'],
  ['token_expired', 'the token expired: install the app again and replace slack.botToken'],
  ['account_inactive', 'the app was removed from the workspace: install it again and replace slack.botToken'],
  ['not_allowed_token_type', 'this is the wrong kind of token: slack.botToken begins with xoxb-, slack.appToken with xapp-'],
  ['team_access_not_granted', 'the app is not installed in this workspace: install it there'],
]);

/** Slack says of these itself that part of the request may have happened. */
const MAYBE_DONE: ReadonlySet<string> = new Set(['internal_error', 'fatal_error', 'request_timeout', 'service_unavailable']);

/** Faults of a connection that was never made: nothing was sent. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const DEFAULT_RETRY_AFTER_S = 30;

const NAME = /^[a-z][a-z0-9_]{1,80}$/;

const Thrown = z.looseObject({
  code: z.string().optional(),
  name: z.string().optional(),
  data: z
    .looseObject({
      error: z.string().optional(),
      needed: z.string().optional(),
      response_metadata: z.looseObject({ messages: z.array(z.string()).optional() }).optional(),
    })
    .optional(),
  retryAfter: z.number().optional(),
  statusCode: z.number().optional(),
  original: z.unknown().optional(),
});

/**
 * Whatever the SDK throws at a call, as ours: `chat.unavailable`, to be tried again later, with the outcome, Slack's own name of the error and the scope
 * that it misses in the details. Never the token.
 */
export function slackFault(method: string, thrown: unknown): SalvorError {
  const { code, data, retryAfter, statusCode, original } = Thrown.safeParse(thrown).data ?? {};
  switch (code) {
    case 'slack_webapi_rate_limited_error': {
      const seconds = retryAfter !== undefined && retryAfter > 0 ? retryAfter : DEFAULT_RETRY_AFTER_S;
      return fault(method, `asks us to wait ${seconds} s`, { outcome: 'refused', slack: 'ratelimited', retryAfterMs: seconds * 1000 });
    }
    case 'slack_webapi_platform_error':
      return refusal(method, { error: data?.error ?? '', needed: data?.needed, said: data?.response_metadata?.messages ?? [] });
    case 'slack_webapi_http_error': {
      const isClient = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
      return fault(method, `answered ${statusCode ?? 'an error'}`, { outcome: isClient ? 'refused' : 'unknown' });
    }
    default:
      return unreachable(method, code === 'slack_webapi_request_error' ? original : thrown);
  }
}

/** An answer that is not as Slack documents it: what it was for may have happened. */
export function strangeAnswer(method: string): SalvorError {
  return fault(method, 'answered what we cannot read', { outcome: 'unknown' });
}

/** How a fault of a call ended, where it is one. Anything else is a fault of our own, before anything was sent. */
export function outcomeOf(error: unknown): Outcome {
  return error instanceof SalvorError && error.details['outcome'] === 'unknown' ? 'unknown' : 'refused';
}

/** Slack's own name of what went wrong, where it gave one. */
export function slackErrorOf(error: unknown): string | undefined {
  const name = error instanceof SalvorError ? error.details['slack'] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function refusal(
  method: string,
  { error, needed, said }: { readonly error: string; readonly needed: string | undefined; readonly said: readonly string[] },
): SalvorError {
  // A body that is no JSON comes as if it were the name of an error.
  if (!NAME.test(error)) return strangeAnswer(method);
  const advice = ADVICE.get(error);
  const scope = needed === undefined ? '' : ` (${needed.slice(0, 100)})`;
  const text = `refuses: ${error}${scope}${advice === undefined ? '' : `; ${advice}`}${said.length === 0 ? '' : `; ${said.join('; ').slice(0, 300)}`}`;
  const outcome = MAYBE_DONE.has(error) ? 'unknown' : 'refused';
  return fault(method, text, { outcome, slack: error, ...(needed === undefined ? {} : { needed: needed.slice(0, 100) }) });
}

function unreachable(method: string, error: unknown): SalvorError {
  if (error instanceof Error && error.name === 'TimeoutError') return fault(method, 'did not answer in time', { outcome: 'unknown' });
  const code = codeOf(error);
  const outcome = code !== undefined && NEVER_SENT.has(code) ? 'refused' : 'unknown';
  return fault(method, `cannot be reached: ${code ?? 'the connection broke'}`, { outcome });
}

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const read = z.looseObject({ code: z.string() }).safeParse(cause);
  return read.success && /^[A-Z][A-Z0-9_]+$/.test(read.data.code) ? read.data.code : undefined;
}

type Known = { readonly outcome: Outcome; readonly slack?: string; readonly needed?: string; readonly retryAfterMs?: number };

function fault(method: string, text: string, { retryAfterMs, ...details }: Known): SalvorError {
  const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new SalvorError('chat.unavailable', `Slack ${text} (${method})`, { retry: 'later', ...asked, details: { method, ...details } });
}
