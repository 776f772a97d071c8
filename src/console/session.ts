import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../port/clock.ts';

export type SessionDeps = {
  /** Tokens of people as they are now; one that cannot be read is left out. */
  readonly tokens: () => readonly { readonly person: string; readonly token: string }[];
  /** Who may come by an OpenID provider, with what seals their sessions; absent: nobody. */
  readonly members?: () => readonly { readonly person: string; readonly token: string }[];
  readonly clock: Clock;
};

/** Who is logged in, and what a form of theirs must carry. */
export type Session = { readonly person: string; readonly csrf: string };

export type Sessions = {
  /** The cookie for whom a token belongs to; undefined: to nobody. */
  open(token: string): string | undefined;
  /** The cookie for whom a provider named; undefined: the configuration has nobody of that name who may come by it. */
  openFor(person: string): string | undefined;
  /** Undefined for a cookie that is forged, over, or of a token that was changed since. */
  read(cookie: string | undefined): Session | undefined;
};

/** A working day: at the next shift's begin people log in again. */
export const SESSION_MS = 12 * 3_600_000;

/**
 * Sessions that nobody keeps: the cookie says who and until when, sealed with the person's own token, or for who came by a provider with a key of
 * the client's secret and their name there. So it lives through restarts and is known to every replica, and changing one of these ends its sessions at once.
 */
export function sessions({ tokens, members = () => [], clock }: SessionDeps): Sessions {
  return {
    open(token) {
      const given = sha256(token);
      let cookie: string | undefined;
      // Every token is looked at, so that time tells nothing about them. An empty one is no secret: nobody may have it.
      for (const one of tokens()) {
        if (timingSafeEqual(sha256(one.token), given) && one.token !== '') cookie = sealed(one, clock.nowMs() + SESSION_MS);
      }
      return cookie;
    },
    openFor(person) {
      const member = members().find((one) => one.person === person);
      return member === undefined ? undefined : sealed(member, clock.nowMs() + SESSION_MS);
    },
    read(cookie) {
      const [name = '', until = '', seal = ''] = (cookie ?? '').split('.');
      const person = Buffer.from(name, 'base64url').toString('utf8');
      if (!(Number(until) > clock.nowMs())) return undefined;
      for (const one of [...tokens(), ...members()]) {
        if (one.person !== person || one.token === '' || !isSame(sealOf(one, until), seal)) continue;
        return { person, csrf: hmac(one.token, `form ${seal}`) };
      }
      return undefined;
    },
  };
}

type Owner = { readonly person: string; readonly token: string };

function sealed(owner: Owner, untilMs: number): string {
  return [Buffer.from(owner.person).toString('base64url'), untilMs, sealOf(owner, String(untilMs))].join('.');
}

function sealOf({ person, token }: Owner, until: string): string {
  return hmac(token, `session ${until} ${person}`);
}

/** Compared by their digests: of equal length, whatever was sent. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

/** What seals the sessions of who is known to a provider by this name. */
export function memberKey(clientSecret: string, is: string): string {
  return hmac(clientSecret, `member ${is}`);
}

function hmac(token: string, text: string): string {
  return createHmac('sha256', token).update(text).digest('base64url');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
