/**
 * From an alert to what it causes: 20 alerts a second, each answered by an automatic playbook of one step, from its POST until its create request
 * arrives at the API server. Beside it a server of node:http that keeps nothing, answers, and makes one call. The API server is a stub in the
 * measuring process, which answers at once; the way of a real one comes on top, for whoever asks it.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { startFloor } from '../floor.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import type { Work } from '../work.ts';

const PER_SECOND = 20;
const FLOOR = 'node:http, a call';

type Sent = { readonly ackMs: number[]; readonly sentMs: Map<string, number> };

export const effect: Work = {
  name: 'effect',
  about: `POST to the create request at the API server: ${PER_SECOND} alerts a second, each with a run of its own, in turn with a server of node:http that keeps nothing and makes one call.`,
  floors: [FLOOR],
  lines: [
    { figure: 'p50Ms', what: 'POST to effect, p50', unit: 'ms', floor: FLOOR, targets: [{ atMost: 4 }] },
    { figure: 'p99Ms', what: 'POST to effect, p99', unit: 'ms', floor: FLOOR },
    { figure: 'ackP50Ms', what: 'POST to 200 meanwhile, p50', unit: 'ms', floor: FLOOR },
    { figure: 'cpuMs', what: 'processor time of an alert', unit: 'ms' },
  ],
  boundS: 60,
  warmsUp: true,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const salvors = await Promise.all(stores.map(async (of) => [of, await (await openSite(scope, { of, api: api.url })).start()] as const));
    const order = [[FLOOR, await startFloor(scope, 'call', api.url)] as const, ...salvors.map(([of, { webhook }]) => [of, webhook] as const)];
    const alerts = many(160, 20);
    let made = 0;
    return async (round) => {
      const seen = new Map(order.map(([of]): [string, Sent] => [of, { ackMs: [], sentMs: new Map() }]));
      const before = await Promise.all(salvors.map(([, salvor]) => salvor.usage()));
      await atRate(PER_SECOND * order.length, alerts * order.length, async (turn) => {
        const [of, url] = order[(turn + round) % order.length] ?? ['', ''];
        const mark = `r${round}-${turn}`;
        const body = webhookBody(`r${round}`, [{ name: 'BenchTouch', mark }]);
        seen.get(of)?.sentMs.set(mark, performance.now());
        seen.get(of)?.ackMs.push(await post(url, body));
      });
      made += alerts * order.length;
      await api.created(made);
      const cpuMs = new Map<string, number>();
      for (const [at, [of, salvor]] of salvors.entries()) cpuMs.set(of, ((await salvor.quiet()).cpuMs - (before[at]?.cpuMs ?? 0)) / alerts);
      return Object.fromEntries(
        [...seen].map(([of, { ackMs, sentMs }]) => {
          const effectMs = [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs);
          const own = cpuMs.get(of);
          return [
            of,
            { p50Ms: quantile(effectMs, 0.5), p99Ms: quantile(effectMs, 0.99), ackP50Ms: quantile(ackMs, 0.5), ...(own === undefined ? {} : { cpuMs: own }) },
          ];
        }),
      );
    };
  },
};
