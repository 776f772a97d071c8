import type { IncomingHttpHeaders } from 'node:http';
import { SalvorError } from '../model/error.ts';

/**
 * A form counts only where it was on a page of ours. Browsers say so themselves (`Sec-Fetch-Site`), which no proxy changes; one that does not is judged
 * by `Origin`: the host it asked for, or the address under which people reach us, because proxies rewrite `Host`. One that says neither is no browser.
 */
export function assertSameOrigin(headers: IncomingHttpHeaders, publicUrl: string | undefined): void {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  const isOurs = site === undefined ? origin === undefined || isOwn(origin, { host, publicUrl }) : site === 'same-origin' || site === 'none';
  if (!isOurs)
    throw new SalvorError(
      'request.forbidden',
      'The form was sent from another site. If you sent it from here: listen.publicUrl in salvor.yaml has to be the address in your browser',
    );
}

function isOwn(origin: string, { host, publicUrl }: { readonly host: string | undefined; readonly publicUrl: string | undefined }): boolean {
  const asked = URL.parse(origin);
  if (asked === null) return false;
  return asked.host === host || (publicUrl !== undefined && asked.origin === URL.parse(publicUrl)?.origin);
}
