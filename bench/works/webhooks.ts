/**
 * How many webhooks a second are made durable, from 64 connections that send the next one as soon as the last was answered; with one alert in a body
 * (1.2 KB), and with 50 (45 KB). Beside it an endpoint of express that only reads the body. What was accepted before is worked on meanwhile, by the
 * same process, as in a real storm; how soon it is done with is the burst's to tell. Each round begins with an empty store.
 */
import { webhookBody } from '../alert.ts';
import { openApiStub } from '../api-stub.ts';
import { flood } from '../flood.ts';
import { startFloor } from '../floor.ts';
import { inside, type Scope } from '../scope.ts';
import { openSite } from '../site.ts';
import { quantile } from '../table.ts';
import { type Figures, inTurns, type StoreName, type Subject, type Work } from '../work.ts';

const CONNECTIONS = 64;
const SIZES = [1, 50] as const;

type Sent = { readonly url: string; readonly round: number; readonly alerts: 1 | 50; readonly count: number };

export const webhooks: Work = {
  name: 'webhooks',
  about: `Durable webhooks over ${CONNECTIONS} connections, each sending the next as soon as the last was answered, beside an endpoint of express that only reads the body.`,
  floors: ['express'],
  lines: [
    {
      figure: 'single',
      what: 'webhooks a second, 1 alert each',
      unit: '/s',
      digits: 0,
      floor: 'express',
      targets: [{ atLeast: 5000 }, { atLeast: 0.5, times: true }],
    },
    { figure: 'singleP99Ms', what: 'POST to 200 of 1 alert meanwhile, p99', unit: 'ms', digits: 0 },
    { figure: 'many', what: 'alerts a second, 50 in each webhook', unit: '/s', digits: 0, floor: 'express', targets: [{ atLeast: 35_000 }] },
    { figure: 'manyP99Ms', what: 'POST to 200 of 50 alerts meanwhile, p99', unit: 'ms', digits: 0 },
    { figure: 'lost', what: 'answered 200 and not in the ledger', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
  ],
  boundS: 240,
  async open({ stores, many, scope }) {
    const api = await openApiStub(scope);
    const express = await startFloor(scope, 'express');
    const counts = { 1: many(8000, 100), 50: many(600, 10) };
    const send = async (url: string, round: number): Promise<Figures> => {
      const [single, of50] = [await sendAll({ url, round, alerts: 1, count: counts[1] }), await sendAll({ url, round, alerts: 50, count: counts[50] })];
      return { single: single.perSecond, singleP99Ms: single.p99Ms, many: of50.perSecond, manyP99Ms: of50.p99Ms };
    };
    const total = SIZES.reduce((sum, size) => sum + size * counts[size], 0);
    return inTurns([
      ['express', (round) => send(express, round)],
      ...stores.map((of): Subject => [of, (round) => inside(scope, (own) => measure(own, { of, round }))]),
    ]);

    async function measure(own: Scope, { of, round }: { readonly of: StoreName; readonly round: number }): Promise<Figures> {
      const salvor = await (await openSite(own, { of, api: api.url })).start();
      const figures = await send(salvor.webhook, round);
      const { accepted } = await salvor.ledger();
      return { ...figures, lost: total - accepted };
    }
  },
};

/** Alerts a second, and how long an answer took. */
async function sendAll({ url, round, alerts, count }: Sent): Promise<{ readonly perSecond: number; readonly p99Ms: number }> {
  const marks = (turn: number) => Array.from({ length: alerts }, (_, at) => ({ name: 'BenchCounted', mark: `r${round}-${alerts}-${turn}-${at}` }));
  const { perSecond, latenciesMs, statuses } = await flood({
    url,
    connections: CONNECTIONS,
    count,
    body: (turn) => webhookBody(`g${turn % 100}`, marks(turn)),
  });
  if (statuses.get(200) !== count) throw new Error(`not every webhook was answered 200: ${[...statuses].map((one) => one.join(' × ')).join(', ')}`);
  return { perSecond: perSecond * alerts, p99Ms: quantile(latenciesMs, 0.99) };
}
