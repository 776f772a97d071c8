/**
 * A third of a cluster of 600 nodes and 5,000 pods falls silent: 10,000 node alerts in a minute, 1,000 different ones in 20 groups that are repeated ten
 * times. How long until each is acknowledged and folded, what came of it, and what it takes in memory. `node bench/nodes.ts [rounds]`.
 */
import type { z } from 'zod';
import { systemClock } from '../src/port/clock.ts';
import { RunPage, RunView } from '../src/port/view/run.ts';
import { nodesBody } from './alert.ts';
import { startChild } from './child.ts';
import { pause, type Salvor, startSalvor } from './salvor.ts';
import { atRate, post } from './sender.ts';
import { machineLine, printTable, quantile, roundsAsked, spread } from './table.ts';
import { startWorld } from './world.ts';

const ZONES = ['a', 'b', 'c'] as const;
const NODES_IN_ZONE = 200;
const PODS = 5000;
const NAMES = ['KubeNodeNotReady', 'KubeNodeUnreachable', 'KubeNodeReadinessFlapping', 'KubeNodePressure', 'KubeNodeEviction'];
const IN_GROUP = 50;
const REPEATS = 10;
const OVER_S = 60;
const GROUPS = (NAMES.length * NODES_IN_ZONE) / IN_GROUP;
const ALERTS = GROUPS * IN_GROUP * REPEATS;
const TARGET = { answerMs: 5000, memoryMb: 120 } as const;
const rounds = roundsAsked();

type Round = {
  readonly ackP99Ms: number;
  readonly answerP99Ms: number;
  readonly knownMs: number;
  readonly incidents: number;
  readonly runs: number;
  readonly mutating: number;
  readonly unaccounted: number;
  readonly beyondMb: number;
  readonly cpuMs: number;
};

const world = await startWorld({
  nodes: ZONES.flatMap((zone) =>
    Array.from({ length: NODES_IN_ZONE }, (_, n) => ({ name: `${zone}-${n}`, zone, ...(zone === 'b' ? { ready: false, since: '16m' } : {}) })),
  ),
  pods: Array.from({ length: PODS }, (_, n) => {
    const app = `app${n % 100}`;
    return { name: `shop/${app}-${n}`, owner: `Deployment/${app}`, node: `${ZONES[n % ZONES.length] ?? 'a'}-${n % NODES_IN_ZONE}` };
  }),
});
const seen: Round[] = [];
const imports = startChild('imports.ts', []);
const importsMb = Number((await imports.hear('usage'))['rssBytes']) / 1e6;
await imports.ended;
try {
  for (let round = 0; round < rounds; round += 1) seen.push(await measure());
} finally {
  await world.stop();
}
report();

async function measure(): Promise<Round> {
  const salvor = await startSalvor({ kubeconfig: world.kubeconfig });
  const before = await salvor.quiet();
  const sentMs: number[] = [];
  const acks: number[] = [];
  const watched = watch(salvor);
  const startedMs = systemClock.nowMs();
  await atRate((GROUPS * REPEATS) / OVER_S, GROUPS * REPEATS, async (turn) => {
    sentMs[turn] = performance.now();
    acks.push(await post(salvor.webhook, groupOf(turn % GROUPS)));
  });
  await salvor.folded(ALERTS);
  const { folded, peakMb } = await watched.stop();
  const knownMs = await whenKnown(salvor);
  const runs = await runsOf(salvor);
  const after = await salvor.quiet();
  const stored = await salvor.stop();
  const answers = sentMs.map((atMs, turn) => (folded.find(({ alerts }) => alerts >= (turn + 1) * IN_GROUP)?.atMs ?? Number.NaN) - atMs);
  return {
    ackP99Ms: quantile(acks, 0.99),
    answerP99Ms: quantile(answers, 0.99),
    knownMs: knownMs - startedMs,
    incidents: stored.incidents,
    runs: stored.runs,
    mutating: runs.filter(({ steps }) => steps.some(({ phase }) => phase !== 'planned')).length,
    unaccounted: Math.abs(ALERTS - stored.handled) + stored.pending + stored.quarantined + Math.abs(ALERTS - stored.accepted),
    beyondMb: Math.max(peakMb, after.rssMb) - importsMb,
    cpuMs: after.cpuMs - before.cpuMs,
  };
}

/** One group as Alertmanager sends it: one name, fifty nodes. */
function groupOf(group: number): string {
  const shards = NODES_IN_ZONE / IN_GROUP;
  const first = (group % shards) * IN_GROUP;
  const nodes = Array.from({ length: IN_GROUP }, (_, n) => `b-${first + n}`);
  return nodesBody(NAMES[Math.floor(group / shards)] ?? '', nodes);
}

/** Looks ten times a second how many alerts are folded and what the server takes. */
function watch(salvor: Salvor): {
  readonly stop: () => Promise<{ readonly folded: readonly { readonly alerts: number; readonly atMs: number }[]; readonly peakMb: number }>;
} {
  const folded: { readonly alerts: number; readonly atMs: number }[] = [];
  let peakMb = 0;
  let goesOn = true;
  const looking = (async () => {
    while (goesOn) {
      folded.push({ alerts: await salvor.handled(), atMs: performance.now() });
      peakMb = Math.max(peakMb, (await salvor.usage()).rssMb);
      await pause(100);
    }
  })();
  return {
    async stop() {
      goesOn = false;
      await looking;
      folded.push({ alerts: await salvor.handled(), atMs: performance.now() });
      return { folded, peakMb };
    },
  };
}

/** When the run that answers the storm had its diagnosis. */
async function whenKnown(salvor: Salvor): Promise<number> {
  const deadlineMs = performance.now() + 60_000;
  while (performance.now() < deadlineMs) {
    const whole = (await runsOf(salvor)).find(({ playbook }) => playbook === 'az-failure');
    const line = whole?.journal.find(({ type }) => type === 'run.diagnosed');
    if (line !== undefined) return line.at;
    await pause(200);
  }
  throw new Error('there was no diagnosis within a minute');
}

async function runsOf(salvor: Salvor): Promise<readonly z.output<typeof RunView>[]> {
  const { items } = await ask(salvor, '/api/v1/runs?limit=100', RunPage);
  return Promise.all(items.map(({ id }) => ask(salvor, `/api/v1/runs/${encodeURIComponent(id)}`, RunView)));
}

async function ask<T>({ url, token }: Salvor, path: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return schema.parse(await answer.json());
}

function report(): void {
  const of = (field: keyof Round, digits: number): string =>
    spread(
      seen.map((one) => one[field]),
      digits,
    );
  const met = (isMet: (round: Round) => boolean): string => (seen.every(isMet) ? 'yes' : 'no');
  const head = `${ALERTS} alerts about ${NODES_IN_ZONE} of ${NODES_IN_ZONE * ZONES.length} nodes within ${OVER_S} s, ${PODS} pods in the cluster`;
  console.log(`${head}: ${rounds} rounds, each on a fresh store, min..median..max\n${machineLine()}`);
  printTable(
    ['what', 'measured', 'target', 'every round'],
    [
      ['alerts that the ledger does not account for', of('unaccounted', 0), '0', met(({ unaccounted }) => unaccounted === 0)],
      ['incidents', of('incidents', 0), '1', met(({ incidents }) => incidents === 1)],
      ['runs', of('runs', 0), '', ''],
      ['runs that changed a node', of('mutating', 0), 'at most 1', met(({ mutating }) => mutating <= 1)],
      ['webhook to its 200, p99, ms', of('ackP99Ms', 1), '', ''],
      ['webhook to folded, p99, ms', of('answerP99Ms', 0), `${TARGET.answerMs}`, met(({ answerP99Ms }) => answerP99Ms < TARGET.answerMs)],
      ['first alert to the answer that names the zone, ms', of('knownMs', 0), '', ''],
      ['memory at its peak beyond the imports, MB', of('beyondMb', 0), `${TARGET.memoryMb}`, met(({ beyondMb }) => beyondMb <= TARGET.memoryMb)],
      ['processor time of the server, ms', of('cpuMs', 0), '', ''],
    ],
  );
}
