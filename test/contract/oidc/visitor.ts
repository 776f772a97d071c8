/** A browser without scripts that goes from site to site: it keeps cookies by site, follows redirects and links, fills in forms. */
export type Visitor = {
  readonly open: (address: string) => Promise<Seen>;
  /** Sends the first form of the page that has such a field. */
  readonly send: (field: string, fields?: { readonly [name: string]: string }) => Promise<Seen>;
  readonly cookie: (site: string, name: string) => string | undefined;
  readonly setCookie: (site: string, name: string, value: string) => void;
};
export type Seen = { readonly status: number; readonly url: URL; readonly page: string; readonly text: string; readonly visited: readonly URL[] };

export function visitor(): Visitor {
  const jar = new Map<string, Map<string, string>>();
  const cookiesOf = (site: string): Map<string, string> => {
    const own = jar.get(site) ?? new Map<string, string>();
    jar.set(site, own);
    return own;
  };
  let here: Seen | undefined;

  const ask = async (url: URL, init: RequestInit, visited: readonly URL[]): Promise<Seen> => {
    const cookies = cookiesOf(url.origin);
    const sent = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...init, redirect: 'manual', headers: { ...Object.fromEntries(new Headers(init.headers)), cookie: sent } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/; (?:Max-Age=0|expires=Thu, 01 Jan 1970)/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const to = answer.headers.get('location');
    if (to !== null) return ask(new URL(to, url), {}, [...visited, url]);
    const page = await answer.text();
    here = { status: answer.status, url, page, text: page.replaceAll(/<style>[\s\S]*?<\/style>|<[^>]*>/g, ' ').replaceAll(/\s+/g, ' '), visited };
    return here;
  };

  return {
    open: (address) => ask(new URL(address, here?.url), {}, []),
    send(field, fields = {}) {
      const form = [...(here?.page ?? '').matchAll(/<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].find(([, , inner]) =>
        inner?.includes(`name="${field}"`),
      );
      if (form === undefined || here === undefined) throw new Error(`no form with ${field} on: ${here?.text.slice(0, 500)}`);
      const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        unescaped(value),
      ]);
      const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...fields });
      return ask(new URL(form[1] ?? '', here.url), { method: 'POST', body, headers: { origin: here.url.origin, 'sec-fetch-site': 'same-origin' } }, []);
    },
    cookie: (site, name) => cookiesOf(new URL(site).origin).get(name),
    setCookie: (site, name, value) => void cookiesOf(new URL(site).origin).set(name, value),
  };
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
