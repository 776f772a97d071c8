import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { decide } from './decide.ts';

export type SettleOptions = ClientOptions & { readonly run: string; readonly step: string; readonly as: 'done' | 'not-done' };

/** `salvor settle RUN STEP --as done|not-done`: whether a step with an unknown outcome happened. */
export function settle({ run, step, as, ...options }: SettleOptions, context: Context): Promise<number> {
  return decide(options, context, { run, path: '/settle', body: { step, as }, done: () => `Settled ${step} as ${as}` });
}
