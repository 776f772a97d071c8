/**
 * How soon a webhook hears that it is not taken: 64 connections send the next as soon as the last was answered, of one alert each, to an inbox that holds
 * no more than 200. Whoever is refused would be sent again by Alertmanager; here the next one is sent. Each round begins with an empty store.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { inside } from '../scope.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { inTurns, type Subject, type Work } from '../work.ts';

const CONNECTIONS = 64;
const INBOX = 200;

export const refused: Work = {
  name: 'refused',
  about: `POST to 503 over ${CONNECTIONS} connections, where ${INBOX} webhooks may wait and far more are sent.`,
  lines: [
    { figure: 'p50Ms', what: 'POST to 503, p50', unit: 'ms', digits: 1 },
    { figure: 'p99Ms', what: 'POST to 503, p99', unit: 'ms', digits: 1, targets: [{ atMost: 100 }] },
    { figure: 'refused', what: 'refused, of 100', unit: '', digits: 0 },
    { figure: 'lost', what: 'answered 200 and not in the ledger', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
  ],
  boundS: 120,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const count = many(20_000, 2000);
    const measure = (of: (typeof stores)[number]): Subject => [
      of,
      (round) =>
        inside(scope, async (own) => {
          const salvor = await (await openSite(own, { of, api: api.url, settings: `limits: { inbox: ${INBOX} }\n` })).start();
          const body = (turn: number): string => webhookBody(`g${turn % 100}`, [{ name: 'BenchCounted', mark: `r${round}-${turn}` }]);
          const { statuses, refusedMs } = await flood({ url: salvor.webhook, connections: CONNECTIONS, count, body });
          const { accepted } = await salvor.ledger();
          const taken = statuses.get(200) ?? 0;
          if (taken + (statuses.get(503) ?? 0) !== count) throw new Error(`answered ${[...statuses].map((one) => one.join(' × ')).join(', ')}`);
          return { p50Ms: quantile(refusedMs, 0.5), p99Ms: quantile(refusedMs, 0.99), refused: (refusedMs.length * 100) / count, lost: taken - accepted };
        }),
    ];
    return inTurns(stores.map(measure));
  },
};
