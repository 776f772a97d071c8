/**
 * How long Alertmanager waits for its 200, which means that the alert is durable: 20 alerts a second, one in each body, of 1.2 KB, to one server after
 * the other, another one first in each round. Measured is what the sender sees, from the request to the end of the answer. What comes of the alert
 * afterwards is not: no playbook answers these.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { startFloor } from '../floor.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { inTurns, type Work } from '../work.ts';

const PER_SECOND = 20;

export const ack: Work = {
  name: 'ack',
  about: `POST to 200, which means durable: ${PER_SECOND} alerts a second, in turn with an endpoint of express and a server of node:http that do nothing.`,
  floors: ['express', 'node:http'],
  lines: [
    { figure: 'p50Ms', what: 'POST to 200, p50', unit: 'ms', floor: 'express', targets: [{ atMost: 2 }] },
    { figure: 'p99Ms', what: 'POST to 200, p99', unit: 'ms', floor: 'express', targets: [{ atMost: 8 }] },
  ],
  boundS: 60,
  warmsUp: true,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const targets = new Map([
      ['express', await startFloor(scope, 'express')],
      ['node:http', await startFloor(scope, 'node')],
    ]);
    for (const of of stores) targets.set(of, (await (await openSite(scope, { of, api: api.url })).start()).webhook);
    const alerts = many(120, 20);
    return inTurns(
      [...targets].map(([of, url]) => [
        of,
        async (round) => {
          const tookMs: number[] = [];
          await atRate(PER_SECOND, alerts, async (turn) => {
            tookMs.push(await post(url, webhookBody(`r${round}`, [{ name: 'BenchCounted', mark: `r${round}-${turn}` }])));
          });
          return { p50Ms: quantile(tookMs, 0.5), p99Ms: quantile(tookMs, 0.99) };
        },
      ]),
    );
  },
};
