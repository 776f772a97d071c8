/**
 * Whether a Slack or a PagerDuty that is away, or hangs, slows down what Salvor is for: 20 alerts a second, each answered by an automatic playbook of
 * one step, with people's services in one state after the other, the order turned each round. Ratios are to the same round with both answering.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { peopleSettings } from '../people.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { inTurns, type Work } from '../work.ts';
import { startWorld } from '../world.ts';

const PER_SECOND = 20;
const BOTH = 'both answer';
const STATES = {
  [BOTH]: { slack: undefined, pager: 'up' },
  'Slack is away': { slack: { give: 'down' }, pager: 'up' },
  'Slack hangs': { slack: { give: 'slow', delay: '20s' }, pager: 'up' },
  'Slack says 429': { slack: { give: 'rate-limited', retryAfter: '30s' }, pager: 'up' },
  'PagerDuty is away': { slack: undefined, pager: 'down' },
  'both are away': { slack: { give: 'down' }, pager: 'down' },
} as const;

export const outage: Work = {
  name: 'outage',
  about: `${PER_SECOND} alerts a second, one effect each, while Slack or PagerDuty is away or hangs, beside both answering. On the embedded store.`,
  floors: [BOTH],
  lines: [
    { figure: 'ackP50Ms', what: 'POST to 200, p50', unit: 'ms', floor: BOTH, targets: [{ atMost: 1.1, times: true }] },
    { figure: 'ackP99Ms', what: 'POST to 200, p99', unit: 'ms', floor: BOTH },
    { figure: 'effectP50Ms', what: 'POST to effect, p50', unit: 'ms', floor: BOTH, targets: [{ atMost: 1.1, times: true }] },
    { figure: 'effectP99Ms', what: 'POST to effect, p99', unit: 'ms', floor: BOTH },
  ],
  boundS: 120,
  warmsUp: true,
  async open({ many, scope }) {
    const world = await startWorld(scope, {});
    const api = await openApiStub(scope);
    const site = await openSite(scope, { of: 'embedded', api: api.url, settings: peopleSettings(scope, world) });
    const salvor = await site.start();
    const alerts = many(80, 10);
    let made = 0;
    return inTurns(
      Object.entries(STATES).map(([name, { slack, pager }]) => [
        name,
        async (round) => {
          await world.slackSwitch('clear-faults');
          if (slack !== undefined) await world.slackSwitch('fault', slack);
          await world.apply({ pager });
          const ackMs: number[] = [];
          const sentMs = new Map<string, number>();
          await atRate(PER_SECOND, alerts, async (turn) => {
            const mark = `r${round}-${name.replaceAll(/\W/g, '')}-${turn}`.toLowerCase();
            const body = webhookBody(`r${round} ${name}`, [{ name: 'BenchTouch', mark }]);
            sentMs.set(mark, performance.now());
            ackMs.push(await post(salvor.webhook, body));
          });
          made += alerts;
          await api.created(made);
          const effectMs = [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs);
          return {
            ackP50Ms: quantile(ackMs, 0.5),
            ackP99Ms: quantile(ackMs, 0.99),
            effectP50Ms: quantile(effectMs, 0.5),
            effectP99Ms: quantile(effectMs, 0.99),
          };
        },
      ]),
    );
  },
};
