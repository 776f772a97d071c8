import { virtualClock } from '../../../../src/world/clock.ts';
import { serveWorld } from '../../../../src/world/http.ts';
import { seededIds } from '../../../../src/world/ids.ts';
import { simulatedWorld } from '../../../../src/world/world.ts';
import { rawClient } from '../raw.ts';
import type { Place } from './site.ts';

const STEP_MS = 100;

/** The simulated cluster over HTTP, on a clock that moves only while the test waits. */
export async function worldPlace(): Promise<Place> {
  const clock = virtualClock();
  const scenario = { nodes: [{ name: 'node-0' }, { name: 'node-1' }, { name: 'node-2' }], storage: { default: 'available' as const } };
  const world = simulatedWorld({ clock, ids: seededIds(1), clusters: [{ name: 'prod', scenario }] });
  const served = await serveWorld(world);
  const raw = rawClient(served.url);
  const sim = world.cluster();
  return {
    isReal: false,
    raw,
    nowMs: clock.nowMs,
    async moment() {
      await clock.pass(STEP_MS);
      // A turn for the sockets: what the cluster sent arrives.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
    metrics: async () => (await raw.request('GET', '/metrics')).text,
    storage: {
      stop: async () => sim.storageState('default', 'unavailable'),
      start: async () => sim.storageState('default', 'available'),
      keys: async () => sim.storage.keys('default'),
      remove: async (key) => sim.storage.remove('default', key),
    },
    velero: {
      kill: async () => sim.apply({ velero: { server: 'down' } }),
      start: async () => sim.apply({ velero: { server: 'up' } }),
    },
    tell: (happens) => sim.apply(happens),
    async [Symbol.asyncDispose]() {
      await served.close();
    },
  };
}
