/**
 * How long it takes from an alert to what it causes: 20 alerts a second, each answered by an automatic playbook of one step, until its create
 * request arrives at the API server. `node bench/effect.ts [rounds]`.
 */
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startSalvor } from './salvor.ts';
import { atRate, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';

const PER_SECOND = 20;
const ALERTS = 300;
const rounds = roundsAsked();

const api = await openApiStub();
const salvor = await startSalvor(api.url, process.argv.slice(3));
const seen: { readonly ackMs: readonly number[]; readonly effectMs: readonly number[]; readonly cpuMs: number }[] = [];
for (let round = -1; round < rounds; round += 1) {
  const ackMs: number[] = [];
  const sentMs = new Map<string, number>();
  const before = await salvor.usage();
  await atRate(PER_SECOND, ALERTS, async (turn) => {
    const mark = `r${round + 1}-${turn}`;
    const body = webhookBody(`r${round}`, [{ name: 'BenchTouch', mark }]);
    sentMs.set(mark, performance.now());
    ackMs.push(await post(salvor.webhook, body));
  });
  await api.created((round + 2) * ALERTS);
  const { cpuMs } = await salvor.quiet();
  const effectMs = [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs);
  // The first round warms it up.
  if (round >= 0) seen.push({ ackMs, effectMs, cpuMs: (cpuMs - before.cpuMs) / ALERTS });
}
const requests = api.requests() / ((rounds + 1) * ALERTS);
const { done } = await salvor.stop();
await api.close();

const of = (part: number, which: 'ackMs' | 'effectMs'): readonly number[] => seen.map((one) => quantile(one[which], part));
console.log(`Alert to effect: ${rounds} rounds of ${ALERTS} alerts at ${PER_SECOND}/s, min..median..max of rounds\n${machineLine()}`);
printTable(
  ['until', 'p50 ms', 'p99 ms'],
  [
    ['the alert is durable (200)', spread(of(0.5, 'ackMs')), spread(of(0.99, 'ackMs'))],
    ['the create request arrives', spread(of(0.5, 'effectMs')), spread(of(0.99, 'effectMs'))],
  ],
);
console.log(`${done} runs done; processor time of the server ${spread(seen.map(({ cpuMs }) => cpuMs))} ms and ${requests.toFixed(1)} API requests an alert`);
