import { z } from 'zod';
import type { Json } from '../model/json.ts';
import { askedToWaitMs, notReached, notTaken } from './fault.ts';
import type { Pace } from './pace.ts';

export type RestOptions = {
  /** Asked at every request, so a key may rotate. Throws where there is none to be read. */
  readonly token: () => string;
  /** E-mail address of the user that writes are made as. */
  readonly from?: string | undefined;
  /** Base address; absent: PagerDuty's own in the US. */
  readonly url?: string | undefined;
  readonly deadlineMs?: number;
  readonly pace?: Pace | undefined;
};

/** REST API v2. Every method throws `pager.unavailable`: retry `later` where it may go away, `never` where this request can never be done. */
export type Rest = {
  get<T>(path: string, shape: z.ZodType<T>, query?: { readonly [name: string]: string | readonly string[] }): Promise<T>;
  /** Everything of a list, page by page, at most 1,000. */
  all<T>(
    path: string,
    of: { readonly name: string; readonly shape: z.ZodType<T>; readonly query?: { readonly [name: string]: string | readonly string[] } },
  ): Promise<readonly T[]>;
  write<T>(method: 'POST' | 'PUT', path: string, of: { readonly data: { readonly [name: string]: Json }; readonly shape: z.ZodType<T> }): Promise<T>;
};

const PUBLIC_URL = 'https://api.pagerduty.com';
const DEADLINE_MS = 10_000;
const PAGE_SIZE = 100;
const MOST = 1000;

const Refused = z.looseObject({ error: z.looseObject({ message: z.string().optional(), errors: z.array(z.string()).optional() }) });
const More = z.looseObject({ more: z.boolean().optional() });

type Asked = {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly query?: { readonly [name: string]: string | readonly string[] };
  readonly data?: { readonly [name: string]: Json };
};

/**
 * PagerDuty's REST by its own library, which is loaded with the first request. It is held at arm's length: no timer of its own (`requestTimeout` keeps the
 * process alive and aborts nothing), an address and a deadline of ours, every answer checked. It repeats a 429 three times whatever it is told: at once, and
 * then we wait as long as PagerDuty asks.
 */
export function pagerdutyRest({ token, from, url = PUBLIC_URL, deadlineMs = DEADLINE_MS, pace }: RestOptions): Rest {
  const base = url.replace(/\/+$/, '');

  const ask = async ({ method, path, query = {}, data }: Asked): Promise<unknown> => {
    const key = token();
    pace?.(key);
    const answer = await request(`${base}${path}`, { method, key, from, query, data, deadlineMs });
    if (answer.status >= 200 && answer.status < 300) return answer.data;
    const said = Refused.safeParse(answer.data).data?.error;
    const words = said === undefined ? undefined : [said.message, ...(said.errors ?? [])].filter((word) => word !== undefined).join(': ');
    const isForGood = answer.status === 400 || answer.status === 404 || answer.status === 422;
    const retryAfterMs = answer.status === 429 ? askedToWaitMs(answer.headers) : undefined;
    throw notTaken(
      `PagerDuty did not do ${method} ${path}`,
      { status: answer.status, said: words, retryAfterMs },
      { secret: key, retry: isForGood ? 'never' : 'later' },
    );
  };

  return {
    get: async (path, shape, query) => checked(path, shape, await ask({ method: 'GET', path, ...(query === undefined ? {} : { query }) })),
    async all(path, { name, shape, query = {} }) {
      const found: z.output<typeof shape>[] = [];
      const list = z.looseObject({ [name]: z.array(shape) });
      for (let offset = 0; offset < MOST; offset += PAGE_SIZE) {
        const data = await ask({ method: 'GET', path, query: { ...query, limit: String(PAGE_SIZE), offset: String(offset) } });
        found.push(...z.array(shape).parse(checked(path, list, data)[name]));
        if (More.safeParse(data).data?.more !== true) break;
      }
      return found;
    },
    write: async (method, path, { data, shape }) => checked(path, shape, await ask({ method, path, data })),
  };
}

type Sent = Omit<Asked, 'path' | 'data'> & {
  readonly data: Asked['data'] | undefined;
  readonly key: string;
  readonly from: string | undefined;
  readonly deadlineMs: number;
};
type Answer = { readonly status: number; readonly headers: { get(name: string): string | null }; readonly data: unknown };

async function request(address: string, { method, key, from, query = {}, data, deadlineMs }: Sent): Promise<Answer> {
  const { api } = await import('@pagerduty/pdjs');
  try {
    const answer = await api({
      url: address,
      method,
      token: key,
      queryParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
      ...(data === undefined ? {} : { data }),
      ...(from === undefined ? {} : { headers: { From: from } }),
      requestTimeout: 0,
      retryTimeout: 0,
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    const body: unknown = answer.data;
    return { status: answer.status, headers: answer.headers, data: body };
  } catch (error) {
    // A body that is no JSON is thrown as the answer itself.
    if (isAnswer(error)) return { status: error.status, headers: error.headers, data: undefined };
    throw notReached(error);
  }
}

function isAnswer(value: unknown): value is { readonly status: number; readonly headers: Answer['headers'] } {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number' && 'headers' in value;
}

/** An answer of another shape than the documented one is as good as none: whoever asked tries again later. */
function checked<T>(path: string, shape: z.ZodType<T>, data: unknown): T {
  const read = shape.safeParse(data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw notReached(new Error(`its answer to ${path} is not as documented (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`));
}
