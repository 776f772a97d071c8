import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type UpdateOptions = ClientOptions & { readonly incident: string; readonly text: string };

/** `salvor update INCIDENT TEXT`: what others are told about it now. */
export function update({ incident, text, ...options }: UpdateOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/updates', body: { text } });
}
