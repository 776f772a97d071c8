import { type Config, readSecret, type Secret } from '../config.ts';
import { defined } from '../model/defined.ts';
import { errorCode, errorText, SalvorError } from '../model/error.ts';
import { shortId } from '../model/identity.ts';
import { loggedPager } from '../observe/quiet-people.ts';
import { type Fetch, pagerdutyEvents } from '../pagerduty/events.ts';
import { askToHelp, callsOf, escalateTo, noteOn } from '../pagerduty/incidents.ts';
import { onCallBy, userByEmail } from '../pagerduty/on-call.ts';
import { oneWhileAway } from '../pagerduty/one-while-away.ts';
import { pace } from '../pagerduty/pace.ts';
import { pagerdutyRest, type Rest, type RestOptions } from '../pagerduty/rest.ts';
import type { Clock } from '../port/clock.ts';
import type { Log } from '../port/log.ts';
import type { Confirms, OnCall, Page, Pager } from '../port/pager.ts';

type Deps = {
  readonly config: () => Pick<Config, 'pagerduty' | 'listen' | 'policy'>;
  readonly log: Log;
  readonly clock: Clock;
  /** For tests on a clock of their own; absent: the network. */
  readonly reach?: { readonly fetch: Fetch; readonly rest: (options: RestOptions) => Rest };
};
type PagerDuty = NonNullable<Config['pagerduty']>;

export type ConnectedPager = Pager & {
  /** The id of the user that our own requests are made as; undefined while it is not known. */
  own(): string | undefined;
  /** REST as it is configured now; undefined without a key for it. */
  rest(): Rest | undefined;
  /** Looks who is on call, for when PagerDuty is away; says once where nothing can confirm a page. */
  look(): Promise<void>;
};

/** PagerDuty takes 120 events a minute and key, and 960 requests by REST: others may use the same keys. */
const MOST_EVENTS = 100;
const MOST_REQUESTS = 600;

/** The pager as it is configured now: a reload counts from the next page on. Without one pages are lines of the log. */
export function connectPager({ config, log, clock, reach }: Deps): ConnectedPager {
  const logged = loggedPager(log);
  const paces = { events: pace({ clock, most: MOST_EVENTS }), rest: pace({ clock, most: MOST_REQUESTS }) };
  const onCall = new Map<string, OnCall>();
  let own: string | undefined;
  let said = false;
  let problem: string | undefined = 'PagerDuty has not answered yet';

  const restOf = ({ apiToken, apiUrl, from }: PagerDuty): Rest | undefined =>
    apiToken === undefined ? undefined : (reach?.rest ?? pagerdutyRest)({ token: () => keyOf(apiToken), from, url: apiUrl, pace: paces.rest });
  const rest = (): Rest | undefined => {
    const { pagerduty } = config();
    return pagerduty === undefined ? undefined : restOf(pagerduty);
  };
  const sendEvent = oneWhileAway(async (page) => {
    const { pagerduty, listen } = config();
    if (pagerduty === undefined) return logged.send(page);
    const routingKey = (target: string): string => keyOf(page.action === 'change' ? (pagerduty.changes ?? pagerduty.routingKey) : routeOf(pagerduty, target));
    await pagerdutyEvents({ url: pagerduty.eventsUrl, clientUrl: listen.publicUrl, routingKey, pace: paces.events, fetch: reach?.fetch }).send(
      withLink(page, listen.publicUrl),
    );
    log.info('pager.sent', { action: page.action, dedupKey: page.dedupKey, target: page.target });
  });

  return {
    async send(page) {
      if (page.action === 'note') return note(rest(), page, { clock, publicUrl: config().listen.publicUrl });
      if (page.action !== 'ask') return sendEvent(page);
      const { from = '' } = config().pagerduty ?? {};
      const by = rest() ?? noRest();
      own ??= (await userByEmail(by, from))?.id;
      if (own === undefined) throw new SalvorError('pager.unavailable', `PagerDuty has no user ${from} (pagerduty.from)`, { retry: 'never' });
      await ask(by, page, { by: own, clock });
    },
    takes: () =>
      new Set([
        ...(config().pagerduty?.apiToken === undefined ? [] : (['note'] as const)),
        ...(config().pagerduty?.apiToken === undefined || config().pagerduty?.from === undefined ? [] : (['ask'] as const)),
        ...(config().pagerduty?.changes === undefined ? [] : (['change'] as const)),
      ]),
    confirms() {
      const { pagerduty } = config();
      return pagerduty === undefined ? undefined : confirmsOf(pagerduty);
    },
    calls: async ({ dedupKey }, sinceMs) => callsOf(rest() ?? noRest(), dedupKey, sinceMs),
    async escalate(page, known) {
      const { pagerduty } = config();
      const by = pagerduty === undefined ? undefined : restOf(pagerduty);
      if (pagerduty === undefined || by === undefined) return undefined;
      const key = keyOf(routeOf(pagerduty, page.target));
      const shared = (page.before ?? []).filter((target) => target !== page.target && keyOf(routeOf(pagerduty, target)) === key);
      const [call] = known.find(([, target]) => shared.includes(target)) ?? [];
      if (call === undefined) return undefined;
      try {
        return await escalateTo(by, call, shared.length + 1);
      } catch (error) {
        // Its policy has no such level, or it is over there: a page as any other.
        if (error instanceof SalvorError && error.retry === 'never') return undefined;
        throw error;
      }
    },
    onCall: (target) => onCall.get(target),
    onCallProblem() {
      const { pagerduty } = config();
      if (pagerduty === undefined) return 'PagerDuty is not configured: pages are only lines of the log';
      if (pagerduty.apiToken === undefined) return 'pagerduty.apiToken is not configured, so PagerDuty cannot be asked';
      return problem;
    },
    own: () => own,
    rest,
    async look() {
      const { pagerduty, policy } = config();
      if (pagerduty === undefined) return;
      if (!said && confirmsOf(pagerduty).by === 'nothing')
        log.warn('pager.not-confirmed', { next: 'a page that PagerDuty takes and loses is not noticed; configure pagerduty.apiToken or webhookSecrets' });
      said = true;
      const by = restOf(pagerduty);
      if (by === undefined) return;
      try {
        if (pagerduty.from !== undefined) own = (await userByEmail(by, pagerduty.from))?.id;
        const targets = [...new Set(Object.values(policy.ladders).flatMap((rungs) => rungs.map(({ page }) => page)))];
        const keys = new Map(targets.map((target) => [target, keyOf(routeOf(pagerduty, target))]));
        const called = await onCallBy(by, [...new Set(keys.values())]);
        for (const [target, key] of keys) {
          const names = called.get(key)?.names ?? [];
          if (names.length > 0) onCall.set(target, { names, atMs: clock.nowMs() });
        }
        problem = undefined;
      } catch (error) {
        problem = errorText(error);
        log.warn('pager.not-looked', { code: errorCode(error), reason: errorText(error) });
      }
    },
  };
}

/** Which integration key a rung of a ladder pages. */
export function routeOf({ routes, routingKey }: Pick<PagerDuty, 'routes' | 'routingKey'>, target: string): Secret {
  return Object.hasOwn(routes, target) ? (routes[target] ?? routingKey) : routingKey;
}

function confirmsOf({ apiToken, webhookSecrets, confirmWithin }: PagerDuty): Confirms {
  return { by: apiToken !== undefined ? 'asking' : webhookSecrets.length > 0 ? 'hearing' : 'nothing', withinMs: confirmWithin };
}

type Noting = { readonly clock: Clock; readonly publicUrl: string | undefined };

/**
 * A note goes to every call that is open for the incident, else to those that were: the end of an incident is noted behind the end of its calls. One that
 * is there already is not written twice.
 */
async function note(rest: Rest | undefined, { dedupKey, summary, details }: Page, { clock, publicUrl }: Noting): Promise<void> {
  const by = rest ?? noRest();
  const { since, report } = details;
  const open = await callsOf(by, dedupKey, clock.nowMs());
  const calls = open.length > 0 || since === undefined ? open : await callsOf(by, dedupKey, Date.parse(since));
  const text = report === undefined ? summary : `${summary}. Report: ${reportAt(report, publicUrl)}`;
  for (const { id } of calls) await noteOn(by, id, text);
}

function reportAt(incident: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return `salvor report ${incident}`;
  return `${publicUrl.replace(/\/+$/, '')}/api/v1/incidents/${encodeURIComponent(incident)}/report?format=html`;
}

/** People are asked to help on the newest call that is open; PagerDuty takes a few seconds to make one of a page, so it may not be there yet. */
async function ask(rest: Rest, { dedupKey, summary, details }: Page, { by, clock }: { readonly by: string; readonly clock: Clock }): Promise<void> {
  const [call] = await callsOf(rest, dedupKey, clock.nowMs());
  if (call === undefined) throw new SalvorError('pager.unavailable', 'PagerDuty has no open incident to ask for', { retry: 'later' });
  await askToHelp(rest, call.id, { by, whom: (details['whom'] ?? '').split(','), message: summary });
}

function noRest(): never {
  throw new SalvorError('pager.unavailable', 'pagerduty.apiToken is not configured', { retry: 'never' });
}

function withLink(page: Page, publicUrl: string | undefined): Page {
  const { incident } = page.details;
  if (page.action !== 'change' || publicUrl === undefined || incident === undefined) return page;
  return { ...page, details: { ...page.details, ...defined({ link: `${publicUrl.replace(/\/+$/, '')}/incidents/${encodeURIComponent(shortId(incident))}` }) } };
}

/** A key that cannot be read holds the page, and the lane tries again: its file may be mended. */
function keyOf(secret: Secret): string {
  try {
    return readSecret(secret).trim();
  } catch (error) {
    throw new SalvorError('pager.unavailable', 'the integration key of PagerDuty cannot be read', { retry: 'later', cause: error });
  }
}
