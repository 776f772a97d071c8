/**
 * A third of a cluster of 600 nodes and 5,000 pods falls silent: 10,000 node alerts in a minute, 1,000 different ones in 20 groups that are repeated ten
 * times. How long until each is acknowledged and folded, what came of it, and what it takes in memory. The cluster is the simulated one.
 */
import type { z } from 'zod';
import { systemClock } from '../../src/port/clock.ts';
import { RunPage, RunView } from '../../src/port/view/run.ts';
import { nodesBody } from '../alert.ts';
import { takenByImports } from '../imports-alone.ts';
import type { Salvor } from '../salvor.ts';
import { inside, pause, type Scope } from '../scope.ts';
import { atRate, post } from '../sender.ts';
import { openSite } from '../site.ts';
import { storedOf } from '../stored.ts';
import { quantile } from '../table.ts';
import { type Figures, inTurns, type StoreName, type Work } from '../work.ts';
import { startWorld, type World } from '../world.ts';

const ZONES = ['a', 'b', 'c'] as const;
const NODES_IN_ZONE = 200;
const PODS = 5000;
const NAMES = ['KubeNodeNotReady', 'KubeNodeUnreachable', 'KubeNodeReadinessFlapping', 'KubeNodePressure', 'KubeNodeEviction'];
const IN_GROUP = 50;
const GROUPS = (NAMES.length * NODES_IN_ZONE) / IN_GROUP;

export const nodes: Work = {
  name: 'nodes',
  about: `10,000 alerts about ${NODES_IN_ZONE} of ${NODES_IN_ZONE * ZONES.length} nodes within a minute, ${PODS} pods in the cluster.`,
  lines: [
    { figure: 'unaccounted', what: 'alerts that the ledger does not account for', unit: '', digits: 0, targets: [{ atMost: 0, always: true }] },
    { figure: 'incidents', what: 'incidents', unit: '', digits: 0, targets: [{ atMost: 1, always: true }] },
    { figure: 'mutating', what: 'runs that changed a node', unit: '', digits: 0, targets: [{ atMost: 1, always: true }] },
    { figure: 'ackP99Ms', what: 'POST to 200, p99', unit: 'ms', digits: 1 },
    { figure: 'answerP99Ms', what: 'POST to folded, p99', unit: 'ms', digits: 0, targets: [{ atMost: 5000 }] },
    { figure: 'knownMs', what: 'first alert to the answer that names the zone', unit: 'ms', digits: 0 },
    { figure: 'beyondMb', what: 'memory at its peak, beyond the imports alone', unit: 'MB', digits: 0, targets: [{ atMost: 120 }] },
    { figure: 'cpuMs', what: 'processor time of the server', unit: 'ms', digits: 0 },
  ],
  boundS: 240,
  async open({ stores, many, scope }) {
    const world = await startWorld(scope, {
      nodes: ZONES.flatMap((zone) =>
        Array.from({ length: NODES_IN_ZONE }, (_, n) => ({ name: `${zone}-${n}`, zone, ...(zone === 'b' ? { ready: false, since: '16m' } : {}) })),
      ),
      pods: Array.from({ length: PODS }, (_, n) => {
        const app = `app${n % 100}`;
        return { name: `shop/${app}-${n}`, owner: `Deployment/${app}`, node: `${ZONES[n % ZONES.length] ?? 'a'}-${n % NODES_IN_ZONE}` };
      }),
    });
    const importsMb = await takenByImports(scope);
    const asked = { world, importsMb, repeats: many(10, 1), overS: many(60, 5) };
    return inTurns(stores.map((of) => [of, () => inside(scope, (own) => measure(own, { of, ...asked }))]));
  },
};

type Asked = { readonly of: StoreName; readonly world: World; readonly importsMb: number; readonly repeats: number; readonly overS: number };

async function measure(scope: Scope, { of, world, importsMb, repeats, overS }: Asked): Promise<Figures> {
  const alerts = GROUPS * IN_GROUP * repeats;
  const site = await openSite(scope, { of, api: { kubeconfig: world.kubeconfig } });
  const salvor = await site.start();
  const before = await salvor.quiet();
  const sentMs: number[] = [];
  const acks: number[] = [];
  const watched = watch(salvor);
  const startedMs = systemClock.nowMs();
  await atRate((GROUPS * repeats) / overS, GROUPS * repeats, async (turn) => {
    sentMs[turn] = performance.now();
    acks.push(await post(salvor.webhook, groupOf(turn % GROUPS)));
  });
  await salvor.folded(alerts);
  const { folded, peakMb } = await watched.stop();
  const knownMs = await whenKnown(salvor);
  const runs = await runsOf(salvor);
  const after = await salvor.quiet();
  await salvor.stop();
  const stored = await storedOf(site);
  const answers = sentMs.map((atMs, turn) => (folded.find((one) => one.alerts >= (turn + 1) * IN_GROUP)?.atMs ?? Number.NaN) - atMs);
  return {
    ackP99Ms: quantile(acks, 0.99),
    answerP99Ms: quantile(answers, 0.99),
    knownMs: knownMs - startedMs,
    incidents: stored.incidents,
    mutating: runs.filter(({ steps }) => steps.some(({ phase }) => phase !== 'planned')).length,
    unaccounted: Math.abs(alerts - stored.handled) + stored.pending + stored.quarantined + Math.abs(alerts - stored.accepted),
    beyondMb: Math.max(peakMb, after.rssMb) - importsMb,
    cpuMs: after.cpuMs - before.cpuMs,
  };
}

/** One group as Alertmanager sends it: one name, fifty nodes. */
function groupOf(group: number): string {
  const shards = NODES_IN_ZONE / IN_GROUP;
  const first = (group % shards) * IN_GROUP;
  const names = Array.from({ length: IN_GROUP }, (_, n) => `b-${first + n}`);
  return nodesBody(NAMES[Math.floor(group / shards)] ?? '', names);
}

type Seen = { readonly folded: readonly { readonly alerts: number; readonly atMs: number }[]; readonly peakMb: number };

/** Looks ten times a second how many alerts are folded and what the server takes. */
function watch(salvor: Salvor): { readonly stop: () => Promise<Seen> } {
  const folded: { readonly alerts: number; readonly atMs: number }[] = [];
  let peakMb = 0;
  let goesOn = true;
  const look = async (): Promise<void> => void folded.push({ alerts: (await salvor.ledger()).handled, atMs: performance.now() });
  const looking = (async () => {
    while (goesOn) {
      await look();
      peakMb = Math.max(peakMb, (await salvor.usage()).rssMb);
      await pause(100);
    }
  })();
  return {
    async stop() {
      goesOn = false;
      await looking;
      await look();
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
  const { items } = await salvor.ask('/api/v1/runs?limit=100', RunPage);
  return Promise.all(items.map(({ id }) => salvor.ask(`/api/v1/runs/${encodeURIComponent(id)}`, RunView)));
}
