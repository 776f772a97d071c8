import type { Serving } from '../serve/site.ts';

/** A browser without scripts: it keeps cookies, follows redirects, fills in forms. */
export type Browser = {
  open(path: string): Promise<Shown>;
  /** Sends the form with this action on the page shown last, its hidden fields as they are. */
  send(action: RegExp, fields?: { readonly [name: string]: string }): Promise<Shown>;
  /** As something else than a page of ours would send it. */
  post(path: string, fields: { readonly [name: string]: string }, headers?: { readonly [name: string]: string }): Promise<Shown>;
  cookie(): string;
};
export type Shown = { readonly status: number; readonly path: string; readonly page: string; readonly text: string; readonly headers: Headers };

export function browser({ url }: Pick<Serving, 'url'>, jar = ''): Browser {
  let cookie = jar;
  let shown = '';

  const ask = async (path: string, init: RequestInit = {}): Promise<Shown> => {
    const answer = await fetch(new URL(path, url), { ...init, redirect: 'manual', headers: { ...Object.fromEntries(new Headers(init.headers)), cookie } });
    const [set] = answer.headers.getSetCookie();
    if (set !== undefined) cookie = set.split(';')[0] ?? '';
    const to = answer.headers.get('location');
    if (to !== null) return ask(to);
    const page = await answer.text();
    shown = page;
    return { status: answer.status, path, page, text: textOf(page), headers: answer.headers };
  };
  const post: Browser['post'] = (path, fields, headers = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: url, 'sec-fetch-site': 'same-origin', ...headers } });

  return {
    open: (path) => ask(path),
    send(action, fields = {}) {
      const form = [...shown.matchAll(/<form[^>]* action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].find(([, to]) => action.test(to ?? ''));
      if (form === undefined) throw new Error(`no form to ${action} on: ${textOf(shown).slice(0, 500)}`);
      const hidden = [...(form[2] ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
        name,
        unescaped(value),
      ]);
      return post(form[1] ?? '', { ...Object.fromEntries(hidden), ...fields });
    },
    post,
    cookie: () => cookie,
  };
}

/** What people read of a page. */
function textOf(page: string): string {
  return unescaped(page.replace(/<head>[\s\S]*<\/head>/, '').replaceAll(/<[^>]*>/g, ' ')).replaceAll(/\s+/g, ' ');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}
