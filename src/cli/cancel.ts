import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';

export type CancelOptions = ClientOptions & {
  readonly run: string;
  /** Undoes only what must always be undone. */
  readonly keep?: boolean;
  readonly reason?: string;
};

/** `salvor cancel RUN`: the request in flight finishes, nothing more is written, and what was done is undone. */
export function cancel({ run, keep, reason, ...options }: CancelOptions, context: Context): Promise<number> {
  const body = { ...(keep === undefined ? {} : { keep }), ...(reason === undefined ? {} : { reason }) };
  return decide(options, context, { run, path: '/cancel', body, done: (now) => (now?.endedAt === undefined ? 'Stopping' : 'Stopped') });
}
