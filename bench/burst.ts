/**
 * 5,000 alerts at once, each in a webhook of its own over 64 connections, each with a run of its own. Counts what was lost or done twice, at the
 * API server and in the store. `node bench/burst.ts [rounds]`.
 */
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startChild } from './child.ts';
import { startSalvor } from './salvor.ts';
import { closedLoop, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';

const ALERTS = 5000;
const CONNECTIONS = 64;
const rounds = roundsAsked();

type Round = {
  readonly readyMs: number;
  readonly importsMb: number;
  readonly restMb: number;
  readonly rssMb: number;
  readonly acked: number;
  readonly ackP99Ms: number;
  readonly effects: number;
  readonly settled: number;
  readonly cpuMs: number;
  readonly lost: number;
  readonly twice: number;
};

async function measure(round: number): Promise<Round> {
  const imports = startChild('imports.ts', []);
  const importsMb = Number((await imports.hear('usage'))['rssBytes']) / 1e6;
  await imports.ended;

  const api = await openApiStub();
  const salvor = await startSalvor(api.url, process.argv.slice(3));
  const before = await salvor.quiet();
  const bodies = Array.from({ length: ALERTS }, (_, turn) => webhookBody(`g${turn}`, [{ name: 'BenchTouch', mark: `b${round}-${turn}` }]));
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  await closedLoop(CONNECTIONS, ALERTS, async (turn) => void latenciesMs.push(await post(salvor.webhook, bodies[turn] ?? '')));
  const ackedMs = performance.now() - startedMs;
  await api.created(ALERTS);
  const effectMs = performance.now() - startedMs;
  const after = await salvor.quiet();
  const settledMs = after.sinceMs - startedMs;
  const stored = await salvor.stop();
  await api.close();
  const lost = ALERTS - api.arrivedMs.size + (ALERTS - stored.accepted) + (ALERTS - stored.handled) + stored.pending + (ALERTS - stored.done);
  return {
    readyMs: salvor.readyMs,
    importsMb,
    restMb: before.rssMb,
    rssMb: after.rssMb,
    acked: (ALERTS / ackedMs) * 1000,
    ackP99Ms: quantile(latenciesMs, 0.99),
    effects: (ALERTS / effectMs) * 1000,
    settled: (ALERTS / settledMs) * 1000,
    cpuMs: (after.cpuMs - before.cpuMs) / ALERTS,
    lost,
    twice: api.repeats() + (stored.runs - ALERTS),
  };
}

const seen: Round[] = [];
for (let round = 0; round < rounds; round += 1) seen.push(await measure(round));
const of = (field: keyof Round, digits: number): string =>
  spread(
    seen.map((one) => one[field]),
    digits,
  );
console.log(`Burst of ${ALERTS} alerts over ${CONNECTIONS} connections: ${rounds} rounds, each on a fresh store, min..median..max\n${machineLine()}`);
printTable(
  ['what', 'measured'],
  [
    ['lost, done twice', `${of('lost', 0)}, ${of('twice', 0)}`],
    ['acked a second', of('acked', 0)],
    ['ack p99, ms', of('ackP99Ms', 1)],
    ['effects a second', of('effects', 0)],
    ['runs ended and told a second', of('settled', 0)],
    ['processor time of the server an alert, ms', of('cpuMs', 2)],
    ['memory: imports alone, at rest, after it, MB', `${of('importsMb', 0)}, ${of('restMb', 0)}, ${of('rssMb', 0)}`],
    ['from start to ready, ms', of('readyMs', 0)],
  ],
);
