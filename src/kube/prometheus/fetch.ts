import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type Fetch = {
  readonly url: URL;
  readonly bearer?: string | undefined;
  /** PEM text of the authorities that sign for it, in place of those that Node trusts. */
  readonly ca?: string | undefined;
  readonly deadlineMs: number;
};

const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;

/** One GET of a JSON text: bounded in time and size, a redirect is not followed. Node's own `fetch` knows no authorities, so this does not use it. */
export async function fetchText({ url, bearer, ca, deadlineMs }: Fetch): Promise<{ readonly status: number; readonly text: string }> {
  const signal = AbortSignal.timeout(deadlineMs);
  const headers = { accept: 'application/json', ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer.trim()}` }) };
  try {
    const response = await send(url, { headers, signal, ...(ca === undefined ? {} : { ca }) });
    return { status: response.statusCode ?? 0, text: await boundedText(response) };
  } catch (error) {
    if (signal.aborted) throw new Error('it did not answer in time', { cause: error });
    throw error;
  }
}

type Options = { readonly headers: { readonly [name: string]: string }; readonly signal: AbortSignal; readonly ca?: string };

function send(url: URL, options: Options): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  request(url, { ...options, method: 'GET' }, resolve)
    .on('error', reject)
    .end();
  return promise;
}

async function boundedText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    sizeBytes += chunk.byteLength;
    // Leaving the loop breaks the connection.
    if (sizeBytes > LARGEST_ANSWER_BYTES) throw new Error('its answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
