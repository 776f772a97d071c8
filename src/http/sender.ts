import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLocal } from './is-local.ts';

/** Who may speak for a cluster. No tokens: whoever connects from this machine. */
export type SenderBinding = { readonly cluster: string; readonly tokens: readonly string[] };

/** Who sent a webhook, and which clusters it may speak for; `*`: any. */
export type Sender = { readonly name: string; readonly clusters: readonly string[] };

/**
 * Tells senders by their token, as `Bearer` or as the password of `Basic`. Several tokens of a cluster are good at once, so that they can be
 * changed without a gap. Asked before the body is read; the time it takes says nothing about a token.
 */
export function makeAuthenticate(bindings: () => readonly SenderBinding[]): (request: IncomingMessage) => Sender | undefined {
  return (request) => {
    const bound = bindings();
    const headers = request.headersDistinct['authorization'] ?? [];
    const [header, second] = headers;
    if (second !== undefined) return undefined;
    return header === undefined ? loopbackSender(request, bound) : tokenSender(header, bound);
  };
}

function tokenSender(header: string, bound: readonly SenderBinding[]): Sender | undefined {
  const token = tokenOf(header);
  const shown = hash(token ?? '');
  const clusters = bound.filter(({ tokens }) => {
    // Every token is compared, so that a match is not told by the time.
    const equal = tokens.map((known) => timingSafeEqual(hash(known), shown) && known !== '');
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

function hash(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
