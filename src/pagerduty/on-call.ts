import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import type { Rest } from './rest.ts';

const Named = z.looseObject({ id: z.string(), summary: z.string().nullish() });
const Service = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  escalation_policy: Named,
  integrations: z.array(z.looseObject({ integration_key: z.string().nullish() })).default([]),
});
const OnCall = z.looseObject({ user: Named, escalation_level: z.number(), escalation_policy: Named });

/** Whom an integration key calls: the service that has it, its escalation policy, and who is on call there now at the first level. */
export type Called = { readonly service: string; readonly disabled: boolean; readonly policy: string; readonly names: readonly string[] };

/** Of each key whom it calls; a key that no service has is left out. Throws as `Rest` does. */
export async function onCallBy(rest: Rest, keys: readonly string[]): Promise<ReadonlyMap<string, Called>> {
  const services = await rest.all('/services', { name: 'services', shape: Service, query: { 'include[]': ['integrations'] } });
  const found = keys.flatMap((key) => {
    const service = services.find(({ integrations }) => integrations.some(({ integration_key: own }) => own === key));
    return service === undefined ? [] : [[key, service] as const];
  });
  if (found.length === 0) return new Map();
  const policies = [...new Set(found.map(([, { escalation_policy: policy }]) => policy.id))];
  const onCalls = await rest.all('/oncalls', { name: 'oncalls', shape: OnCall, query: { 'escalation_policy_ids[]': policies, earliest: 'true' } });
  return new Map(found.map(([key, service]) => [key, calledBy(service, onCalls)]));
}

function calledBy({ name, status, escalation_policy: policy }: z.output<typeof Service>, onCalls: readonly z.output<typeof OnCall>[]): Called {
  const first = onCalls.filter(({ escalation_policy: of, escalation_level: level }) => of.id === policy.id && level === 1);
  const names = [...new Set(first.map(({ user }) => user.summary ?? user.id))];
  return { service: name, disabled: status === 'disabled', policy: policy.summary ?? policy.id, names };
}

const User = z.looseObject({ id: z.string(), email: z.string(), name: z.string().optional() });
export type PagerUser = z.output<typeof User>;

/** The user with this e-mail address; undefined where there is none. */
export async function userByEmail(rest: Rest, email: string): Promise<PagerUser | undefined> {
  const users = await rest.all('/users', { name: 'users', shape: User, query: { query: email } });
  return users.find((user) => user.email.toLowerCase() === email.toLowerCase());
}

/** The user with this id; undefined where there is none. */
export async function userById(rest: Rest, id: string): Promise<PagerUser | undefined> {
  try {
    const { user } = await rest.get(`/users/${encodeURIComponent(id)}`, z.looseObject({ user: User }));
    return user;
  } catch (error) {
    if (error instanceof SalvorError && error.details['status'] === 404) return undefined;
    throw error;
  }
}

const Schedule = z.looseObject({ id: z.string(), name: z.string() });
const OnSchedule = z.looseObject({ user: z.looseObject({ id: z.string() }), schedule: z.looseObject({ id: z.string() }).nullish() });

/** The ids of those who are on call by a schedule now, by its id or its name; undefined where there is no such schedule. Throws as `Rest` does. */
export async function onCallOf(rest: Rest, schedule: string): Promise<readonly string[] | undefined> {
  const schedules = await rest.all('/schedules', { name: 'schedules', shape: Schedule });
  const found = schedules.filter(({ id, name }) => id === schedule || name === schedule);
  const [one] = found;
  if (one === undefined || found.length > 1) return undefined;
  const onCalls = await rest.all('/oncalls', { name: 'oncalls', shape: OnSchedule, query: { 'schedule_ids[]': [one.id], earliest: 'true' } });
  return [...new Set(onCalls.filter((call) => call.schedule?.id === one.id).map(({ user }) => user.id))];
}
