import type { z } from 'zod';
import type { Answer, ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { type Failed, parsed, printFailed, unexpectedAnswer } from './failed.ts';
import { printJson } from './print.ts';

type Presenting<T> = {
  readonly options: ClientOptions;
  readonly context: Pick<Context, 'io'>;
  readonly url: string;
  readonly schema: z.ZodType<T>;
  /** Prints for people. */
  readonly print: (value: T) => void | Promise<void>;
  /** Absent: 0. */
  readonly exitCode?: (value: T) => number;
};

/** An answer of the API for people, or with `--json` as it came. Gives the exit code. */
export async function present<T>(asked: Answer | Failed, { options, context, url, schema, print, exitCode }: Presenting<T>): Promise<number> {
  const { io } = context;
  const read = readAnswer(asked, { url, schema });
  if (options.json === true && asked.kind === 'answer') {
    const json = parsed(asked.text);
    // Programs read for themselves what another version may have changed.
    if (json !== undefined) printJson(io, json);
    if (json !== undefined && read.kind === 'failed') return 0;
  }
  if (read.kind === 'failed') return printFailed(io, read, options);
  if (options.json !== true) await print(read.value);
  return exitCode?.(read.value) ?? 0;
}

type Read<T> = { readonly kind: 'read'; readonly value: T };

/** The answer as what it should be. What it is not comes from another version, or from another program. */
export function readAnswer<T>(asked: Answer | Failed, { url, schema }: { readonly url: string; readonly schema: z.ZodType<T> }): Read<T> | Failed {
  if (asked.kind === 'failed') return asked;
  const read = schema.safeParse(parsed(asked.text));
  if (read.success) return { kind: 'read', value: read.data };
  const first = read.error.issues[0];
  const strange = unexpectedAnswer(url, { status: asked.status, type: '', location: null });
  return {
    ...strange,
    text: `${strange.text}, but ${first?.path.join('.') || 'the answer'} is not as expected: ${first?.message ?? ''}`,
    next: 'Is it of the same version? salvor --version tells yours, /openapi.json the other.',
  };
}
