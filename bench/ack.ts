/**
 * How long Alertmanager waits for its 200, which means that the alert is durable: 20 alerts a second, one each, beside an endpoint that does
 * nothing. Both are asked in turn, so both see the same noise. `node bench/ack.ts [rounds]`.
 */
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startChild } from './child.ts';
import { startSalvor } from './salvor.ts';
import { atRate, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';

const PER_SECOND = 20;
const ALERTS = 300;
const rounds = roundsAsked();

const api = await openApiStub();
const salvor = await startSalvor(api.url);
const noOp = startChild('no-op.ts', []);
const noOpUrl = String((await noOp.hear('ready'))['url']);

const seen: { readonly ackMs: readonly number[]; readonly noOpMs: readonly number[] }[] = [];
for (let round = -1; round < rounds; round += 1) {
  const [ackMs, noOpMs]: [number[], number[]] = [[], []];
  await atRate(2 * PER_SECOND, 2 * ALERTS, async (turn) => {
    const body = webhookBody(`r${round}`, [{ name: 'BenchCounted', mark: `r${round}-${turn}` }]);
    if (turn % 2 === 0) ackMs.push(await post(salvor.webhook, body));
    else noOpMs.push(await post(noOpUrl, body));
  });
  // The first round warms both up.
  if (round >= 0) seen.push({ ackMs, noOpMs });
}
await salvor.stop();
noOp.letGo();
await api.close();

const of = (part: number, which: 'ackMs' | 'noOpMs'): readonly number[] => seen.map((one) => quantile(one[which], part));
const ratio = (part: number): readonly number[] => seen.map((one) => quantile(one.ackMs, part) / quantile(one.noOpMs, part));
console.log(`Durable ack: ${rounds} rounds of ${ALERTS} alerts at ${PER_SECOND}/s, min..median..max of rounds\n${machineLine()}`);
printTable(
  ['endpoint', 'p50 ms', 'p99 ms'],
  [
    ['webhook, durable', spread(of(0.5, 'ackMs')), spread(of(0.99, 'ackMs'))],
    ['no-op of express', spread(of(0.5, 'noOpMs')), spread(of(0.99, 'noOpMs'))],
    ['ratio', spread(ratio(0.5)), spread(ratio(0.99))],
  ],
);
