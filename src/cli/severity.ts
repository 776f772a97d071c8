import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type SeverityOptions = ClientOptions & { readonly incident: string; readonly severity: string };

/** `salvor severity INCIDENT SEV1`: how bad it is. */
export function severity({ incident, severity: to, ...options }: SeverityOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/severity', body: { severity: to.toUpperCase() } });
}
