import { type App, buildApp } from '../../../src/app.ts';
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import type { Caller } from '../../../src/port/commands.ts';
import { systemIds } from '../../../src/port/ids.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { openEmbedded } from '../../../src/store/embedded.ts';
import { START_MS } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { type SimulatedWorld, simulatedWorld } from '../../../src/world/world.ts';
import { failedNight } from '../../e2e/stage/cluster.ts';

export const SCHEDULES = ['asked', 'cut-short', 'not-read'] as const;

export const ANA: Caller = { person: 'ana', rights: ['read', 'run'], surface: 'cli' };

export type Ground = { readonly app: App; readonly store: Store; readonly world: SimulatedWorld; readonly clock: Clock; readonly close: () => Promise<void> };

/**
 * The whole application on an embedded store, in real time on a day of its own, beside a simulated cluster that is the same every time: what one version
 * stored here another one goes on with. `laterMs`: so long after the day began.
 */
export async function openGround({ path, laterMs }: { readonly path: string; readonly laterMs: number }): Promise<Ground> {
  const originMs = systemClock.monotonicMs();
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => START_MS + aheadMs + Math.floor(systemClock.monotonicMs() - originMs) };
  const world = simulatedWorld({ clock, ids: seededIds('golden'), clusters: [{ name: 'prod', scenario: failedNight(SCHEDULES) }] });
  aheadMs = laterMs;
  const store = await openEmbedded({ path, clock, log: silentLog });
  const app = buildApp({
    settings: { config: rehearsalConfig(), site: await loadSite(NOTHING_OWN) },
    store,
    clock,
    ids: systemIds,
    log: silentLog,
    clusters: world.clusters,
    chat: world.chat,
    pager: world.pager,
    reread: async () => ({ failed: 'there is no Alertmanager' }),
  });
  await app.start();
  const close = async (): Promise<void> => {
    await app.stop();
    await store.close();
  };
  return { app, store, world, clock, close };
}
