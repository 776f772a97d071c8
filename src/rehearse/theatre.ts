import { type App, buildApp, type Settings } from '../app.ts';
import type { Site } from '../config.ts';
import type { Json } from '../model/json.ts';
import type { Caller } from '../port/commands.ts';
import { silentLog } from '../port/log.ts';
import { oracleState } from '../store/oracle/state.ts';
import { oracleStore } from '../store/oracle.ts';
import { type VirtualClock, virtualClock } from '../world/clock.ts';
import { seededIds } from '../world/ids.ts';
import { type SimulatedWorld, simulatedWorld, type WorldScenario } from '../world/world.ts';
import { alertBody } from './alert-body.ts';
import { rehearsalConfig } from './site.ts';

type Play = {
  readonly world: { readonly [name: string]: Json };
  readonly policy?: { readonly [name: string]: Json };
  readonly site: Pick<Site, 'catalog' | 'playbooks'>;
  readonly seed?: string;
};

/** Salvor, whole but for its sockets, in the simulated world: the store in memory, and a clock that the story moves. */
export type Theatre = {
  readonly clock: VirtualClock;
  readonly world: SimulatedWorld;
  /** Changes the world as a scenario says; it is checked there. */
  readonly change: (scenario: { readonly [name: string]: Json }) => void;
  readonly app: () => App;
  readonly callerOf: (person: string) => Caller;
  /** Posts an alert as Alertmanager does; its episode keeps the time at which it began. */
  readonly alert: (labels: { readonly [name: string]: string }, status?: 'firing' | 'resolved') => Promise<void>;
  /** Lets a request that waits for the engine come to its end. */
  readonly settle: <T>(request: Promise<T>) => Promise<T>;
  /** Salvor dies where it stands, and is started again on what it stored. */
  readonly kill: () => void;
  readonly close: () => Promise<void>;
};

export function openTheatre({ world: scenario, policy, site, seed = 'rehearsal' }: Play): Theatre {
  const clock = virtualClock();
  const ids = seededIds(seed);
  const { clusters = {}, chat: _chat, pager: _pager, ...first } = parsedScenario(scenario);
  const world = simulatedWorld({
    clock,
    ids,
    clusters: [{ name: 'prod', scenario: first }, ...Object.entries(clusters).map(([name, one]) => ({ name, scenario: one }))],
  });
  const state = oracleState();
  const settings: Settings = { config: rehearsalConfig(policy), site };
  const began = new Map<string, number>();
  let store = oracleStore({ clock, state });

  const boot = (): App => {
    const app = buildApp({
      settings,
      store,
      clock,
      ids,
      log: silentLog,
      clusters: world.clusters,
      chat: world.chat,
      pager: world.pager,
      reread: async () => ({ failed: 'there is no Alertmanager in a rehearsal' }),
    });
    app.start();
    return app;
  };
  let app = boot();

  const settle: Theatre['settle'] = async (request) => {
    let over = false;
    const ended = request.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    for (let turn = 0; turn < 20 && !over; turn += 1) await clock.pass(200);
    return ended;
  };

  return {
    clock,
    world,
    change: (scenario) => world.apply(parsedScenario(scenario)),
    app: () => app,
    callerOf: (person) => ({ person, rights: ['read', 'run', 'pause', 'supersede', 'configure'], surface: 'cli' }),
    async alert(labels, status = 'firing') {
      const key = JSON.stringify(labels);
      const nowMs = clock.nowMs();
      const startsAtMs = began.get(key) ?? nowMs;
      if (status === 'firing') began.set(key, startsAtMs);
      else began.delete(key);
      await store.accept({ sender: 'rehearsal', clusters: ['prod'], receivedMs: nowMs, alerts: 1, body: alertBody({ labels, status, startsAtMs, nowMs }) });
      await clock.pass(0);
    },
    settle,
    kill() {
      store = oracleStore({ clock, state });
      app = boot();
    },
    close: () => app.stop(),
  };
}

/** A scenario as a playbook or a test writes it; the world checks every field of it and says what is wrong. */
function parsedScenario(scenario: { readonly [name: string]: Json }): WorldScenario {
  return scenario;
}
