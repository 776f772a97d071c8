import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type AcknowledgeOptions = ClientOptions & { readonly incident: string };

/** `salvor acknowledge INCIDENT`: whoever sends it has it. */
export function acknowledge({ incident, ...options }: AcknowledgeOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/acknowledge', body: {} });
}
