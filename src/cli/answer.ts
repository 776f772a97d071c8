import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';
import { decideLines } from './decide-lines.ts';
import { printLine } from './print.ts';

export type AnswerOptions = ClientOptions & { readonly run: string; readonly ask: string; readonly value: string; readonly confirm?: string };

/** `salvor answer RUN ASK --value V`: the server reads the value by the type that the question asks for. */
export function answer({ run, ask, value, confirm, ...options }: AnswerOptions, context: Context): Promise<number> {
  return decide(options, context, {
    run,
    path: `/answers/${encodeURIComponent(ask)}`,
    body: { value, ...(confirm === undefined ? {} : { confirmation: confirm }) },
    done: () => 'Answered',
    async refused(_failed, look) {
      const now = await look();
      for (const line of now === undefined ? [] : decideLines(now)) printLine(context.io, line);
    },
  });
}
