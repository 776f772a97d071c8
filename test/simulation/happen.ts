import type { Json } from '../../src/model/json.ts';
import { worldCluster } from '../../src/world/access.ts';
import { START_MS } from '../../src/world/clock.ts';
import { theKind } from '../../src/world/kinds.ts';
import type { SimulatedPagerDuty } from '../../src/world/pagerduty/pagerduty.ts';
import { bodyAlert, sampleBody } from '../unit/ingest/samples.ts';
import { chance } from './chance.ts';
import { failover } from './failover.ts';
import type { People } from './people.ts';
import type { Happening } from './script.ts';
import { CLUSTERS, ROUTES } from './site.ts';
import type { Site } from './stage.ts';

/** Kills and freezes wait until a program has run so many more tasks. */
export type Armed = { readonly of: string; left: number; readonly fire: () => void };

export type Stage = {
  readonly site: Site;
  readonly people: People;
  readonly armed: Armed[];
  /** Labels of the alerts of every webhook that was taken. */
  readonly accepted: { readonly [name: string]: string }[];
  /** True while faults are made. */
  readonly isRough: () => boolean;
  readonly met: (program: string, fault: string) => void;
  /** The store has forgotten the end of this partition. */
  readonly wentBack: (partition: string) => void;
  readonly seed: number;
};

const AGAIN_MS = 2000;
const CONFIG_MAP = theKind('v1', 'ConfigMap');

/** Makes one thing happen. */
export function happen(stage: Stage, one: Happening): void {
  const { site, people } = stage;
  const { loop } = site;
  switch (one.kind) {
    case 'webhook':
      for (const [copy, delayMs] of one.copiesMs.entries()) loop.after(delayMs, 'a webhook is sent', () => send(stage, one, copy));
      return;
    case 'start': {
      const { by, playbook, params, cluster, times } = one;
      const request = { playbook, params, reason: 'it is time', idempotencyKey: `${playbook}/${one.atMs}`, ...(cluster === undefined ? {} : { cluster }) };
      for (let time = 0; time < times; time += 1) void people.ask(by, (commands, caller) => commands.startRun(caller, request));
      return;
    }
    case 'habit':
      return habit(stage, one, one.times);
    case 'press':
      for (let time = 0; time < one.times; time += 1) void people.press(one);
      return;
    case 'slack':
      return void people.inSlack?.press(one.by, one.what, { back: one.back, typed: true });
    case 'phone':
      return site.services === undefined ? undefined : onThePhone(site.services.pagerduty, one);
    case 'decide':
      return void people.decide(one);
    case 'hands-off': {
      const { by, forMs, cluster } = one;
      const of = { name: `f${one.atMs}`, reason: 'hands off', untilMs: START_MS + loop.nowMs() + forMs, ...(cluster === undefined ? {} : { cluster }) };
      return void people.ask(by, (commands, caller) => commands.freeze(caller, of));
    }
    case 'pause':
      return void pause(stage, one);
    case 'world':
      return change(site, one);
    case 'kill':
    case 'freeze':
      stage.armed.push({ of: one.of, left: one.tasks, fire: () => (one.kind === 'kill' ? kill(stage, one) : freeze(stage, one)) });
      return;
    case 'front':
      return site.weather(one.of, one.where).come({ ...one, chance: chance(`salvor/${stage.seed}/front/${one.atMs}`) });
    case 'server':
      stage.met('', `server ${one.give}`);
      return site.world
        .cluster(one.cluster)
        .faults.add({ give: one.give, verb: one.verb, times: one.times, ...(one.give === 'slow' ? { delay: '700ms' } : {}) });
    case 'jump':
      return site.jump(one.of, one.byMs);
    case 'failover':
      stage.met('', 'failover');
      return failover(site, one, stage.wentBack);
    case 'suppressed':
      stage.met('', 'pager suppressed');
      suppress(site, one.rung, true);
      loop.after(one.forMs, 'the pager calls again', () => suppress(site, one.rung, false));
      return;
    case 'stranger':
      void worldCluster(site.world.cluster()).access.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'app', name: 'strange' } });
  }
}

/** Sends a webhook as Alertmanager does: until somebody takes it. */
function send(stage: Stage, one: Extract<Happening, { kind: 'webhook' }>, copy: number): void {
  const { site, accepted } = stage;
  const again = (): void => void site.loop.after(AGAIN_MS, 'a webhook is sent again', () => send(stage, one, copy));
  const living = site.living();
  if (living.length === 0) return again();
  const { replica, store } = site.chance.pick(living);
  const startsAt = new Date(START_MS + one.atMs - 60_000).toISOString();
  const endsAt = new Date(START_MS + one.atMs).toISOString();
  const alerts = one.alerts.map(({ labels, status }) => bodyAlert(labels, { status, startsAt, ...(status === 'resolved' ? { endsAt } : {}) }));
  const webhook = { sender: `am-${copy}`, clusters: ['prod', 'edge'], receivedMs: replica.clock.nowMs(), alerts: alerts.length, body: sampleBody({ alerts }) };
  replica.enter(() => {
    store.accept(webhook).then(() => void accepted.push(...one.alerts.map(({ labels }) => labels)), again);
  });
  // Who dies before it answers is not waited for.
  site.loop.after(10_000, 'a webhook is looked after', () => {
    if (!replica.isAlive()) again();
  });
}

function habit(stage: Stage, one: Extract<Happening, { kind: 'habit' }>, left: number): void {
  if (left === 0 || !stage.isRough()) return;
  void stage.people.doWhatIsAsked(one.by, one.impatient).then(() => stage.site.loop.after(one.everyMs, `${one.by} looks`, () => habit(stage, one, left - 1)));
}

async function pause({ people, site }: Stage, { by, forMs, playbook, cluster }: Extract<Happening, { kind: 'pause' }>): Promise<void> {
  const scope = { ...(playbook === undefined ? {} : { playbook }), ...(cluster === undefined ? {} : { cluster }) };
  await people.ask(by, (commands, caller) => commands.pause(caller, { ...scope, reason: 'look first' }));
  site.loop.after(forMs, `${by} resumes`, () => void people.ask(by, (commands, caller) => commands.resume(caller, scope)));
}

function kill({ site }: Stage, { of, downMs }: Extract<Happening, { kind: 'kill' }>): void {
  site.kill(of);
  site.loop.after(downMs, `${of} starts again`, () => site.start(of));
}

function freeze({ site, met }: Stage, { of, forMs }: Extract<Happening, { kind: 'freeze' }>): void {
  const program = site.program(of);
  if (program === undefined) return;
  program.replica.freeze();
  met(of, 'freeze');
  site.loop.after(forMs, `${of} goes on`, () => {
    met(of, 'thaw');
    program.replica.thaw();
  });
}

/** The world by itself, or somebody else in it. */
function change({ world }: Site, { what, cluster }: Pick<Extract<Happening, { kind: 'world' }>, 'what' | 'cluster'>): void {
  const { objects } = world.cluster(cluster);
  const put = (name: string, data: { readonly [name: string]: string }): void => {
    if (objects.find(CONFIG_MAP, 'app', name) !== undefined) objects.remove(CONFIG_MAP, 'app', name);
    objects.insert(CONFIG_MAP, { metadata: { namespace: 'app', name }, data });
  };
  const scenarios: { readonly [name: string]: { readonly [field: string]: Json } } = {
    'node-away': { nodes: [{ name: 'w2', kubelet: 'silent' }] },
    'node-back': { nodes: [{ name: 'w2', kubelet: 'answers' }] },
    'storage-away': { storage: { default: 'unavailable' } },
    'storage-back': { storage: { default: 'available' } },
    backup: { backups: [{ name: 'daily-by-hand', schedule: 'daily', phase: 'Completed', ago: '0s', items: 214, volumes: 3 }] },
  };
  const scenario = scenarios[what];
  if (scenario !== undefined) return world.apply(scenario);
  if (what === 'base') put('base', {});
  else if (what === 'helps') put('helps', { state: 'no' });
  else if (what === 'stuck') put('stuck', { state: 'yes' });
  else if (what === 'finding') put('finding', { kind: 'wait' });
  else put('ready', { level: '1' });
}

/** The faults stop: what is broken is mended, and what holds things up is taken away. */
export function mend({ site, armed }: Stage): void {
  const { world } = site;
  armed.length = 0;
  site.clearSky();
  for (const name of ['a', 'b']) site.program(name)?.replica.thaw();
  world.apply({ nodes: [{ name: 'w2', kubelet: 'answers' }], storage: { default: 'available' } });
  for (const rung of ['primary', 'secondary'] as const) suppress(site, rung, false);
  for (const cluster of CLUSTERS) {
    const { faults, objects } = world.cluster(cluster);
    faults.clear();
    for (const name of ['helps', 'stuck', 'finding']) if (objects.find(CONFIG_MAP, 'app', name) !== undefined) objects.remove(CONFIG_MAP, 'app', name);
    change(site, { what: 'ready', cluster });
  }
}

function suppress({ services }: Site, rung: 'primary' | 'secondary', on: boolean): void {
  services?.pagerduty.apply({ services: [{ name: rung, key: ROUTES[`platform-${rung}`], policy: rung, events: on ? 'suppressed' : 'incident' }] });
}

/** Somebody answers a call there, or does something else with the newest one. */
function onThePhone(pagerduty: SimulatedPagerDuty, { by, what }: Extract<Happening, { kind: 'phone' }>): void {
  if (what === 'time-out') return pagerduty.timeOut();
  if (!pagerduty.incidents().some(({ status }) => status !== 'resolved')) return;
  const person = pagerduty.person(by);
  if (what === 'note') person.note('I look at it');
  else person[what]();
}
