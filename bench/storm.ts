/**
 * 10,000 alerts in 100 groups of 100, a webhook for each group over 16 connections, that no playbook answers: how long until all are folded into
 * episodes and incidents. `node bench/storm.ts [rounds]`.
 */
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startSalvor } from './salvor.ts';
import { closedLoop, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';

const GROUPS = 100;
const IN_GROUP = 100;
const CONNECTIONS = 16;
const ALERTS = GROUPS * IN_GROUP;
const rounds = roundsAsked();

type Round = {
  readonly ackedMs: number;
  readonly ackP99Ms: number;
  readonly foldedMs: number;
  readonly rssMb: number;
  readonly cpuMs: number;
  readonly lost: number;
};

async function measure(): Promise<Round> {
  const api = await openApiStub();
  const salvor = await startSalvor(api.url, process.argv.slice(3));
  const before = await salvor.quiet();
  const bodies = Array.from({ length: GROUPS }, (_, group) =>
    webhookBody(
      `g${group}`,
      Array.from({ length: IN_GROUP }, (__, turn) => ({ name: 'BenchCounted', mark: `${group}-${turn}` })),
    ),
  );
  const latenciesMs: number[] = [];
  const startedMs = performance.now();
  await closedLoop(CONNECTIONS, GROUPS, async (turn) => void latenciesMs.push(await post(salvor.webhook, bodies[turn] ?? '')));
  const ackedMs = performance.now() - startedMs;
  const foldedMs = (await salvor.folded(ALERTS)) - startedMs;
  const after = await salvor.quiet();
  const { accepted, pending, handled } = await salvor.stop();
  await api.close();
  const lost = ALERTS - accepted + (ALERTS - handled) + pending;
  return { ackedMs, ackP99Ms: quantile(latenciesMs, 0.99), foldedMs, rssMb: after.rssMb, cpuMs: after.cpuMs - before.cpuMs, lost };
}

const seen: Round[] = [];
for (let round = 0; round < rounds; round += 1) seen.push(await measure());
const of = (field: keyof Round, digits: number): string =>
  spread(
    seen.map((one) => one[field]),
    digits,
  );
console.log(`Storm of ${ALERTS} alerts in ${GROUPS} groups: ${rounds} rounds, each on a fresh store, min..median..max\n${machineLine()}`);
printTable(
  ['what', 'measured'],
  [
    ['lost', of('lost', 0)],
    ['all acked, ms', of('ackedMs', 0)],
    ['ack p99, ms', of('ackP99Ms', 1)],
    ['all folded, ms', of('foldedMs', 0)],
    ['processor time of the server, ms', of('cpuMs', 0)],
    ['memory after it, MB', of('rssMb', 0)],
  ],
);
