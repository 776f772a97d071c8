import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLocal } from './is-local.ts';

/** Who may speak for a cluster. No tokens: whoever connects from this machine. */
export type SenderBinding = { readonly cluster: string; readonly tokens: readonly string[] };

/** Who sent a webhook, and which clusters it may speak for; `*`: any. */
export type Sender = { readonly name: string; readonly clusters: readonly string[] };

/** Who may speak, as it was looked up a moment ago, or `anew`. */
export type Bindings = (anew: boolean) => readonly SenderBinding[];

/**
 * Tells senders by their token, as `Bearer` or as the password of `Basic`. Several tokens of a cluster are good at once, so that they can be
 * changed without a gap: nobody is refused by what is not looked up anew, because Alertmanager would not come again. Asked before the body is read; the
 * time it takes says nothing about a token.
 */
export function makeAuthenticate(bindings: Bindings): (request: IncomingMessage) => Sender | undefined {
  let known: { readonly of: readonly SenderBinding[]; readonly hashes: readonly Hashed[] } | undefined;
  const hashesOf = (bound: readonly SenderBinding[]): readonly Hashed[] => {
    if (known?.of !== bound) known = { of: bound, hashes: bound.map(({ cluster, tokens }) => ({ cluster, hashes: tokens.map(hashOf) })) };
    return known.hashes;
  };
  return (request) => {
    const [header, second] = request.headersDistinct['authorization'] ?? [];
    if (second !== undefined) return undefined;
    if (header === undefined) return loopbackSender(request, bindings(false)) ?? loopbackSender(request, bindings(true));
    return tokenSender(header, hashesOf(bindings(false))) ?? tokenSender(header, hashesOf(bindings(true)));
  };
}

/** Undefined for a token that is empty, which nobody may have. */
type Hashed = { readonly cluster: string; readonly hashes: readonly (Buffer | undefined)[] };

function tokenSender(header: string, bound: readonly Hashed[]): Sender | undefined {
  const token = tokenOf(header);
  const shown = hash(token ?? '');
  const clusters = bound.filter(({ hashes }) => {
    // Every token is compared, so that a match is not told by the time.
    const equal = hashes.map((known) => known !== undefined && timingSafeEqual(known, shown));
    return equal.includes(true);
  });
  if (token === undefined || clusters.length === 0) return undefined;
  const names = clusters.map(({ cluster }) => cluster);
  return { name: names.join('+'), clusters: names };
}

/** Clusters without tokens trust this machine. What a proxy or a browser passed on only looks as if it came from here. */
function loopbackSender(request: IncomingMessage, bound: readonly SenderBinding[]): Sender | undefined {
  if (!isLocal(request)) return undefined;
  const open = bound.filter(({ tokens }) => tokens.length === 0).map(({ cluster }) => cluster);
  if (open.length === 0) return undefined;
  return { name: 'loopback', clusters: open.length === bound.length ? ['*'] : open };
}

function tokenOf(header: string): string | undefined {
  const [, scheme, rest] = /^(Bearer|Basic) +(\S+) *$/i.exec(header) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return rest;
  const userAndPassword = Buffer.from(rest, 'base64').toString('utf8');
  const colon = userAndPassword.indexOf(':');
  return colon < 0 ? undefined : userAndPassword.slice(colon + 1);
}

function hashOf(token: string): Buffer | undefined {
  return token === '' ? undefined : hash(token);
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
