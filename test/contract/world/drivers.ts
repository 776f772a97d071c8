import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import { systemClock } from '../../../src/port/clock.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { fastClock } from '../../../src/world/clock.ts';
import type { SimulatedCluster } from '../../../src/world/cluster.ts';
import { serveWorld } from '../../../src/world/http.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { kubeconfig } from '../../../src/world/kubeconfig.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { simulatedWorld } from '../../../src/world/world.ts';

export type Stage = AsyncDisposable & { readonly cluster: Cluster; readonly sim: SimulatedCluster };

export type Driver = { readonly name: string; readonly open: (scenario?: Scenario) => Promise<Stage> };

/** Seconds of the cluster pass in hundredths. */
const SPEED = 50;

const worldOf = (scenario: Scenario) =>
  simulatedWorld({ clock: fastClock({ speed: SPEED, base: systemClock }), ids: seededIds('contract'), clusters: [{ name: 'prod', scenario }] });

/** The cluster port twice: straight on the simulated cluster, and by the adapter for real clusters over HTTP. */
export const drivers: readonly Driver[] = [
  {
    name: 'in process',
    async open(scenario = {}) {
      const sim = worldOf(scenario).cluster();
      const cluster = worldCluster(sim, { patienceMs: 10_000 });
      return { cluster, sim, [Symbol.asyncDispose]: () => cluster.close() };
    },
  },
  {
    name: 'over HTTP',
    async open(scenario = {}) {
      const world = worldOf(scenario);
      const served = await serveWorld(world);
      const folder = await mkdtemp(join(tmpdir(), 'world-'));
      const file = join(folder, 'kubeconfig');
      await writeFile(file, kubeconfig({ url: served.urlOf('prod'), cluster: 'prod' }));
      const deadlines = { requestMs: 500, listMs: 500 };
      const cluster = await openCluster({ name: 'prod', kubeconfig: file, clock: world.clock, log: silentLog, userAgent: 'salvor/contract', deadlines });
      return {
        cluster,
        sim: world.cluster(),
        async [Symbol.asyncDispose]() {
          await cluster.close();
          await served.close();
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  },
];
