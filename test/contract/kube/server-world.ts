import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { virtualClock } from '../../../src/world/clock.ts';
import { serveWorld } from '../../../src/world/http.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { kubeconfig } from '../../../src/world/kubeconfig.ts';
import { USER } from '../../../src/world/rights.ts';
import type { Scenario } from '../../../src/world/scenario.ts';
import { simulatedWorld } from '../../../src/world/world.ts';
import { passing } from './drivers.ts';
import type { Backend } from './server.ts';

export type WorldOptions = {
  /** What the simulated cluster has beside its nodes and its storage; the real one has its own. */
  readonly scenario?: Scenario;
  /** What time it is there at the beginning; absent: always the same. Programs of others go by the machine's clock. */
  readonly startMs?: number;
  /** The only token that the world lets in; absent: any. */
  readonly token?: string;
};

const SCENARIO: Scenario = { nodes: [{ name: 'node-0' }, { name: 'node-1' }, { name: 'node-2' }], storage: { default: 'available' } };

/** The simulated cluster over HTTP, on a clock that moves only while somebody waits. */
export async function worldServer({ scenario, startMs, token }: WorldOptions): Promise<Backend> {
  const clock = virtualClock(startMs === undefined ? {} : { startMs });
  const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario: { ...SCENARIO, ...scenario } }] });
  const served = await serveWorld(world, token === undefined ? {} : { token });
  const folder = await mkdtemp(join(tmpdir(), 'salvor-world-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfig({ url: served.url, cluster: 'prod', ...(token === undefined ? {} : { token }) }));
  return {
    isReal: false,
    url: served.url,
    admin: { token: token ?? 'world' },
    kubeconfig: file,
    wait: (answer) => passing(clock, answer),
    async limited(_raw, namespace, rights) {
      world.apply({
        rights: rights.map(({ apiGroups, resources, verbs }) => ({
          groups: [...apiGroups],
          resources: [...resources],
          verbs: [...verbs],
          namespaces: [namespace],
        })),
      });
      return { user: USER, identity: { token: token ?? 'world' } };
    },
    async throttle() {
      world.apply({ faults: [{ give: 'too-many-requests', verb: 'list', times: 1 }] });
    },
    async forget() {
      world.apply({ compact: true });
    },
    async [Symbol.asyncDispose]() {
      await served.close();
      await rm(folder, { recursive: true });
    },
  };
}
