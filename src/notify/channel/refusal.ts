import { errorText, SalvorError } from '../../model/error.ts';

/** What is left to do about a call that did not succeed. */
export type Refusal =
  /** Slack is away, hangs, refuses the token or tells us to wait: again later. */
  | { readonly kind: 'later' }
  /** The channel is no longer ours to use. */
  | { readonly kind: 'lost'; readonly why: string }
  /** It is refused, and would be again. */
  | { readonly kind: 'refused'; readonly name: string; readonly why: string };

const LOST: ReadonlyMap<string, string> = new Map([
  ['is_archived', 'somebody archived it'],
  ['not_in_channel', 'Salvor was taken out of it'],
  ['channel_not_found', 'it is gone, or Salvor was taken out of it'],
  ['is_ext_shared', 'it is shared with another organization, whose people would see every plan'],
]);

/** Of the whole workspace, or of this minute: what is asked is none the worse. */
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'internal_error',
  'fatal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'team_access_not_granted',
]);

export function refusalOf(error: unknown): Refusal {
  const name = error instanceof SalvorError ? error.details['slack'] : undefined;
  if (typeof name !== 'string' || LATER.has(name)) return { kind: 'later' };
  const lost = LOST.get(name);
  return lost === undefined ? { kind: 'refused', name, why: errorText(error) } : { kind: 'lost', why: lost };
}
