import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../../port/commands.ts';

type AuthenticatorDeps = {
  /** Tokens of people as they are now: their files may have changed. A token that cannot be read is left out. */
  readonly tokens: () => readonly { readonly person: string; readonly token: string }[];
  readonly callerOf: (person: string) => Caller;
};

/** Tells who sends `Authorization: Bearer …`. Looks at every token whatever comes, and compares digests, so that time tells nothing about them. */
export function authenticator({ tokens, callerOf }: AuthenticatorDeps): (authorization: string | undefined) => Caller | undefined {
  return (authorization) => {
    const given = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (given === undefined) return undefined;
    const asked = sha256(given);
    let found: string | undefined;
    for (const { person, token } of tokens()) {
      // An empty token is no secret: nobody may have it.
      if (timingSafeEqual(sha256(token), asked) && token !== '') found = person;
    }
    return found === undefined ? undefined : callerOf(found);
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
