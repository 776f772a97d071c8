import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type NoteOptions = ClientOptions & { readonly incident: string; readonly text: string };

/** `salvor note INCIDENT TEXT`: a note on the timeline. */
export function note({ incident, text, ...options }: NoteOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/notes', body: { text } });
}
