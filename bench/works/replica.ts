/**
 * Two servers on one Redis, half of the alerts to each, every action takes 500 ms; in the middle one of them is killed (SIGKILL). From then until every
 * run has ended by the other. The lease is the default one: 6 s, in which nobody can know whether it is dead or only slow.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { inside, type Scope } from '../scope.ts';
import { post } from '../sender.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { type Figures, inTurns, PROMISES, type Work } from '../work.ts';

const ACTION_MS = 500;

export const replica: Work = {
  name: 'replica',
  about: 'Two servers on one Redis; one is killed in the middle of its runs, and the other ends them.',
  lines: [
    ...PROMISES,
    { figure: 'held', what: 'runs whose write had not begun when it was killed', unit: '', digits: 0 },
    { figure: 'elsewhereS', what: 'kill to the last effect', unit: 's' },
    { figure: 'endedS', what: 'kill to the end of the last run', unit: 's', targets: [{ atMost: 10 }] },
  ],
  boundS: 240,
  async open({ stores, many, scope }) {
    if (!stores.includes('redis')) return async () => ({});
    const alerts = many(400, 40);
    return inTurns([['redis', (round) => inside(scope, (own) => measure(own, { round, alerts }))]]);
  },
};

async function measure(scope: Scope, { round, alerts }: { readonly round: number; readonly alerts: number }): Promise<Figures> {
  const api = await openApiStub(scope);
  api.answerAfter(ACTION_MS);
  const site = await openSite(scope, { of: 'redis', api: api.url });
  const [dying, other] = await Promise.all([site.start(), site.start()]);
  for (let turn = 0; turn < alerts; turn += 1) {
    const body = webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `p${round}-${turn}` }]);
    await post(turn % 2 === 0 ? dying.webhook : other.webhook, body);
  }
  await api.created(Math.floor(alerts / 4));
  const held = alerts - api.arrivedMs.size;
  await dying.kill();
  const killedMs = performance.now();
  await api.created(alerts);
  const lastMs = Math.max(...api.arrivedMs.values());
  const endedMs = await other.untilOver();
  await other.stop();
  const stored = await storedOf(site);
  return {
    lost: alerts - stored.done + stored.pending,
    twice: api.repeats() + Math.max(0, stored.runs - alerts),
    held,
    elsewhereS: (lastMs - killedMs) / 1000,
    endedS: (endedMs - killedMs) / 1000,
  };
}
