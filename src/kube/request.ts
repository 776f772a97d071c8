import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { SalvorError } from '../model/error.ts';
import { type Clock, systemClock } from '../port/clock.ts';
import type { Credentials, Target } from './credentials.ts';
import { statusFault, transportFault } from './error.ts';
import { serverClock } from './server-clock.ts';
import { startingDoubt } from './starting.ts';

export type KubeRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Escaped already. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | undefined };
  readonly body?: unknown;
  /** False for a POST that changes nothing (a dry run, an access review); then a broken connection is not an unknown outcome. */
  readonly write?: boolean;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Is told the headers of the answer, whatever its status. */
  readonly heard?: (headers: IncomingHttpHeaders) => void;
};

/** One cluster's wire: every request has a deadline, and everything that is not a 2xx answer is a `SalvorError`. */
export type Wire = {
  /** The text of a 2xx answer. */
  send(request: KubeRequest): Promise<string>;
  /** The lines of a 2xx answer as they come; the deadline is for the first byte only. Ends when the server ends it. */
  lines(request: KubeRequest): AsyncGenerator<string, void, undefined>;
  /** How far the server's clock was ahead of ours at its last answer. */
  aheadMs(): number;
  /** Ends what is in flight; later requests are refused. */
  close(): void;
};

/** No list page and no log comes near this; a server that sends more is not one. */
const LARGEST_ANSWER_BYTES = 128 * 1024 * 1024;
const DEADLINE_MS = 10_000;
/** A write waits for admission webhooks, by default 10 s for one that hangs: who gives up before the server does never hears its name. */
const WRITES_TAKE = 2;
const ACCEPT = 'application/json, text/plain;q=0.9, */*;q=0.8';

type Way = { readonly request: KubeRequest; readonly write: boolean; readonly signal: AbortSignal; sent: boolean };

/**
 * Deadlines run on the machine's time, not on the injected clock: they guard a real socket, and a test that moves the clock
 * by an hour must not time out an answer that is on its way.
 */
export function openWire({
  cluster,
  credentials,
  userAgent,
  deadlineMs = DEADLINE_MS,
  clock = systemClock,
}: {
  readonly cluster: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly deadlineMs?: number;
  /** What the server's own clock is compared with. */
  readonly clock?: Pick<Clock, 'nowMs'>;
}): Wire {
  const closing = new AbortController();
  const doubt = startingDoubt(cluster);
  const theirs = serverClock(clock);

  /** An answer of any status; one more try where that cannot do harm. */
  const answer = async (way: Way): Promise<IncomingMessage> => {
    const first = await attempt(way, true);
    if (first.statusCode !== 401) return first;
    // Nothing was done, and the credentials may have been replaced since they were read.
    first.resume();
    credentials.refuse();
    return attempt(way, false);
  };

  const attempt = async (way: Way, again: boolean): Promise<IncomingMessage> => {
    const target = await untilAborted(credentials.authorize(), way.signal);
    try {
      const sentMs = clock.nowMs();
      const response = await exchange({ way, target, userAgent });
      theirs.heard(response.headers.date, sentMs);
      return response;
    } catch (error) {
      // The server closed an idle connection just as it was used again. A read is repeated on a new one; a write's outcome is unknown.
      if (again && !way.write && !way.signal.aborted && error instanceof StaleConnection) return attempt(way, false);
      throw error;
    }
  };

  /** An answer of 2xx; any other is thrown. */
  const good = async (way: Way): Promise<IncomingMessage> => {
    const response = await answer(way);
    way.request.heard?.(response.headers);
    if (isOk(response)) return response;
    const refused = await refusal(way, response);
    if (refused.details['roles'] !== true) throw refused;
    // Nothing was done. A server that has just started refuses everybody until it has read its roles, and until then it is not ready.
    if (!(await isReady(way))) throw doubt.about(refused);
    doubt.end();
    const again = await answer(way);
    if (isOk(again)) return again;
    throw await refusal(way, again);
  };

  const isReady = async ({ signal }: Way): Promise<boolean> => {
    const way: Way = { request: { method: 'GET', path: '/readyz' }, write: false, signal, sent: false };
    const response = await attempt(way, true).catch(() => undefined);
    response?.resume();
    return response?.statusCode === 200;
  };

  const fault = (way: Way, error: unknown): SalvorError => {
    if (error instanceof SalvorError) return error;
    doubt.end();
    if (closing.signal.aborted)
      return new SalvorError(way.write && way.sent ? 'kube.timeout' : 'kube.unavailable', `${cluster}: the connection is closed`, { retry: 'later' });
    return transportFault({ cluster, error, write: way.write, sent: way.sent, late: isLate(way.signal) });
  };

  const refusal = async ({ write }: Way, response: IncomingMessage): Promise<SalvorError> =>
    statusFault({ cluster, status: response.statusCode ?? 0, body: await text(response), retryAfter: response.headers['retry-after'], write });

  return {
    async send(request) {
      const write = request.write ?? request.method !== 'GET';
      const withinMs = request.deadlineMs ?? deadlineMs * (write ? WRITES_TAKE : 1);
      const limit = limited(withinMs, [closing.signal, ...(request.signal ? [request.signal] : [])]);
      const way: Way = { request, write, signal: limit.signal, sent: false };
      try {
        return await text(await good(way));
      } catch (error) {
        throw fault(way, error);
      } finally {
        limit.end();
      }
    },

    async *lines(request) {
      const opening = new AbortController();
      const late = AbortSignal.timeout(request.deadlineMs ?? deadlineMs);
      const giveUp = (): void => opening.abort(late.reason);
      late.addEventListener('abort', giveUp, { once: true });
      const way: Way = {
        request,
        write: false,
        signal: AbortSignal.any([opening.signal, closing.signal, ...(request.signal ? [request.signal] : [])]),
        sent: false,
      };
      try {
        const response = await good(way);
        late.removeEventListener('abort', giveUp);
        yield* split(response);
      } catch (error) {
        throw fault(way, error);
      } finally {
        late.removeEventListener('abort', giveUp);
      }
    },

    aheadMs: () => theirs.aheadMs(),

    close() {
      closing.abort();
      credentials.close();
    },
  };
}

class StaleConnection extends Error {}

function exchange({ way, target, userAgent }: { readonly way: Way; readonly target: Target; readonly userAgent: string }): Promise<IncomingMessage> {
  const { method, path, query, body } = way.request;
  const url = new URL(target.server + path);
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) url.searchParams.set(name, value);
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: target.agent,
      signal: way.signal,
      ...(target.basicAuth === undefined ? {} : { auth: target.basicAuth }),
      headers: {
        ...target.headers,
        'user-agent': userAgent,
        accept: ACCEPT,
        ...(payload === undefined
          ? {}
          : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'content-length': payload.length }),
      },
    });
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) way.sent = true;
      else socket.once(secure ? 'secureConnect' : 'connect', () => (way.sent = true));
    });
    outgoing.once('response', resolve);
    outgoing.once('error', (error) =>
      reject(outgoing.reusedSocket && !way.signal.aborted ? new StaleConnection('closed while idle', { cause: error }) : error),
    );
    outgoing.end(payload);
  });
}

function isOk(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

/**
 * One signal for a deadline and for others, that leaves nothing behind when it ends: thousands of requests in a few seconds would otherwise keep a
 * timer each until their time is over.
 */
function limited(withinMs: number, others: readonly AbortSignal[]): { readonly signal: AbortSignal; readonly end: () => void } {
  const either = new AbortController();
  const stop = ({ target }: Event): void => either.abort(target instanceof AbortSignal ? target.reason : undefined);
  const cancel = systemClock.after(withinMs, () => either.abort(new DOMException('The time is over', 'TimeoutError')));
  for (const other of others) {
    if (other.aborted) either.abort(other.reason);
    else other.addEventListener('abort', stop, { once: true });
  }
  return {
    signal: either.signal,
    end() {
      cancel();
      for (const other of others) other.removeEventListener('abort', stop);
    },
  };
}

function isLate(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof DOMException && reason.name === 'TimeoutError';
}

function text(response: IncomingMessage): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > LARGEST_ANSWER_BYTES) response.destroy(new Error('the answer is too large'));
    else chunks.push(chunk);
  });
  response.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  response.once('error', reject);
  // Torn in the middle: Node says so by an error, or only by its end.
  response.once('close', () => reject(new Error('the connection ended in the middle of an answer')));
  return promise;
}

async function* split(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) continue;
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LARGEST_ANSWER_BYTES) throw new Error('a line is too long');
    for (const line of parts) if (line.trim() !== '') yield line;
  }
  if (rest.trim() !== '') yield rest;
}

/** Waits for the answer, but no longer than the signal: an exec plugin that hangs must not hold a request for ever. */
async function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answer, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
