import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../app.ts';
import { callerOf } from '../command/access.ts';
import { readGauges } from '../command/gauges.ts';
import { hearPager } from '../command/pager.ts';
import { pagerVotes } from '../command/pager-vote.ts';
import { type Config, readSecret } from '../config.ts';
import { consoleRouter } from '../console/console.ts';
import { cookieIn } from '../console/cookie.ts';
import { memberKey, sessions } from '../console/session.ts';
import { admission } from '../http/admission.ts';
import { authenticator } from '../http/api/authenticate.ts';
import { apiRouter } from '../http/api/router.ts';
import { isLocal } from '../http/is-local.ts';
import { operationsServer } from '../http/operations.ts';
import { type Bindings, makeAuthenticate } from '../http/sender.ts';
import { createServer } from '../http/server.ts';
import { publicSite } from '../http/site.ts';
import { webhook } from '../http/webhook.ts';
import { errorText } from '../model/error.ts';
import { createMetrics, type SalvorMetrics } from '../observe/metrics.ts';
import { type Provider, signIn } from '../oidc/sign-in.ts';
import { pagerdutyWebhook } from '../pagerduty/webhook.ts';
import type { Clock } from '../port/clock.ts';
import type { Caller, Surface } from '../port/commands.ts';
import type { Ids } from '../port/ids.ts';
import type { Log } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { VERSION } from './version.ts';

type Deps = {
  readonly app: App;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: SalvorMetrics;
  readonly draining: AbortSignal;
  /** The pager's user that our own requests are made as. */
  readonly ownInPager: () => string | undefined;
  /** The address where Slack posts, in HTTP mode. */
  readonly slack: Parameters<typeof publicSite>[0]['slack'];
};

export type Doors = {
  /** Where it really listens: a port of 0 took any that was free. */
  readonly url: string;
  readonly operationsUrl: string;
  /** Takes no new connection, lets requests in flight end, then closes idle connections. */
  readonly close: () => Promise<void>;
};

/** The metrics of one process, its gauges read from the store. */
export function metricsOf({
  store,
  clock,
  log,
  clusters,
  storeRisks,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly clusters: () => readonly string[];
  readonly storeRisks: number;
}): SalvorMetrics {
  return createMetrics({
    version: VERSION,
    storeRisks,
    gauges: () => readGauges({ store, clock, clusters }),
    failed: (error) => log.warn('metrics.failed', { reason: errorText(error) }),
  });
}

/** Opens the public port (webhook and API) and the operations port. */
export async function openDoors(deps: Deps, listen: Config['listen']): Promise<Doors> {
  const { app, store, clock, ids, log, metrics, draining } = deps;
  const config = (): Config => app.settings().config;
  const isDraining = (): boolean => draining.aborted;

  const sealed = sessions({ tokens: () => tokens(config(), log), members: () => members(config(), log), clock });
  const callerBy = (surface: Surface) => (person: string) => callerOf(app.policy(), person, surface);
  const vote = pagerVotes({ store, decide: app.commands, callerOf: callerBy('pagerduty') });
  const heardPager = hearPager({ store, ids, policy: app.policy, own: deps.ownInPager, vote });
  const anonymous = (surface: Surface): Caller => callerOf(app.policy(), undefined, surface);

  const site = publicSite({
    webhook: webhook({
      accept: (received) => store.accept(received),
      authenticate: makeAuthenticate(lookedUp(() => senders(config(), log), clock)),
      admission: admission({ clock, log, bodyBytes: config().limits.bodyBytes }),
      draining: isDraining,
      clock,
      log,
      bodyBytes: config().limits.bodyBytes,
      seen: ({ outcome, durationMs, alerts }) => {
        metrics.webhook(durationMs, outcome);
        if (outcome !== 'accepted') metrics.alerts('refused', Math.max(1, alerts));
      },
    }),
    api: apiRouter({
      commands: app.commands,
      clock,
      log,
      version: VERSION,
      draining,
      authenticate: authenticator({ tokens: () => tokens(config(), log), callerOf: callerBy('api') }),
      session(cookie) {
        const person = sealed.read(cookieIn(cookie))?.person;
        return person === undefined ? undefined : callerBy('console')(person);
      },
      anonymous: () => anonymous('api'),
    }),
    pagerduty: pagerdutyWebhook({
      secrets: () => (config().pagerduty?.webhookSecrets ?? []).flatMap((secret) => secretOrNothing(secret, log)),
      async heard(news) {
        const is = await heardPager(news);
        log.info('pagerduty.heard', { id: news.id, what: news.what, user: news.user?.id ?? '', is });
      },
      log,
    }),
    slack: deps.slack,
    console: consoleRouter({
      commands: app.commands,
      sessions: sealed,
      signIn: signIn({ provider: () => providerIn(config(), log), clock }),
      callerOf: callerBy('console'),
      anonymous: (req) => (isLocal(req) ? anonymous('console') : { person: undefined, rights: [], surface: 'console' }),
      rules: app.policy,
      clusters: () => config().clusters.map(({ name }) => name),
      publicUrl: () => config().listen.publicUrl,
      clock,
      ids,
      log,
    }),
  });

  const open = createServer(site, { draining });
  const operations = createServer(operationsServer({ store, clock, log, nextId: () => ids.next(), draining: isDraining, metrics: () => metrics.text() }));
  const url = await listenOn(open, listen.address, listen.port);
  const operationsUrl = await listenOn(operations, listen.address, listen.operations);
  return {
    url,
    operationsUrl,
    async close() {
      await closeServer(open);
      await closeServer(operations);
    },
  };
}

/**
 * Connections that the kernel keeps for us while we are busy. Alertmanager opens one for each group at once: with Node's 511 the others wait a second for
 * their next try. The kernel cuts it to its own limit (`net.core.somaxconn`, 4096).
 */
const BACKLOG = 4096;

function listenOn(server: Server, address: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, BACKLOG, () => {
      server.removeListener('error', reject);
      const at = server.address() as AddressInfo;
      const host = at.family === 'IPv6' ? `[${at.address}]` : at.address;
      resolve(`http://${host}:${at.port}`);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** Tokens are read when they are asked for, so that a rotated file counts at once; one that cannot be read lets nobody in. */
function senders(config: Config, log: Log): ReturnType<Bindings> {
  return config.clusters.map(({ name, alertmanager }) => ({ cluster: name, tokens: alertmanager.tokens.flatMap((token) => secretOrNothing(token, log)) }));
}

/** In a storm the files of all tokens are not looked at for every webhook: what is taken away counts for so long. */
const LOOK_MS = 100;

function lookedUp<T>(look: () => T, clock: Clock): (anew: boolean) => T {
  let last: { readonly atMs: number; readonly found: T } | undefined;
  return (anew) => {
    const nowMs = clock.monotonicMs();
    if (anew || last === undefined || nowMs - last.atMs >= LOOK_MS) last = { atMs: nowMs, found: look() };
    return last.found;
  };
}

function tokens(config: Config, log: Log): readonly { readonly person: string; readonly token: string }[] {
  return config.tokens.flatMap(({ person, token }) => secretOrNothing(token, log).map((value) => ({ person, token: value })));
}

/** What seals the sessions of who comes by the OpenID provider: a key of its client's secret, so that changing that ends them. */
function members({ oidc }: Config, log: Log): readonly { readonly person: string; readonly token: string }[] {
  if (oidc === undefined) return [];
  return secretOrNothing(oidc.clientSecret, log).flatMap((secret) => oidc.people.map(({ person, is }) => ({ person, token: memberKey(secret, is) })));
}

function providerIn({ oidc, listen }: Config, log: Log): Provider | undefined {
  if (oidc === undefined) return undefined;
  const [clientSecret] = secretOrNothing(oidc.clientSecret, log);
  return clientSecret === undefined ? undefined : { ...oidc, clientSecret, publicUrl: (listen.publicUrl ?? '').replace(/\/+$/, '') };
}

function secretOrNothing(secret: Parameters<typeof readSecret>[0], log: Log): readonly string[] {
  try {
    return [readSecret(secret)];
  } catch (error) {
    log.warn('secret.unreadable', { reason: errorText(error) });
    return [];
  }
}
