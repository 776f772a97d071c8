import { z } from 'zod';
import { parseJson } from '../../model/json.ts';

/** Prometheus names its errors by a word of a fixed list; the text beside it holds the query. */
const Refused = z.looseObject({
  errorType: z.enum(['timeout', 'canceled', 'execution', 'bad_data', 'internal', 'unavailable', 'not_found', 'not_acceptable']),
});

const NEXT: ReadonlyMap<number, string> = new Map([
  [401, 'it does not know our token: look at clusters[].prometheus.token'],
  [403, 'our token may not read it: look at what clusters[].prometheus.token is allowed'],
  [404, 'it has no query API there: does clusters[].prometheus.url need a path, or is that another program?'],
]);

/** What an answer other than 200 means, and what to do about it. */
export function refusalText(status: number, body: string): string {
  const type = Refused.safeParse(parseJson(body)).data?.errorType;
  const said = `it answered ${status}${type === undefined ? '' : ` (${type})`}`;
  const next = status >= 300 && status < 400 ? 'a redirect is not followed: name the address behind it in clusters[].prometheus.url' : NEXT.get(status);
  return next === undefined ? said : `${said}; ${next}`;
}

const CERTIFICATE = /SELF_SIGNED|UNABLE_TO_|DEPTH_ZERO|CERT_|ALTNAME/;

/** Our own words, or the system's code of a broken connection; never a foreign text with the query in it. */
export function brokenText(error: unknown): string {
  if (error instanceof SyntaxError) return 'its answer is not JSON';
  if (!(error instanceof Error)) return 'it failed';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined) return error.message;
  if (CERTIFICATE.test(code)) return `its certificate is not trusted (${code}): name the file of its authority in clusters[].prometheus.ca`;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return `${code}: does it run at clusters[].prometheus.url, and may Salvor reach it?`;
  return code;
}
