/**
 * Whether a Slack or a PagerDuty that is away, or hangs, slows down what Salvor is for: 20 alerts a second, each answered by an automatic playbook of
 * one step, and then approvals through the API, with people's services in one state after the other, the order turned each round. Ratios are to the same
 * round with both answering. It says nothing about when people hear of it: what they miss waits for Slack and PagerDuty to come back.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { peopleSettings } from '../people.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { approveEach, propose } from '../until-write.ts';
import { inTurns, type Work } from '../work.ts';
import { startWorld, type World } from '../world.ts';

const PER_SECOND = 20;
const BOTH = 'both answer';
type State = { readonly slack?: object; readonly pagerduty?: object };
const STATES: { readonly [name: string]: State } = {
  [BOTH]: {},
  'Slack hangs': { slack: { give: 'slow', delay: '20s' } },
  'PagerDuty hangs': { pagerduty: { give: 'hang' } },
  'both are away': { slack: { give: 'down' }, pagerduty: { give: 'down' } },
};

export const outage: Work = {
  name: 'outage',
  about: `${PER_SECOND} alerts a second, one effect each, while Slack or PagerDuty is away or hangs, beside both answering. On the embedded store.`,
  floors: [BOTH],
  lines: [
    { figure: 'ackP50Ms', what: 'POST to 200, p50', unit: 'ms', floor: BOTH, targets: [{ atMost: 1.1, times: true }] },
    { figure: 'ackP99Ms', what: 'POST to 200, p99', unit: 'ms', floor: BOTH },
    { figure: 'effectP50Ms', what: 'POST to effect, p50', unit: 'ms', floor: BOTH, targets: [{ atMost: 1.1, times: true }] },
    { figure: 'effectP99Ms', what: 'POST to effect, p99', unit: 'ms', floor: BOTH },
    { figure: 'approvalMs', what: 'approval by the API to the write, p50', unit: 'ms', floor: BOTH, targets: [{ atMost: 1.1, times: true }] },
  ],
  boundS: 120,
  warmsUp: true,
  async open({ many, scope }) {
    const world = await startWorld(scope, {});
    const api = await openApiStub(scope);
    const site = await openSite(scope, { of: 'embedded', api: api.url, settings: peopleSettings(scope, world) });
    const salvor = await site.start();
    const [alerts, asks] = [many(60, 10), many(10, 2)];
    let made = 0;
    return inTurns(
      Object.entries(STATES).map(([name, state]) => [
        name,
        async (round) => {
          await put(world, state);
          const ackMs: number[] = [];
          const sentMs = new Map<string, number>();
          await atRate(PER_SECOND, alerts, async (turn) => {
            const mark = `r${round}-${name.replaceAll(/\W/g, '')}-${turn}`.toLowerCase();
            const body = webhookBody(`r${round} ${name}`, [{ name: 'BenchTouch', mark }]);
            sentMs.set(mark, performance.now());
            ackMs.push(await post(salvor.webhook, body));
          });
          made += alerts + asks;
          await api.created(made - asks);
          const effectMs = [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs);
          await propose(
            salvor,
            Array.from({ length: asks }, (_, turn) => `a${round}-${name.replaceAll(/\W/g, '')}-${turn}`.toLowerCase()),
          );
          const approvalMs = await approveEach(salvor, api);
          await salvor.untilOver();
          return {
            approvalMs: quantile(approvalMs, 0.5),
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

async function put(world: World, { slack, pagerduty }: State): Promise<void> {
  await world.slackSwitch('clear-faults');
  await world.pagerdutySwitch('clear');
  if (slack !== undefined) await world.slackSwitch('fault', slack);
  if (pagerduty !== undefined) await world.pagerdutySwitch('fault', pagerduty);
}
