import { type Config, readSecret, type Secret } from '../config.ts';
import { errorText, SalvorError } from '../model/error.ts';
import { type FieldPath, type PositionOf, type Problem, problemAt } from '../model/problem.ts';
import { integrationKeyFault, restKeyFault } from '../pagerduty/key.ts';
import { onCallBy, userByEmail, userById } from '../pagerduty/on-call.ts';
import { pagerdutyRest, type Rest } from '../pagerduty/rest.ts';
import { subscriptionTo } from '../pagerduty/subscriptions.ts';
import { routeOf } from '../serve/pager.ts';
import type { Live } from './check.ts';

type Asking = { readonly config: Config; readonly positionOf: PositionOf };
type PagerDuty = NonNullable<Config['pagerduty']>;
type Found = { readonly code: `live.pagerduty-${string}`; readonly path: FieldPath; readonly message: string; readonly warning?: true };

const AT: FieldPath = ['pagerduty'];

/** Asks PagerDuty what a page would find out too late: are the keys what they should be, is somebody called, do webhooks come back. Nobody is woken. */
export async function livePagerDuty({ config, positionOf }: Asking): Promise<Live> {
  const { pagerduty } = config;
  if (pagerduty === undefined) return { problems: [], unreached: [] };
  const found = [...keyFaults(pagerduty)];
  const away: string[] = [];
  if (pagerduty.apiToken !== undefined && found.every(({ code }) => code !== 'live.pagerduty-token')) {
    const { apiToken, from, apiUrl } = pagerduty;
    const rest = pagerdutyRest({ token: () => read(apiToken), from, url: apiUrl });
    try {
      found.push(...(await fromFaults(rest, from)), ...(await peopleFaults(rest, config)), ...(await rungFaults(rest, { config, pagerduty })));
      found.push(...(await webhookFaults(rest, { config, pagerduty })));
    } catch (error) {
      const status = error instanceof SalvorError ? error.details['status'] : undefined;
      if (status === 401 || status === 403)
        found.push({
          code: 'live.pagerduty-token',
          path: [...AT, 'apiToken'],
          message: `PagerDuty does not take this key (${errorText(error)}): make a new one`,
        });
      else {
        found.push({ code: 'live.pagerduty-unreachable', path: AT, message: errorText(error) });
        away.push('PagerDuty');
      }
    }
  }
  const problems = found.map(({ code, ...of }): Problem => Object.assign(problemAt(positionOf, of), { code }));
  return { problems, unreached: away };
}

function* keyFaults(pagerduty: PagerDuty): Generator<Found> {
  const { routingKey, routes, changes, apiToken } = pagerduty;
  const keys: readonly (readonly [Secret | undefined, FieldPath])[] = [
    [routingKey, [...AT, 'routingKey']],
    ...Object.entries(routes).map(([name, secret]) => [secret, [...AT, 'routes', name]] as const),
    [changes, [...AT, 'changes']],
  ];
  for (const [secret, path] of keys) {
    const message = secret === undefined ? undefined : integrationKeyFault(read(secret));
    if (message !== undefined) yield { code: 'live.pagerduty-key', path, message };
  }
  const message = apiToken === undefined ? undefined : restKeyFault(read(apiToken));
  if (message !== undefined) yield { code: 'live.pagerduty-token', path: [...AT, 'apiToken'], message };
}

async function fromFaults(rest: Rest, from: string | undefined): Promise<readonly Found[]> {
  if (from === undefined || (await userByEmail(rest, from)) !== undefined) return [];
  return [{ code: 'live.pagerduty-from', path: [...AT, 'from'], message: `no user of PagerDuty has the address ${from}: notes and escalations are refused` }];
}

async function peopleFaults(rest: Rest, { policy }: Config): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const [index, { name, pagerduty: id }] of policy.people.entries()) {
    if (id === undefined || (await userById(rest, id)) !== undefined) continue;
    const message = `PagerDuty has no user ${id}: what ${name} does there is not known to be theirs. The id is at the end of the address of their profile`;
    found.push({ code: 'live.pagerduty-person', path: ['people', index, 'pagerduty'], message });
  }
  return found;
}

/** Whom every rung would call if it paged now. */
async function rungFaults(rest: Rest, { config, pagerduty }: { readonly config: Config; readonly pagerduty: PagerDuty }): Promise<readonly Found[]> {
  const rungs = Object.entries(config.policy.ladders).flatMap(([ladder, all]) =>
    all.map(({ page }, index) => ({ page, path: ['ladders', ladder, index, 'page'], key: read(routeOf(pagerduty, page)) })),
  );
  const called = await onCallBy(rest, [...new Set(rungs.map(({ key }) => key))]);
  return rungs.flatMap(({ page, path, key }): readonly Found[] => {
    const found = called.get(key);
    const code = 'live.pagerduty-on-call';
    if (found === undefined) return [{ code, path, message: `no service of PagerDuty has the integration key of ${page}: its pages call nobody` }];
    const { service, policy, disabled, names } = found;
    if (disabled) return [{ code, path, message: `${page} pages the service ${service}, which is turned off in PagerDuty: its pages call nobody` }];
    if (names.length === 0) return [{ code, path, message: `nobody is on call for ${page} now: the first level of ${policy} (service ${service}) is empty` }];
    return [];
  });
}

async function webhookFaults(rest: Rest, { config, pagerduty }: { readonly config: Config; readonly pagerduty: PagerDuty }): Promise<readonly Found[]> {
  const { publicUrl } = config.listen;
  if (pagerduty.webhookSecrets.length === 0 || publicUrl === undefined) return [];
  const url = `${publicUrl.replace(/\/+$/, '')}/pagerduty/webhooks`;
  const warn = (message: string): readonly Found[] => [{ code: 'live.pagerduty-webhook', path: [...AT, 'webhookSecrets'], message, warning: true }];
  try {
    const is = await subscriptionTo(rest, url);
    if (is === 'none') return warn(`no webhook subscription goes to ${url}: what people do in PagerDuty is not heard here`);
    return is === 'off' ? warn(`the webhook subscription to ${url} is turned off: PagerDuty was refused there; look at its Webhooks page and turn it on`) : [];
  } catch (error) {
    if (error instanceof SalvorError && error.details['refused'] === true) return [];
    throw error;
  }
}

/** Whether each secret can be read was checked with the files. */
function read(secret: Secret): string {
  return readSecret(secret).trim();
}
