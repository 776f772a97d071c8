import type { Json } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Context } from './context.ts';
import { type Failed, failedBy, unexpectedAnswer, unreachable, wrongUse } from './failed.ts';

/** Options that every command has that asks a server. */
export type ClientOptions = {
  /** Where the server is; absent: `SALVOR_URL`, else this machine. */
  readonly url?: string;
  /** Sends the token also over plain HTTP to another machine. */
  readonly insecure?: boolean;
  /** Prints what the API answers. */
  readonly json?: boolean;
};

export type Answer = { readonly kind: 'answer'; readonly status: number; readonly text: string };

export type Opened = { readonly kind: 'opened'; readonly response: Response };

export type Request = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: { readonly [name: string]: string | number | boolean | readonly string[] | undefined };
  readonly body?: Json;
  readonly headers?: { readonly [name: string]: string };
};

/** Talks to one server as one person. */
export type Client = {
  /** Where it asks, without anything secret. */
  readonly url: string;
  ask(path: string, request?: Request): Promise<Answer | Failed>;
  /** An answer that is read while it comes: the time limit is for its beginning only. */
  open(path: string, request: Request & { readonly signal?: AbortSignal }): Promise<Opened | Failed>;
};

const HERE = 'http://127.0.0.1:8080';
const TIMEOUT_MS = 30_000;

/** The client that options and environment ask for; or why there is none. Connects to nothing yet. */
export function openClient(options: ClientOptions, { environment, clock }: Pick<Context, 'environment' | 'clock'>): Client | Failed {
  const base = readUrl(options.url ?? nonEmpty(environment['SALVOR_URL']) ?? HERE);
  if ('kind' in base) return base;
  const token = nonEmpty(environment['SALVOR_TOKEN']?.trim());
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    return wrongUse('SALVOR_TOKEN has characters that no token has', 'Look for quotes, spaces and line ends in it.');
  if (token !== undefined && base.protocol !== 'https:' && !isLoopback(base.hostname) && options.insecure !== true)
    return wrongUse(
      `Not sent: ${base.origin} is another machine without TLS, and everybody on the way could read your token`,
      'Use an https:// address, or a tunnel to this machine; --insecure sends it all the same.',
    );
  const url = `${base.origin}${base.pathname.replace(/\/+$/, '')}`;
  const own = { accept: 'application/json', 'x-salvor-surface': 'cli', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const deps = { url, own, clock, hasToken: token !== undefined };
  return {
    url,
    async ask(path, request = {}) {
      const limit = timeLimit(clock);
      try {
        const opened = await send(deps, { path, ...request, signal: limit.signal });
        if (opened.kind === 'failed') return opened;
        const text = await opened.response.text();
        return { kind: 'answer', status: opened.response.status, text };
      } catch (error) {
        return unreachable(url, error);
      } finally {
        limit.cancel();
      }
    },
    async open(path, { signal, ...request }) {
      const limit = timeLimit(clock);
      try {
        return await send(deps, { path, ...request, signal: signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]) });
      } catch (error) {
        return unreachable(url, error);
      } finally {
        limit.cancel();
      }
    },
  };
}

type Sending = Request & { readonly path: string; readonly signal: AbortSignal };
type Deps = { readonly url: string; readonly own: { readonly [name: string]: string }; readonly hasToken: boolean };

async function send({ url, own, hasToken }: Deps, { path, method = 'GET', query = {}, body, headers = {}, signal }: Sending): Promise<Opened | Failed> {
  const asked = new URL(`${url}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) asked.searchParams.set(name, typeof value === 'object' ? value.join(',') : String(value));
  }
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const sent = { ...own, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await fetch(asked, { method, headers: sent, redirect: 'manual', signal, ...content });
  const type = response.headers.get('content-type') ?? '';
  if (response.ok && isExpected(type, path)) return { kind: 'opened', response };
  if (type.startsWith('application/problem+json')) return failedBy(await response.text(), { url, status: response.status, hasToken });
  await response.body?.cancel();
  return unexpectedAnswer(url, { status: response.status, type, location: response.headers.get('location') });
}

const TYPES = /^(application\/json|application\/jsonl|text\/event-stream|text\/markdown)\b/;

/** A report may be a page; any other page comes from somebody else. */
function isExpected(type: string, path: string): boolean {
  return TYPES.test(type) || (type.startsWith('text/html') && path.endsWith('/report'));
}

function timeLimit(clock: Clock): { readonly signal: AbortSignal; readonly cancel: () => void } {
  const abort = new AbortController();
  const cancel = clock.after(TIMEOUT_MS, () => abort.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  return { signal: abort.signal, cancel };
}

function readUrl(text: string): URL | Failed {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme))
    return wrongUse(`"${text.slice(0, 100)}" is no address of a server`, `Expected one such as ${HERE} or https://salvor.example.com.`);
  const url = new URL(withScheme);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return wrongUse(`${url.protocol} is no way to a server`, `Expected an address such as ${HERE} or https://salvor.example.com.`);
  if (url.username !== '' || url.password !== '') return wrongUse('The address has a name or a password in it', 'Put the token in SALVOR_TOKEN.');
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Whether somebody said which server: then it is never guessed that none runs. */
export function isServerNamed(options: ClientOptions, environment: Context['environment']): boolean {
  return options.url !== undefined || nonEmpty(environment['SALVOR_URL']) !== undefined;
}
