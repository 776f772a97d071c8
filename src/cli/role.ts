import type { ClientOptions } from './client.ts';
import type { Context } from './context.ts';
import { tell } from './tell.ts';

export type RoleOptions = ClientOptions & { readonly incident: string; readonly role: string; readonly person: string };

/** `salvor role INCIDENT lead|communications PERSON`: who does it from now on. */
export function role({ incident, role: to, person, ...options }: RoleOptions, context: Context): Promise<number> {
  return tell(options, context, { incident, path: '/role', body: { role: to.toLowerCase(), person } });
}
