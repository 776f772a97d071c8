import { z } from 'zod';
import type { JsonObject } from '../../../model/json.ts';
import { parseJson } from '../../../model/json.ts';
import type { Core } from '../core.ts';
import type { Rate } from '../limits.ts';

/** `ok: false` with Slack's name of the error. Thrown inside methods, caught where a call is answered. */
export class Refusal extends Error {
  readonly error: string;
  readonly extra: JsonObject;
  constructor(error: string, extra: JsonObject = {}) {
    super(error);
    this.error = error;
    this.extra = extra;
  }
}

/** Ends the call. */
export function refuse(error: string, extra?: JsonObject): never {
  throw new Refusal(error, extra);
}

/** Ends the call unless the app has the scope. */
export function needScope({ workspace }: Core, scope: string): void {
  const { scopes } = workspace.app;
  if (!scopes.includes(scope)) refuse('missing_scope', { needed: scope, provided: scopes.join(',') });
}

export type Method = {
  /** The kind of token that may call it. */
  readonly token: 'bot' | 'app' | 'none';
  /** One of these is needed; empty: none. Methods ask for more where it depends on the channel. */
  readonly scopes: readonly string[];
  readonly rate: Rate;
  call(core: Core, args: JsonObject): JsonObject;
};

type Spec<Args extends z.ZodType> = {
  readonly token?: Method['token'];
  readonly scopes?: readonly string[];
  readonly rate: Rate;
  readonly args: Args;
  readonly run: (core: Core, args: z.output<Args>) => JsonObject;
};

/** A Web API method from its arguments and what it does. Arguments that it does not know are let through, as Slack does. */
export function method<Args extends z.ZodType>({ token = 'bot', scopes = [], rate, args, run }: Spec<Args>): Method {
  return {
    token,
    scopes,
    rate,
    call(core, given) {
      const read = args.safeParse(given);
      if (read.success) return run(core, read.data);
      const messages = read.error.issues.map(({ path, message }) => `[ERROR] ${message} [json-pointer:/${path.join('/')}]`);
      return refuse('invalid_arguments', { response_metadata: { messages } });
    },
  };
}

/** A flag, as JSON or as a form writes it. */
export const Flag = z.union([z.boolean(), z.enum(['true', '1']).transform(() => true), z.enum(['false', '0', '']).transform(() => false)]);

/** A whole number, as JSON or as a form writes it. */
export const Whole = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

/** A value that a form carries as JSON text; what is no JSON stays text, and the schema refuses that. */
export function inJson<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === 'string' ? (parseJson(value) ?? value) : value), schema);
}

/** A list that a form carries with commas. */
export const Listed = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
]);

export const Ts = z.string().regex(/^\d+\.\d+$/, 'expected a timestamp such as 1700000000.000100');
