import type { Entry } from '../../../src/model/entry.ts';
import { blobId, runHeadId } from '../../../src/model/identity.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import type { Labels } from '../../../src/model/label.ts';
import type { IncidentMail, RunMail } from '../../../src/model/mail.ts';
import { KubeObject } from '../../../src/model/object.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run, Start } from '../../../src/model/run.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import type { Clock } from '../../../src/port/clock.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import type { Target } from '../../../src/route/target.ts';
import { driveRun } from '../../../src/run/drive.ts';
import type { Engine } from '../../../src/run/engine.ts';
import { startLoop } from '../../../src/run/loop.ts';
import { LEASE_MS } from '../../../src/run/session.ts';
import { readRunHead, startRun } from '../../../src/run/start.ts';
import { oracleState } from '../../../src/store/oracle/state.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { type SimulatedCluster, simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { policy as samplePolicy } from '../../unit/run/samples.ts';
import { testActions } from './actions.ts';
import { field } from './config-map.ts';

type StageOptions = {
  /** YAML behind the common beginning: `diagnose`, `stages` … */
  readonly playbook: string;
  readonly policy?: Partial<Policy>;
  readonly clusters?: readonly string[];
  /** What stands between an engine and its store, clusters and clock; asked at each start of an engine, which are numbered from 1. */
  readonly around?: (start: number) => Around;
};

export type Around = {
  readonly store?: (store: Store) => Store;
  readonly cluster?: (cluster: Cluster) => Cluster;
  readonly clock?: (clock: Clock) => Clock;
};

type Texts = { readonly [name: string]: string };
type Placed = { readonly labels?: Texts; readonly annotations?: Texts; readonly cluster?: string };

type Starting = {
  readonly more?: JsonObject;
  readonly by?: string;
  /** Labels of the alert that starts it, instead of a person. */
  readonly alert?: Labels;
  readonly kind?: string;
  readonly locks?: readonly Target[];
};

const CONFIG_MAP = theKind('v1', 'ConfigMap');
const INCIDENT = 'incident/story-1';

/** The engine alone on a stage: one playbook of test actions, an oracle store, simulated clusters, and a clock that the story moves. */
export async function stage({ playbook: yaml, policy: changes = {}, clusters: names = ['prod'], around: aroundStart = () => ({}) }: StageOptions) {
  const clock = virtualClock();
  const ids = seededIds('stage');
  const sims = new Map<string, SimulatedCluster>();
  const connected = new Map<string, Cluster>();
  const connect = (name: string): void => {
    const sim = simulatedCluster({ name, clock, ids, scenario: { namespaces: ['app'], velero: { server: 'down' } } });
    sims.set(name, sim);
    connected.set(name, worldCluster(sim));
  };
  for (const name of names) connect(name);
  const state = oracleState();
  let store: Store = oracleStore({ clock, state });
  let policy: Policy = { ...samplePolicy, ...changes };
  const params = '{ thing: { type: text }, where: { type: text, optional: true }, level: { type: number, optional: true } }';
  const text = `summary: A story\ntarget: { from: params.thing }\nparams: ${params}\n${yaml}`;
  const parsed = parsePlaybook({ id: 'story', text, file: 'story.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message, line }) => `${line}: ${message}`).join('\n'));
  const { playbook } = parsed;
  let removed = new Set<string>();
  const actions = { get: (id: string) => (removed.has(id) ? undefined : testActions.get(id)) };

  let starts = 0;
  const boot = () => {
    starts += 1;
    const around = aroundStart(starts);
    const own = around.clock?.(clock) ?? clock;
    const wrapped = around.store?.(store) ?? store;
    const clusters = {
      names: () => [...connected.keys()],
      get: (name: string) => {
        const found = connected.get(name);
        return found === undefined ? undefined : (around.cluster?.(found) ?? found);
      },
    };
    const engine: Engine = { store: wrapped, clock: own, ids, log: silentLog, clusters, actions, policy: () => policy };
    const loop = startLoop(
      { store: wrapped, clock: own, log: silentLog, owner: ids.next() },
      {
        name: 'runs',
        kinds: ['run'],
        limit: 16,
        leaseMs: LEASE_MS,
        handle: async ([claimed], stop) => (claimed === undefined ? undefined : driveRun(engine, claimed, stop)),
      },
    );
    return { engine, loop };
  };
  let { engine, loop } = boot();

  const record = async (id: string) => {
    const found = await store.get('prod', id);
    if (found === undefined) throw new Error(`no record ${id}`);
    return found;
  };

  const stageOf = {
    clock,
    /** The simulated cluster: `prod` unless named. */
    sim: (name = 'prod'): SimulatedCluster => {
      const sim = sims.get(name);
      if (sim === undefined) throw new Error(`no cluster ${name}`);
      return sim;
    },
    engine: () => engine,
    /** Connects a cluster; one of that name that was there before is gone: it was rebuilt. */
    connect,
    disconnect: (name: string): void => void connected.delete(name),
    /** Sets a ConfigMap of the namespace `app`, which the test actions look at. */
    set(name: string, values: { readonly [name: string]: string }, { labels = {}, annotations, cluster = 'prod' }: Placed = {}) {
      const { objects } = stageOf.sim(cluster);
      const before = objects.find(CONFIG_MAP, 'app', name);
      if (before === undefined)
        objects.insert(CONFIG_MAP, { metadata: { namespace: 'app', name, labels, ...(annotations === undefined ? {} : { annotations }) }, data: values });
      else objects.replace(CONFIG_MAP, { ...before, metadata: { ...before.metadata, ...(annotations === undefined ? {} : { annotations }) }, data: values });
    },
    unset(name: string, cluster = 'prod') {
      stageOf.sim(cluster).objects.remove(CONFIG_MAP, 'app', name);
    },
    /** One value of a ConfigMap as it is now. */
    get(name: string, key = 'state', cluster = 'prod'): string | undefined {
      const found: unknown = stageOf.sim(cluster).objects.find(CONFIG_MAP, 'app', name);
      return field(KubeObject.safeParse(found).data, key);
    },
    /** Starts a run of the playbook; its locks and head are made as the product makes them. */
    async start(thing = 'thing', { more = {}, by = 'dora', alert, kind = 'Target', locks = [] }: Starting = {}): Promise<string> {
      const nowMs = clock.nowMs();
      const start: Start =
        alert === undefined
          ? { by: 'person', person: by, surface: 'api', reason: 'a story' }
          : { by: 'alert', episode: 'episode/1', labels: alert, startsAtMs: nowMs - 60_000, receivedMs: nowMs };
      const headId = runHeadId({ playbook: 'story', cluster: 'prod', target: thing });
      const head = await store.get('prod', headId);
      const asked = { playbook, cluster: 'prod', target: { kind, value: thing }, locks, params: { thing, ...more }, found: {}, incident: INCIDENT };
      const started = startRun({ ...asked, start, nowMs, repeatIntervalMs: 1 }, { head: readRunHead(head?.value) });
      if (started.kind !== 'started') throw new Error(started.kind);
      const result = await store.commit({
        partition: 'prod',
        opId: ids.next(),
        guards: [head === undefined ? { is: 'absent', id: headId } : { is: 'seq', id: headId, seq: head.seq }],
        changes: [{ do: 'put', id: blobId(playbook.digest), kind: 'blob', value: playbook.text }, ...started.changes],
      });
      if (result.kind !== 'done') throw new Error(result.kind);
      await clock.pass(0);
      return started.run.id;
    },
    async run(id: string): Promise<Run> {
      return (await record(id)).value as unknown as Run;
    },
    async state(id: string): Promise<string> {
      return (await stageOf.run(id)).state;
    },
    /** What the run is held by, and why. */
    async hold(id: string): Promise<string | undefined> {
      const { hold } = await stageOf.run(id);
      return hold === undefined ? undefined : `${hold.gate}: ${hold.reason}`;
    },
    /** Types of the journal's lines from a type on, for stories whose beginning is told elsewhere. */
    async lines(id: string, from?: string): Promise<readonly string[]> {
      const types = (await stageOf.journal(id)).map(({ type }) => type);
      return from === undefined ? types : types.slice(types.lastIndexOf(from));
    },
    /** The last line of a type. */
    async line(id: string, type: string): Promise<JsonObject> {
      const found = (await stageOf.journal(id)).findLast((one) => one.type === type);
      if (found === undefined) throw new Error(`no line ${type}`);
      return found.data;
    },
    journal: (id: string): Promise<readonly Entry[]> => store.entries({ partition: 'prod', of: id }),
    /** What the incident was told, as `kind key` for ladders and as text for the timeline. */
    async told(): Promise<readonly IncidentMail[]> {
      return (await store.mail('prod', INCIDENT)).map(({ value }) => value as unknown as IncidentMail);
    },
    async pages(): Promise<readonly string[]> {
      return (await stageOf.told()).flatMap((mail) => (mail.kind === 'escalate' ? [mail.reason] : []));
    },
    /** Commits mail to a run, as a press does, and lets the engine read it; several are there before any is read. */
    async tell(id: string, ...mails: readonly RunMail[]): Promise<void> {
      const key = `mail/${ids.next()}`;
      const result = await store.commit({
        partition: 'prod',
        opId: key,
        // Named by a new key, so nothing of this name can be there yet: who drives the run meanwhile keeps no press away.
        guards: [{ is: 'absent', id: key }],
        changes: mails.map((mail, at) => ({ do: 'mail', to: id, key: `${key}/${at}`, value: mail })),
      });
      if (result.kind !== 'done') throw new Error(result.kind);
      await clock.pass(0);
    },
    async approve(id: string, by = 'ana', confirmation?: string): Promise<void> {
      const digest = (await stageOf.run(id)).plan?.digest ?? '';
      await stageOf.tell(id, { kind: 'approve', by, plan: digest, surface: 'api', ...(confirmation === undefined ? {} : { confirmation }) });
    },
    /** The alert of the run ended. */
    resolve: (id: string): Promise<void> => stageOf.tell(id, { kind: 'resolved', episode: 'episode/1' }),
    reject: (id: string, by = 'ana'): Promise<void> => stageOf.tell(id, { kind: 'reject', by, surface: 'api', reason: 'not today' }),
    cancel: (id: string, { keep = false }: { readonly keep?: boolean } = {}): Promise<void> =>
      stageOf.tell(id, { kind: 'cancel', by: 'ana', surface: 'api', keep, reason: 'enough' }),
    answer: (
      id: string,
      ask: string,
      value: Json,
      { by = 'ana', confirmation }: { readonly by?: string; readonly confirmation?: string } = {},
    ): Promise<void> => stageOf.tell(id, { kind: 'answer', by, surface: 'api', ask, value, ...(confirmation === undefined ? {} : { confirmation }) }),
    async pause(): Promise<void> {
      const value: Json = { by: 'ana', reason: 'look first', sinceMs: clock.nowMs() };
      await store.commit({
        partition: 'prod',
        opId: ids.next(),
        guards: [{ is: 'absent', id: 'pause/all' }],
        changes: [{ do: 'put', id: 'pause/all', kind: 'pause', value }],
      });
    },
    async resume(): Promise<void> {
      const seq = (await store.get('prod', 'pause/all'))?.seq ?? 0;
      await store.commit({ partition: 'prod', opId: ids.next(), guards: [{ is: 'seq', id: 'pause/all', seq }], changes: [{ do: 'delete', id: 'pause/all' }] });
    },
    /** Kills the engine where it stands, and starts another on the same store. */
    restart(): void {
      store = oracleStore({ clock, state });
      // The store of the one before is closed to it; it only stops asking.
      void loop.stop();
      ({ engine, loop } = boot());
    },
    /** Starts another engine beside the one that runs, on the same store: two replicas. */
    startAnother(): void {
      ({ engine, loop } = boot());
    },
    /** Takes actions out of the catalog, as an upgrade may. */
    withoutActions(...gone: readonly string[]): void {
      removed = new Set(gone);
    },
    setPolicy(change: Partial<Policy>): void {
      policy = { ...policy, ...change };
    },
    stop: () => loop.stop(),
    locks: async (cluster = 'prod'): Promise<readonly string[]> =>
      (await store.list({ partition: cluster, kind: 'lock', limit: 100 })).records.map(({ id }) => id),
    store: (): Store => store,
  };
  return stageOf;
}
