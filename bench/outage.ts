/**
 * Whether a Slack or a PagerDuty that is away, or hangs, slows down what Salvor is for: 20 alerts a second, each answered by an automatic playbook of
 * one step, with people's services in one state after the other, the order turned each round. `node bench/outage.ts [rounds]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { webhookBody } from './alert.ts';
import { openApiStub } from './api-stub.ts';
import { startSalvor } from './salvor.ts';
import { atRate, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';
import { startWorld } from './world.ts';

const PER_SECOND = 20;
const ALERTS = 100;
const rounds = roundsAsked();

const STATES = {
  'both answer': { slack: undefined, pager: 'up' },
  'Slack is away': { slack: { give: 'down' }, pager: 'up' },
  'Slack hangs for 20 s': { slack: { give: 'slow', delay: '20s' }, pager: 'up' },
  'Slack says 429': { slack: { give: 'rate-limited', retryAfter: '30s' }, pager: 'up' },
  'PagerDuty is away': { slack: undefined, pager: 'down' },
  'both are away': { slack: { give: 'down' }, pager: 'down' },
} as const;
const names = Object.keys(STATES) as readonly (keyof typeof STATES)[];

const folder = mkdtempSync(join(tmpdir(), 'salvor-bench-people-'));
const secret = (name: string, value: string): string => {
  writeFileSync(join(folder, name), `${value}\n`);
  return `{ file: ${JSON.stringify(join(folder, name))} }`;
};
const world = await startWorld({});
const api = await openApiStub();
const salvor = await startSalvor(
  api.url,
  [],
  `slack: { mode: socket, botToken: ${secret('bot', 'xoxb-bench')}, appToken: ${secret('app', 'xapp-bench')}, channel: '#dr', apiUrl: ${world.slack} }
pagerduty: { routingKey: ${secret('pd', 'e93facc04764012d7bfb002500d5d1a6')}, eventsUrl: ${world.pagerduty} }
`,
);

type Seen = { readonly ackMs: readonly number[]; readonly effectMs: readonly number[] };
const seen = new Map<string, Seen[]>(names.map((name) => [name, []]));
let turns = 0;
for (let round = -1; round < rounds; round += 1) {
  const order = [...names.slice((round + 1) % names.length), ...names.slice(0, (round + 1) % names.length)];
  for (const name of round < 0 ? names.slice(0, 1) : order) {
    const { slack, pager } = STATES[name];
    await world.slackSwitch('clear-faults');
    if (slack !== undefined) await world.slackSwitch('fault', slack);
    await world.apply({ pager });
    const one = await measure(name);
    // The first round warms it up.
    if (round >= 0) seen.get(name)?.push(one);
  }
}
const { accepted, handled, done } = await salvor.stop();
await api.close();
await world.stop();
rmSync(folder, { recursive: true, force: true });

async function measure(name: string): Promise<Seen> {
  const ackMs: number[] = [];
  const sentMs = new Map<string, number>();
  const turn = (turns += 1);
  await atRate(PER_SECOND, ALERTS, async (index) => {
    const mark = `t${turn}-${index}`;
    const body = webhookBody(`t${turn} ${name}`, [{ name: 'BenchTouch', mark }]);
    sentMs.set(mark, performance.now());
    ackMs.push(await post(salvor.webhook, body));
  });
  await api.created(turn * ALERTS);
  return { ackMs, effectMs: [...sentMs].map(([mark, atMs]) => (api.arrivedMs.get(mark) ?? Number.NaN) - atMs) };
}

const of = (name: string, which: keyof Seen, part: number): readonly number[] => (seen.get(name) ?? []).map((one) => quantile(one[which], part));
/** Beside the state in which both answer, of the same round. */
const ratio = (name: string, which: keyof Seen): string => {
  const usual = of('both answer', which, 0.5);
  return spread(of(name, which, 0.5).map((ms, round) => ms / (usual[round] ?? Number.NaN)));
};
console.log(`People's services away: ${rounds} rounds of ${ALERTS} alerts at ${PER_SECOND}/s in each state, min..median..max of rounds\n${machineLine()}`);
printTable(
  ['state', 'ack p50 ms', 'ack p99 ms', 'effect p50 ms', 'effect p99 ms', 'ack p50 beside the first', 'effect p50 beside the first'],
  names.map((name) => [
    name,
    spread(of(name, 'ackMs', 0.5)),
    spread(of(name, 'ackMs', 0.99)),
    spread(of(name, 'effectMs', 0.5)),
    spread(of(name, 'effectMs', 0.99)),
    ratio(name, 'ackMs'),
    ratio(name, 'effectMs'),
  ]),
);
console.log(`${accepted} alerts accepted, ${handled} handled, ${done} runs done, ${api.repeats()} repeated writes`);
