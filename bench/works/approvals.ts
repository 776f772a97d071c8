/**
 * Whole runs with an approval: 2,000 alerts over 64 connections until each run is proposed, and then 2,000 approvals through the API, each for the
 * digest of its own plan, over 64 connections, until each effect is at the API server and each run is over. A run's time is that of both halves;
 * reading the proposals between them is not in it, as a person's press brings its digest along.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { proposed } from '../proposed.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { type Figures, inTurns, PROMISES, type StoreName, type Work } from '../work.ts';

const CONNECTIONS = 64;

export const approvals: Work = {
  name: 'approvals',
  about: '2,000 runs from their alert to a proposal, and from their approval through the API to their end.',
  lines: [
    ...PROMISES,
    { figure: 'runs', what: 'whole runs', unit: '/s', digits: 0, targets: (of) => [{ atLeast: of === 'embedded' ? 1500 : 1000 }] },
    { figure: 'proposed', what: 'alert to proposal', unit: '/s', digits: 0 },
    { figure: 'carriedOut', what: 'approval to end', unit: '/s', digits: 0 },
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
  const site = await openSite(scope, { of, api: api.url });
  const salvor = await site.start();
  const body = (turn: number): string => webhookBody(`g${turn}`, [{ name: 'BenchAsk', mark: `a${round}-${turn}` }]);
  const sent = await flood({ url: salvor.webhook, connections: CONNECTIONS, count: alerts, body });
  await salvor.folded(alerts);
  const proposedMs = (await salvor.untilNone('state=queued,diagnosing')) - sent.startedMs;

  const proposals = await proposed(salvor);
  const approved = await flood({
    url: salvor.url,
    connections: CONNECTIONS,
    count: proposals.length,
    headers: `authorization: Bearer ${salvor.token}\r\n`,
    path: (turn) => `/api/v1/runs/${encodeURIComponent(proposals[turn]?.id ?? '')}/approve`,
    body: (turn) => JSON.stringify({ plan: proposals[turn]?.digest }),
  });
  const taken = (approved.statuses.get(200) ?? 0) + (approved.statuses.get(202) ?? 0);
  await api.created(taken);
  const carriedMs = (await salvor.untilOver()) - approved.startedMs;
  await salvor.stop();
  const stored = await storedOf(site);
  return {
    lost: alerts - proposals.length + (proposals.length - taken) + (taken - stored.done),
    twice: api.repeats() + Math.max(0, stored.runs - alerts),
    runs: (alerts / (proposedMs + carriedMs)) * 1000,
    proposed: (alerts / proposedMs) * 1000,
    carriedOut: (alerts / carriedMs) * 1000,
  };
}
