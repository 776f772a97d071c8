/**
 * From an alert to what it causes: 20 alerts a second, each answered by an automatic playbook of one step, from its POST until its create request
 * arrives at the API server; one server after the other, another one first in each round. Beside it a server of node:http that keeps nothing, answers,
 * and makes one call. The API server is a stub in the measuring process, which answers at once; the way of a real one comes on top, for whoever asks it.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { startFloor } from '../floor.ts';
import type { Salvor } from '../salvor.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { inTurns, type Work } from '../work.ts';

const PER_SECOND = 20;
const FLOOR = 'node:http, a call';

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
    const servers = new Map<string, { readonly webhook: string; readonly salvor?: Salvor }>([[FLOOR, { webhook: await startFloor(scope, 'call', api.url) }]]);
    for (const of of stores) {
      const salvor = await (await openSite(scope, { of, api: api.url })).start();
      servers.set(of, { webhook: salvor.webhook, salvor });
    }
    const alerts = many(120, 20);
    let made = 0;
    return inTurns(
      [...servers].map(([of, { webhook, salvor }]) => [
        of,
        async (round) => {
          const ackMs: number[] = [];
          const sentMs = new Map<string, number>();
          const before = await salvor?.usage();
          await atRate(PER_SECOND, alerts, async (turn) => {
            const mark = `${of.replaceAll(/\W/g, '')}-r${round}-${turn}`;
            sentMs.set(mark, performance.now());
            ackMs.push(await post(webhook, webhookBody(`r${round}`, [{ name: 'BenchTouch', mark }])));
          });
          made += alerts;
          await api.created(made);
          const effectMs = [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs);
          const latencies = { p50Ms: quantile(effectMs, 0.5), p99Ms: quantile(effectMs, 0.99), ackP50Ms: quantile(ackMs, 0.5) };
          if (salvor === undefined || before === undefined) return latencies;
          return { ...latencies, cpuMs: ((await salvor.quiet()).cpuMs - before.cpuMs) / alerts };
        },
      ]),
    );
  },
};
