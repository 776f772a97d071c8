import type { Incident } from '../../src/model/incident.ts';
import type { Run } from '../../src/model/run.ts';
import { LANE_LEASE_MS } from '../../src/notify/hold.ts';
import type { Store } from '../../src/port/store.ts';
import { type OracleState, oracleState } from '../../src/store/oracle/state.ts';
import { oracleStore } from '../../src/store/oracle.ts';
import { theKind } from '../../src/world/kinds.ts';
import { type SimulatedWorld, simulatedWorld } from '../../src/world/world.ts';
import { type Chance, chance, idsOf } from './chance.ts';
import type { Link } from './link.ts';
import { clockOf, type EventLoop, eventLoop } from './loop.ts';
import { buildProgram, type Program } from './program.ts';
import { replica } from './replica.ts';
import type { Script, Where } from './script.ts';
import { openServices, type Services } from './services.ts';
import { CLUSTERS, CONFIG_MAPS, settingsFor, WORLDS } from './site.ts';
import { type Hints, linkedStore } from './store-link.ts';
import type { Press } from './watch/watch.ts';
import type { Watches } from './watches.ts';
import { type Weather, weather } from './weather.ts';

/** Everything of one history: the programs, their store, the simulated clusters and services, and the weather between them. */
export type Site = {
  readonly loop: EventLoop;
  readonly chance: Chance;
  readonly state: OracleState;
  readonly world: SimulatedWorld;
  /** Absent: people are recorders. */
  readonly services: Services | undefined;
  /** Grave incidents have a channel of their own. */
  readonly hasChannels: boolean;
  readonly presses: Press[];
  readonly programs: readonly string[];
  /** The store as nobody's program sees it, without weather. */
  store(): Store;
  living(): readonly Program[];
  program(name: string): Program | undefined;
  weather(of: string, where: Where): Weather;
  start(name: string): void;
  kill(name: string): void;
  jump(of: string, byMs: number): void;
  /** Good weather everywhere, and every clock is right again. */
  clearSky(): void;
  runs(): readonly Run[];
  incidents(): readonly Incident[];
  /** How often a write with this key was made. */
  timesOf(key: string): number;
};

const CONFIG_MAP = theKind('v1', 'ConfigMap');
/** A program whose start failed is started again by whoever runs it. */
const START_AGAIN_MS = 3000;
const SERVERS = ['store', ...CLUSTERS, 'chat', 'pager'] as const;
/** Longest ms of one way in good weather; of a late answer, longer than any lease; and of a late request. */
const SLOWEST_MS: { readonly [W in Where]: number } = { store: 4, prod: 25, edge: 25, chat: 150, pager: 150 };
const LATEST_MS: { readonly [W in Where]: number } = { store: 9000, prod: 12_000, edge: 12_000, chat: 15_000, pager: 15_000 };
const LATEST_OUT_MS: { readonly [W in Where]: number } = { store: 9000, prod: 800, edge: 800, chat: 15_000, pager: 15_000 };

export function openSite(script: Script, watches: Watches): Site {
  const { seed, programs } = script;
  const loop = eventLoop();
  const dice = chance(`salvor/${seed}/order`);
  const ids = idsOf(dice.fork('ids'));
  const ahead = new Map<string, number>();
  const isShared = programs.length > 1;
  const storeClock = clockOf(loop, 'store timer', { aheadMs: () => ahead.get(isShared ? 'store' : (programs[0] ?? '')) ?? 0 });
  const clusters = CLUSTERS.map((name) => ({ name, scenario: WORLDS[name] }));
  const world = simulatedWorld({ clock: clockOf(loop, 'world'), ids: idsOf(dice.fork('world')), clusters });
  for (const cluster of CLUSTERS)
    for (const { name, labels = {}, data } of CONFIG_MAPS)
      world.cluster(cluster).objects.insert(CONFIG_MAP, { metadata: { namespace: 'app', name, labels }, data });
  const state = oracleState();
  let store = oracleStore({ clock: storeClock, state });
  const settings = settingsFor(script);
  const skies = new Map<string, Weather>();
  for (const of of programs)
    for (const where of SERVERS)
      skies.set(
        `${of} ${where}`,
        weather(loop, (fate) => watches.met(of, `${where} ${fate}`)),
      );
  const sky = (of: string, where: Where): Weather => {
    const found = skies.get(`${of} ${where}`);
    if (found === undefined) throw new Error(`no weather between ${of} and ${where}`);
    return found;
  };
  const hints: Hints = { listeners: new Set() };
  const alive = new Map<string, Program>();
  const lives = new Map<string, number>();
  const living = (): readonly Program[] => [...alive.values()];
  const services =
    script.people === 'recorders'
      ? undefined
      : openServices({ loop, chance: dice.fork('services'), shared: script.people === 'one integration', living, weather: sky, met: watches.met });

  const start = (name: string): void => {
    if (alive.has(name)) return;
    const life = (lives.get(name) ?? 0) + 1;
    lives.set(name, life);
    // A store inside the program is opened with it: whatever was held is held no more.
    if (!isShared && life > 1) store = oracleStore({ clock: storeClock, state });
    const own = replica(loop, `${name}#${life}`, () => ahead.get(name) ?? 0);
    const link = (where: Where): Link => ({
      loop,
      replica: own,
      chance: dice,
      weather: sky(name, where),
      slowestMs: SLOWEST_MS[where],
      latestMs: LATEST_MS[where],
      latestOutMs: LATEST_OUT_MS[where],
      ...(where === 'store' && !isShared ? { diesWithIt: true } : {}),
    });
    const reached = linkedStore(link('store'), store, { state, seen: watches, hints });
    const program = buildProgram({ settings, store: reached, ids, replica: own, link, world, services, watches });
    alive.set(name, program);
    program.app.start().catch(() => {
      if (alive.get(name)?.replica !== own) return;
      kill(name);
      loop.after(START_AGAIN_MS, `${name} starts again`, () => start(name));
    });
  };
  const kill = (name: string): void => {
    alive.get(name)?.replica.kill();
    alive.delete(name);
    watches.met(name, 'kill');
  };

  /** Whose lease is over is judged by the store's clock. */
  const shake = (what: string): void => {
    for (const name of programs) watches.met(name, what);
    watches.shaken(loop.nowMs() + LANE_LEASE_MS);
  };

  return {
    loop,
    chance: dice,
    state,
    world,
    services,
    hasChannels: script.channels,
    presses: [],
    programs,
    store: () => store,
    living,
    program: (name) => alive.get(name),
    weather: sky,
    start,
    kill,
    jump(of, byMs) {
      ahead.set(of, (ahead.get(of) ?? 0) + byMs);
      const clocks = programs.map((name) => ahead.get(name) ?? 0);
      watches.clocksSet(Math.max(...clocks) - Math.min(...clocks));
      shake('clock jump');
    },
    clearSky: () => {
      if (ahead.size > 0) shake('clocks are set');
      ahead.clear();
      watches.clocksSet(0);
      for (const one of skies.values()) one.clear();
    },
    runs: () => [...state.records.values()].flatMap(({ kind, value }) => (kind === 'run' ? [JSON.parse(value) as Run] : [])),
    incidents: () => [...state.records.values()].flatMap(({ kind, value }) => (kind === 'incident' ? [JSON.parse(value) as Incident] : [])),
    timesOf: (key) => watches.times.get(key) ?? 0,
  };
}
