import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type CloseOptions = ClientOptions & { readonly incident: string; readonly reason: string };

/** `salvor close INCIDENT --reason TEXT`: it is over. */
export function close({ incident, reason, ...options }: CloseOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/close', body: { reason } });
}
