import { z } from 'zod';
import { SalvorError } from '../../model/error.ts';

/** What an account of the simulated PagerDuty has: who there is, whom its services call, and where it sends webhooks. */
const User = z.strictObject({ name: z.string().min(1), id: z.string().min(1).optional(), email: z.string().min(3).optional() });
const Policy = z.strictObject({
  name: z.string().min(1),
  id: z.string().min(1).optional(),
  /** Names of users, the first to be called first; an empty level is one that nobody is on call for. */
  levels: z.array(z.array(z.string().min(1))).min(1),
});
const Service = z.strictObject({
  name: z.string().min(1),
  id: z.string().min(1).optional(),
  /** Its integration key for Events API v2. */
  key: z.string().length(32),
  policy: z.string().optional(),
  /** What an event rule does with its events: `suppressed` takes them and makes no incident. */
  events: z.enum(['incident', 'suppressed']).optional(),
});
const Schedule = z.strictObject({
  name: z.string().min(1),
  id: z.string().min(1).optional(),
  /** Names of the users who are on call by it now. */
  onCall: z.array(z.string().min(1)),
});
const Webhook = z.strictObject({ url: z.string(), secrets: z.array(z.string().min(1)).min(1) });

export const PagerDutyScenario = z.strictObject({
  users: z.array(User).optional(),
  policies: z.array(Policy).optional(),
  services: z.array(Service).optional(),
  schedules: z.array(Schedule).optional(),
  webhooks: z.array(Webhook).optional(),
  /** The only REST key that is let in; absent: any. */
  token: z.string().min(1).optional(),
});
export type PagerDutyScenario = z.input<typeof PagerDutyScenario>;

export type PagedUser = { readonly id: string; readonly name: string; readonly email: string };
export type PagedPolicy = { readonly id: string; readonly name: string; readonly levels: readonly (readonly PagedUser[])[] };
export type PagedSchedule = { readonly id: string; readonly name: string; readonly onCall: readonly PagedUser[] };
export type PagedService = { readonly id: string; readonly name: string; readonly key: string; readonly policy: PagedPolicy; readonly suppressed: boolean };

export type Account = {
  users(): readonly PagedUser[];
  policies(): readonly PagedPolicy[];
  services(): readonly PagedService[];
  schedules(): readonly PagedSchedule[];
  /** The service of an integration key. A key that nobody set up makes a service of its own with the first policy. */
  serviceOf(key: string): PagedService;
  /** By name, id or e-mail address. */
  user(who: string): PagedUser | undefined;
  token(): string | undefined;
  apply(scenario: z.output<typeof PagerDutyScenario>): void;
};

const FIRST_USERS: readonly PagedUser[] = [
  { id: 'P0ANA', name: 'ana', email: 'ana@example.com' },
  { id: 'P0BEN', name: 'ben', email: 'ben@example.com' },
  { id: 'P0CLEO', name: 'cleo', email: 'cleo@example.com' },
  { id: 'P0BOT', name: 'salvor', email: 'salvor@example.com' },
];

/** An account with ana, ben, cleo and a user for Salvor; ana is called first, then ben. */
export function account(): Account {
  const users = new Map(FIRST_USERS.map((user) => [user.name, user]));
  const policies = new Map<string, PagedPolicy>();
  const services = new Map<string, PagedService>();
  const schedules = new Map<string, PagedSchedule>();
  let token: string | undefined;

  const named = (name: string): PagedUser => {
    const user = users.get(name);
    if (user === undefined) throw new SalvorError('config.invalid', `the simulated PagerDuty has no user ${name}`);
    return user;
  };
  const putPolicy = ({ name, id, levels }: z.output<typeof Policy>): void => {
    policies.set(name, { name, id: id ?? `PE${idOf(name)}`, levels: levels.map((level) => level.map(named)) });
    for (const [key, service] of services) if (service.policy.name === name) services.set(key, { ...service, policy: policyOf(name) });
  };
  const policyOf = (name?: string): PagedPolicy => {
    const policy = name === undefined ? [...policies.values()][0] : policies.get(name);
    if (policy === undefined) throw new SalvorError('config.invalid', `the simulated PagerDuty has no escalation policy ${name ?? ''}`);
    return policy;
  };
  putPolicy({ name: 'platform', levels: [['ana'], ['ben']] });

  return {
    users: () => [...users.values()],
    policies: () => [...policies.values()],
    services: () => [...services.values()],
    schedules: () => [...schedules.values()],
    serviceOf(key) {
      const known = services.get(key) ?? { id: `PS${idOf(key)}`, name: `service ${key.slice(-6)}`, key, policy: policyOf(), suppressed: false };
      services.set(key, known);
      return known;
    },
    user: (who) => [...users.values()].find(({ id, name, email }) => [id, name, email].includes(who)),
    token: () => token,
    apply(scenario) {
      for (const { name, id, email } of scenario.users ?? [])
        users.set(name, { name, id: id ?? users.get(name)?.id ?? `PU${idOf(name)}`, email: email ?? `${name}@example.com` });
      for (const policy of scenario.policies ?? []) putPolicy(policy);
      for (const { name, id, onCall } of scenario.schedules ?? []) schedules.set(name, { name, id: id ?? `PD${idOf(name)}`, onCall: onCall.map(named) });
      for (const { name, id, key, policy, events } of scenario.services ?? [])
        services.set(key, { name, id: id ?? `PS${idOf(name)}`, key, policy: policyOf(policy), suppressed: events === 'suppressed' });
      token = scenario.token ?? token;
    },
  };
}

function idOf(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .slice(-8)
    .padStart(4, '0');
}
