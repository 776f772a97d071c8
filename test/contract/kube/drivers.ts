import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';
import { serveWorld } from '../../../src/world/http.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { kubeconfig as worldKubeconfig } from '../../../src/world/kubeconfig.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import type { SharedCluster } from '../../cluster/shared.ts';

/** One answer to the port: a cluster with three nodes, Velero and its storage, and the time in it. */
export type Scene = AsyncDisposable & {
  readonly cluster: Cluster;
  /** A namespace that is this test's own. */
  readonly namespace: string;
  /** Waits for an answer while time passes in the cluster. */
  wait<T>(answer: Promise<T>): Promise<T>;
};

export type Driver = { readonly name: string; open(): Promise<Scene> };

const SCENARIO: Scenario = { nodes: [{ name: 'node-0' }, { name: 'node-1' }, { name: 'node-2' }], storage: { default: 'available' } };
const LONGEST_MS = 3_600_000;
const STEP_MS = 250;

const inProcess: Driver = {
  name: 'the world, in process',
  async open() {
    const clock = virtualClock();
    const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario: SCENARIO }] });
    const cluster = worldCluster(world.cluster());
    return withNamespace({ cluster, wait: (answer) => passing(clock, answer), [Symbol.asyncDispose]: () => cluster.close() });
  },
};

const overHttp: Driver = {
  name: 'the world, over HTTP through the adapter',
  async open() {
    const clock = virtualClock();
    const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario: SCENARIO }] });
    const served = await serveWorld(world);
    const folder = await mkdtemp(join(tmpdir(), 'salvor-world-'));
    const path = join(folder, 'kubeconfig');
    await writeFile(path, worldKubeconfig({ url: served.url, cluster: 'prod' }));
    const cluster = await openCluster({ name: 'prod', kubeconfig: path, clock, log: silentLog, userAgent: 'salvor/test' });
    return withNamespace({
      cluster,
      wait: (answer) => passing(clock, answer),
      async [Symbol.asyncDispose]() {
        await cluster.close();
        await served.close();
        await rm(folder, { recursive: true });
      },
    });
  },
};

/** The real cluster of `npm run test:cluster`, which others use, too: tests write in namespaces of their own and in `velero`. */
const real = ({ env }: SharedCluster): Driver => ({
  name: 'a real API server',
  async open() {
    const cluster = await openCluster({ name: 'prod', kubeconfig: env['KUBECONFIG'] ?? '', clock: systemClock, log: silentLog, userAgent: 'salvor/test' });
    return withNamespace({ cluster, wait: (answer) => answer, [Symbol.asyncDispose]: () => cluster.close() });
  },
});

const shared = inject('cluster');

export const drivers: readonly Driver[] = shared === undefined ? [inProcess, overHttp] : [real(shared)];

async function withNamespace(scene: Omit<Scene, 'namespace'>): Promise<Scene> {
  const namespace = `salvor-test-${randomBytes(4).toString('hex')}`;
  await scene.wait(scene.cluster.access.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
  return { ...scene, namespace };
}

/** Moves a virtual clock in small steps, with real time between them for sockets, until the answer is there. */
export async function passing<T>(clock: VirtualClock, answer: Promise<T>): Promise<T> {
  let settled = false;
  const done = answer.finally(() => (settled = true));
  done.catch(() => undefined);
  for (let passedMs = 0; !settled && passedMs < LONGEST_MS; passedMs += STEP_MS) {
    for (let turn = 0; !settled && turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve, turn === 0 ? 0 : 1));
    if (!settled) await clock.pass(STEP_MS);
  }
  return done;
}

/** Looks again and again until something is so, for at most a minute of the cluster's time. */
export async function eventually<T>(scene: Scene, look: () => Promise<T | undefined>): Promise<T> {
  for (let n = 0; n < 1_200; n += 1) {
    const seen = await scene.wait(look());
    if (seen !== undefined) return seen;
    await scene.wait(pause());
  }
  throw new Error('it did not come about in time');
}

/** Longer than one turn of the loop, so that a waiting test moves a virtual clock by a few steps. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
