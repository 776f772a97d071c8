const NAME = 'salvor-session';

/** The console's cookie among those that a browser sends. */
export function cookieIn(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME) return value;
  }
  return undefined;
}

/**
 * `value` undefined: the cookie goes. No script reads it, and where people come by TLS it is sent by TLS only. Lax, so that a link in Slack or in a
 * mail opens the page and not the login: what is opened by a link can only be read, and forms are asked where they come from besides.
 */
export function cookieLine(value: string | undefined, { secure, maxAgeMs }: { readonly secure: boolean; readonly maxAgeMs: number }): string {
  const age = value === undefined ? 0 : Math.floor(maxAgeMs / 1000);
  return `${NAME}=${value ?? ''}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${age}${secure ? '; Secure' : ''}`;
}
