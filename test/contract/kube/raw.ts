import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { isObject, type Json } from '../../../src/model/json.ts';

/** What a test sends. A text goes as it is, anything else as JSON. */
export type Sent = { readonly body?: unknown; readonly contentType?: string; readonly headers?: { readonly [name: string]: string } };

/** What came back. `body` is null where the answer is no JSON. */
export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string; readonly body: Json };

export type WatchLine = { readonly type: string; readonly object: Json };

/** An open watch: its head, and its events one by one; undefined where the server has ended it. */
export type RawWatch = AsyncDisposable & {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  next(): Promise<WatchLine | undefined>;
  close(): void;
};

/** HTTP to an API server as it is: nothing is retried, translated or thrown for a status. */
export type Raw = {
  request(method: string, path: string, sent?: Sent): Promise<Reply>;
  watch(path: string, sent?: Sent): Promise<RawWatch>;
};

/** Who asks: certificates or a token. */
export type Identity = Pick<RequestOptions, 'ca' | 'cert' | 'key'> & { readonly token?: string };

export function rawClient(url: string, { token, ...tls }: Identity = {}): Raw {
  const send = (method: string, path: string, { body, contentType = 'application/json', headers = {} }: Sent = {}): Promise<IncomingMessage> => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const all = {
      Accept: 'application/json',
      'User-Agent': 'contract/1.0',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(text) }),
      ...headers,
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const options: RequestOptions = { ...tls, method, headers: all };
    const request = url.startsWith('https:') ? httpsRequest(`${url}${path}`, options, resolve) : httpRequest(`${url}${path}`, options, resolve);
    request.on('error', reject).end(text);
    return promise;
  };
  return {
    async request(method, path, sent) {
      const response = await send(method, path, sent);
      const chunks: Buffer[] = [];
      for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString('utf8');
      return { status: response.statusCode ?? 0, headers: response.headers, text, body: json(text) };
    },
    async watch(path, sent) {
      const response = await send('GET', path, sent);
      const lines = createInterface({ input: response })[Symbol.asyncIterator]();
      const close = (): void => void response.destroy();
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        async next() {
          const { value, done } = await lines.next();
          return done === true ? undefined : readLine(value);
        },
        close,
        async [Symbol.asyncDispose]() {
          close();
        },
      };
    },
  };
}

function readLine(line: string): WatchLine {
  const read = json(line);
  if (!isObject(read) || typeof read['type'] !== 'string') throw new Error(`not a line of a watch: ${line.slice(0, 200)}`);
  return { type: read['type'], object: read['object'] ?? null };
}

function json(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
