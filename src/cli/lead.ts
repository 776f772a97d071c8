import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type LeadOptions = ClientOptions & { readonly incident: string; readonly person: string };

/** `salvor lead INCIDENT PERSON`: who leads from now on. */
export function lead({ incident, person, ...options }: LeadOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/lead', body: { lead: person } });
}
