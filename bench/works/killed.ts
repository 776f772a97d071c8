/**
 * 2,000 alerts at once over 64 connections, and in the middle of them the server is killed three times (SIGKILL) and started again at once. The sender
 * repeats what was not answered 200, as Alertmanager does. Counts what was answered 200 and never done, what was done twice, and what was never
 * answered 200 within a minute. No time of it has a target.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { inside, type Scope } from '../scope.ts';
import { closedLoop, insist } from '../sender.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { type Figures, inTurns, PROMISES, type StoreName, type Work } from '../work.ts';

const CONNECTIONS = 64;
const KILLS = 3;
const PATIENCE_MS = 60_000;

export const killed: Work = {
  name: 'killed',
  about: `2,000 alerts at once, a run and one effect each, with ${KILLS} kill -9 in the middle; the sender repeats as Alertmanager does.`,
  lines: [
    ...PROMISES,
    { figure: 'refused', what: 'never answered 200 within a minute', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
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
  const site = await openSite(scope, { of, api: api.url });
  let salvor = await site.start();
  const startedMs = performance.now();
  let refused = 0;
  const sending = closedLoop(CONNECTIONS, alerts, async (turn) => {
    const body = webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `k${round}-${turn}` }]);
    if (!(await insist(() => salvor.webhook, body, PATIENCE_MS))) refused += 1;
  });
  for (let kill = 1; kill <= KILLS; kill += 1) {
    // In the middle of the work: webhooks come in, runs write.
    await api.created(Math.floor((alerts * kill) / (KILLS + 2)));
    await salvor.kill();
    salvor = await site.start();
  }
  await sending;
  await api.created(alerts - refused);
  await salvor.untilOver();
  const tookS = (performance.now() - startedMs) / 1000;
  await salvor.stop();
  const stored = await storedOf(site);
  const taken = alerts - refused;
  return {
    lost: taken - api.arrivedMs.size + (taken - stored.done) + stored.pending,
    twice: api.repeats() + Math.max(0, stored.runs - alerts),
    refused,
    tookS,
  };
}
