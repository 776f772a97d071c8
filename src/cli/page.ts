import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type PageOptions = ClientOptions & { readonly incident: string; readonly reason: string; readonly ladder?: string };

/** `salvor page INCIDENT --reason TEXT`: people are called now. */
export function page({ incident, reason, ladder, ...options }: PageOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/page', body: { reason, ...(ladder === undefined ? {} : { ladder }) } });
}
