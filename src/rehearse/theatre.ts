import { type App, buildApp, type Parts, type Settings } from '../app.ts';
import type { Site } from '../config.ts';
import { checkBody } from '../domain/alertmanager/body.ts';
import type { Webhook } from '../model/alert.ts';
import type { Json } from '../model/json.ts';
import type { Chat } from '../port/chat.ts';
import type { Caller } from '../port/commands.ts';
import { silentLog } from '../port/log.ts';
import type { Store } from '../port/store.ts';
import { type OracleState, oracleState } from '../store/oracle/state.ts';
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
  /** The text of the site's `salvor.yaml`; absent: the rehearsal site's. */
  readonly config?: string;
  /** What is stored. Who brings it can look at it, and spoil it. */
  readonly state?: OracleState;
  /** How Alertmanager answers when it is asked for the rest of a group; absent: there is none. */
  readonly reread?: Parts['reread'];
  /** The chat, on the clock of the play; absent: the one that records. Asked at each start of Salvor. */
  readonly chat?: (clock: VirtualClock) => Chat;
  /** What Slack and PagerDuty say of the teams that they keep; absent: nobody is in them. */
  readonly groups?: Parts['groups'];
  /** Who stands between each start of Salvor and its store. */
  readonly around?: (store: Store) => Store;
};

/** Who posts: a sender, and the clusters that it may speak for. */
export type From = Pick<Webhook, 'sender' | 'clusters'>;

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
  /** Posts a body as it came over the wire. */
  readonly post: (body: string, from?: From) => Promise<void>;
  /** Lets a request that waits for the engine come to its end. */
  readonly settle: <T>(request: Promise<T>) => Promise<T>;
  /** Salvor dies where it stands, and is started again on what it stored. */
  readonly kill: () => void;
  readonly close: () => Promise<void>;
};

/** The one Alertmanager of a rehearsal. */
const FROM_PROD: From = { sender: 'rehearsal', clusters: ['prod'] };

export function openTheatre({
  world: scenario,
  policy,
  site,
  seed = 'rehearsal',
  config,
  state = oracleState(),
  reread = noAlertmanager,
  chat,
  groups,
  around = asItIs,
}: Play): Theatre {
  const clock = virtualClock();
  const ids = seededIds(seed);
  const { clusters = {}, chat: _chat, pager: _pager, pagerduty: _pagerduty, ...first } = parsedScenario(scenario);
  const world = simulatedWorld({
    clock,
    ids,
    clusters: [{ name: 'prod', scenario: first }, ...Object.entries(clusters).map(([name, one]) => ({ name, scenario: one }))],
  });
  const settings: Settings = { config: rehearsalConfig(policy, config), site };
  const began = new Map<string, number>();
  let store = around(oracleStore({ clock, state }));

  const boot = (loaded: Settings): App => {
    const app = buildApp({
      settings: loaded,
      store,
      clock,
      ids,
      log: silentLog,
      clusters: world.clusters,
      chat: chat?.(clock) ?? world.chat,
      pager: world.pager,
      reread,
      ...(groups === undefined ? {} : { groups }),
    });
    const own = store;
    app.start().catch((error: unknown) => {
      // One that was killed while it started has a store no more.
      if (own === store) throw error;
    });
    return app;
  };
  let app = boot(settings);

  const settle: Theatre['settle'] = async (request) => {
    let over = false;
    const ended = request.finally(() => {
      over = true;
    });
    ended.catch(() => undefined);
    for (let turn = 0; turn < MOST_TURNS && !over; turn += 1) await clock.pass(TURN_MS);
    return ended;
  };

  const post: Theatre['post'] = async (body, from = FROM_PROD) => {
    await store.accept({ ...from, receivedMs: clock.nowMs(), alerts: alertsIn(body), body });
    await clock.pass(0);
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
      await post(alertBody({ labels, status, startsAtMs, nowMs }));
    },
    post,
    settle,
    kill() {
      const dead = app;
      store = around(oracleStore({ clock, state }));
      // What the dead one still has in hand can be stored no more; without this its loops would ask a closed store for ever.
      void dead.stop();
      app = boot(dead.settings());
    },
    close: () => app.stop(),
  };
}

/** A press in Slack is waited for up to a minute. */
const TURN_MS = 200;
const MOST_TURNS = 400;

const noAlertmanager: Parts['reread'] = async () => ({ failed: 'there is no Alertmanager in a rehearsal' });

const asItIs = (store: Store): Store => store;

/** As many as the sender is told that were accepted: the ledger counts alerts before they are read. */
function alertsIn(body: string): number {
  const checked = checkBody(JSON.parse(body));
  return checked.ok ? checked.body.alerts.length : 0;
}

/** A scenario as a playbook or a test writes it; the world checks every field of it and says what is wrong. */
function parsedScenario(scenario: { readonly [name: string]: Json }): WorldScenario {
  return scenario;
}
