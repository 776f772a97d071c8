/** Who is logged in, and what a person who was sent to a provider has to come back with. */
export type CookieName = 'salvor-session' | 'salvor-sign-in';

/** The console's cookie of this name among those that a browser sends. */
export function cookieIn(header: string | undefined, cookie: CookieName = 'salvor-session'): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookie) return value;
  }
  return undefined;
}

/**
 * `value` undefined: the cookie goes. No script reads it, and where people come by TLS it is sent by TLS only. Lax, so that a link in Slack or in a
 * mail opens the page and not the login: what is opened by a link can only be read, and forms are asked where they come from besides.
 */
export function cookieLine(
  value: string | undefined,
  { secure, maxAgeMs, cookie = 'salvor-session' }: { readonly secure: boolean; readonly maxAgeMs: number; readonly cookie?: CookieName },
): string {
  const age = value === undefined ? 0 : Math.floor(maxAgeMs / 1000);
  return `${cookie}=${value ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure ? '; Secure' : ''}`;
}
