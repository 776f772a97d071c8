/**
 * 5,000 alerts at once, each in a webhook of its own over 64 connections, each with a run of its own and one effect. Counts what was lost or done
 * twice, at the API server and in the store. Each round has an empty store and a new process. Memory is what the process takes when it has nothing
 * more to do, beyond a process that only imports what the server imports.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { takenByImports } from '../imports-alone.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { quantile } from '../table.ts';
import { type Figures, inTurns, PROMISES, type StoreName, type Work } from '../work.ts';

const CONNECTIONS = 64;

export const burst: Work = {
  name: 'burst',
  about: `5,000 alerts at once over ${CONNECTIONS} connections, a webhook, a run and one effect each; every round with an empty store.`,
  lines: [
    ...PROMISES,
    { figure: 'acked', what: 'acknowledged', unit: '/s', digits: 0 },
    { figure: 'ackP99Ms', what: 'POST to 200, p99', unit: 'ms', digits: 0 },
    { figure: 'effects', what: 'effects', unit: '/s', digits: 0, targets: [{ atLeast: 2000 }] },
    { figure: 'told', what: 'runs ended and told', unit: '/s', digits: 0 },
    { figure: 'cpuMs', what: 'processor time of an alert', unit: 'ms' },
    { figure: 'restMb', what: 'memory before it', unit: 'MB', digits: 0 },
    { figure: 'beyondMb', what: 'memory after it, beyond the imports alone', unit: 'MB', digits: 0, targets: [{ atMost: 80 }] },
  ],
  boundS: 240,
  async open({ stores, many, scope }) {
    const importsMb = await takenByImports(scope);
    const alerts = many(5000, 100);
    return inTurns(stores.map((of) => [of, (round) => inside(scope, (own) => measure(own, { of, round, alerts, importsMb }))]));
  },
};

type Asked = { readonly of: StoreName; readonly round: number; readonly alerts: number; readonly importsMb: number };

async function measure(scope: Scope, { of, round, alerts, importsMb }: Asked): Promise<Figures> {
  const api = await openApiStub(scope);
  const site = await openSite(scope, { of, api: api.url });
  const salvor = await site.start();
  const before = await salvor.quiet();
  const body = (turn: number): string => webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `b${round}-${turn}` }]);
  const sent = await flood({ url: salvor.webhook, connections: CONNECTIONS, count: alerts, body });
  await api.created(alerts);
  const effectMs = Math.max(...api.arrivedMs.values()) - sent.startedMs;
  const after = await salvor.quiet();
  await salvor.stop();
  const stored = await storedOf(site);
  const refused = alerts - (sent.statuses.get(200) ?? 0);
  return {
    acked: sent.perSecond,
    ackP99Ms: quantile(sent.latenciesMs, 0.99),
    effects: (alerts / effectMs) * 1000,
    told: (alerts / (after.sinceMs - sent.startedMs)) * 1000,
    cpuMs: (after.cpuMs - before.cpuMs) / alerts,
    restMb: before.rssMb,
    beyondMb: after.rssMb - importsMb,
    lost: alerts - api.arrivedMs.size + (alerts - stored.accepted) + (alerts - stored.handled) + stored.pending + (alerts - stored.done) + refused,
    twice: api.repeats() + (stored.runs - alerts),
  };
}
