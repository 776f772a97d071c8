/**
 * 2,000 alerts at once, each with an action for which the API server takes 500 ms. Counts what was lost or done twice, and how long an answer to
 * Alertmanager took meanwhile: what is slow behind it must not hold up the way in.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { quantile } from '../table.ts';
import { type Figures, inTurns, PROMISES, type StoreName, type Work } from '../work.ts';

const CONNECTIONS = 64;
const ACTION_MS = 500;

export const slow: Work = {
  name: 'slow',
  about: `2,000 alerts at once, each with an action of ${ACTION_MS} ms.`,
  lines: [
    ...PROMISES,
    { figure: 'ackP99Ms', what: 'POST to 200, p99', unit: 'ms', digits: 0 },
    { figure: 'tookS', what: 'until all is done', unit: 's', digits: 1 },
  ],
  boundS: 180,
  async open({ stores, many, scope }) {
    const alerts = many(2000, 60);
    return inTurns(stores.map((of) => [of, (round) => inside(scope, (own) => measure(own, { of, round, alerts }))]));
  },
};

type Asked = { readonly of: StoreName; readonly round: number; readonly alerts: number };

async function measure(scope: Scope, { of, round, alerts }: Asked): Promise<Figures> {
  const api = await openApiStub(scope);
  api.answerAfter(ACTION_MS);
  const site = await openSite(scope, { of, api: api.url });
  const salvor = await site.start();
  const body = (turn: number): string => webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `s${round}-${turn}` }]);
  const sent = await flood({ url: salvor.webhook, connections: CONNECTIONS, count: alerts, body });
  const acked = sent.statuses.get(200) ?? 0;
  await api.created(acked);
  const overMs = await salvor.untilOver();
  await salvor.stop();
  const stored = await storedOf(site);
  return {
    lost: acked - api.arrivedMs.size + (acked - stored.done) + stored.pending,
    twice: api.repeats() + Math.max(0, stored.runs - alerts),
    ackP99Ms: quantile(sent.latenciesMs, 0.99),
    tookS: (overMs - sent.startedMs) / 1000,
  };
}
