import { z } from 'zod';
import { SalvorError } from '../../model/error.ts';
import type { Caller, Following } from '../../port/commands.ts';

/** What an endpoint answers. */
export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'text'; readonly contentType: string; readonly text: string }
  /** One JSON text a line. */
  | { readonly kind: 'lines'; readonly lines: AsyncIterable<unknown> }
  /** Server-sent events, each with the cursor of its line as id. */
  | { readonly kind: 'stream'; readonly following: Following };

/** A request as it arrived: the caller is known, nothing else is read yet. */
export type Raw = {
  readonly caller: Caller;
  readonly path: { readonly [name: string]: string | undefined };
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Aborts when the other side hangs up, or the server stops. */
  readonly signal: AbortSignal;
};

type Asked<Q, B> = Omit<Raw, 'query' | 'body' | 'path'> & {
  readonly query: Q;
  readonly body: B;
  /** A part of the path; empty where the path has none of this name. */
  readonly part: (name: string) => string;
};

/** `read`: who may read. `person`: a person, whose right the command asks for. `open`: anybody. */
export type Access = 'read' | 'person' | 'open';

/** One method of one path, with everything that the router and the description of the API need to know about it. */
export type Endpoint = {
  readonly method: 'get' | 'post' | 'delete';
  /** `/api/v1/runs/{id}` */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly headers: readonly { readonly name: string; readonly summary: string }[];
  readonly answers: readonly { readonly status: number; readonly schema: z.ZodType; readonly contentType?: string }[];
  readonly respond: (raw: Raw) => Promise<Reply>;
};

type Spec<Q extends z.ZodObject, B extends z.ZodType> = Pick<Endpoint, 'method' | 'path' | 'summary' | 'access' | 'answers'> & {
  readonly query?: Q;
  readonly body?: B;
  readonly headers?: Endpoint['headers'];
  readonly handle: (asked: Asked<z.output<Q>, z.output<B>>) => Promise<Reply> | Reply;
};

const Nothing = z.strictObject({});

/** Makes an endpoint: parse, call, answer. What it does not expect in the query or the body is refused by name. */
export function endpoint<Q extends z.ZodObject = typeof Nothing, B extends z.ZodType = z.ZodUndefined>(spec: Spec<Q, B>): Endpoint {
  const { query, body, headers = [], handle, ...rest } = spec;
  return {
    ...rest,
    query,
    body,
    headers,
    async respond({ path, ...raw }) {
      const asked: unknown = {
        ...raw,
        part: (name: string) => (Object.hasOwn(path, name) ? (path[name] ?? '') : ''),
        query: parse(query ?? Nothing, raw.query, 'query'),
        body: body === undefined ? undefined : parse(body, raw.body ?? {}, 'body'),
      };
      // The schemas have just made it of this type.
      return handle(asked as Asked<z.output<Q>, z.output<B>>);
    },
  };
}

export function json(body: unknown, status = 200): Reply {
  return { kind: 'json', status, body };
}

/** 202 where a decision is stored and not read yet, else 200. */
export function pressed<T extends { readonly state: string }>(answer: T): Reply {
  return json(answer, answer.state === 'recorded' ? 202 : 200);
}

function parse(schema: z.ZodType, value: unknown, where: string): unknown {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 5).map(({ path, message }) => `${[where, ...path].join('.')}: ${message}`);
  throw new SalvorError('request.invalid', problems.join('; '));
}
