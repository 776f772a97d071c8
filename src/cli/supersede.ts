import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';

export type SupersedeOptions = ClientOptions & { readonly run: string; readonly reason: string };

/** `salvor supersede RUN --reason TEXT`: ends a run, or writes off an undo that fails. */
export function supersede({ run, reason, ...options }: SupersedeOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/supersede', body: { reason }, done: () => 'Taken over' });
}
