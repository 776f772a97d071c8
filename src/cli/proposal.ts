import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';

export type ProposalOptions = ClientOptions & { readonly run: string };
export type HoldOptions = ProposalOptions & { readonly reason: string };

/** `salvor withdraw RUN`: a person's own yes is taken back, as long as nothing was begun. */
export function withdraw({ run, ...options }: ProposalOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/withdraw', body: {}, done: () => 'Taken back' });
}

/** `salvor hold RUN --reason TEXT`: nothing starts, and no time runs out, until somebody releases it. */
export function hold({ run, reason, ...options }: HoldOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/hold', body: { reason }, done: () => 'Held' });
}

/** `salvor release RUN`: it goes on where it stood; with enough votes at once. */
export function release({ run, ...options }: ProposalOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/release', body: {}, done: () => 'Released' });
}
