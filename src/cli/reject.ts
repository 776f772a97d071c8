import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';

export type RejectOptions = ClientOptions & { readonly run: string; readonly reason: string };

/** `salvor reject RUN --reason TEXT`: no to its plan. */
export function reject({ run, reason, ...options }: RejectOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/reject', body: { reason }, done: () => 'Rejected' });
}
