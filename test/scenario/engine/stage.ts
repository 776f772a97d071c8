import type { Entry } from '../../../src/model/entry.ts';
import { blobId } from '../../../src/model/identity.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import type { IncidentMail, RunMail } from '../../../src/model/mail.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run } from '../../../src/model/run.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import type { Cluster } from '../../../src/port/kube.ts';
import { silentLog } from '../../../src/port/log.ts';
import type { Store } from '../../../src/port/store.ts';
import { driveRun } from '../../../src/run/drive.ts';
import type { Engine } from '../../../src/run/engine.ts';
import { startLoop } from '../../../src/run/loop.ts';
import { LEASE_MS } from '../../../src/run/session.ts';
import { startRun } from '../../../src/run/start.ts';
import { oracleState } from '../../../src/store/oracle/state.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { worldCluster } from '../../../src/world/access.ts';
import { virtualClock } from '../../../src/world/clock.ts';
import { type SimulatedCluster, simulatedCluster } from '../../../src/world/cluster.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { theKind } from '../../../src/world/kinds.ts';
import { policy as samplePolicy } from '../../unit/run/samples.ts';
import { testActions } from './actions.ts';

type StageOptions = {
  /** YAML behind the common beginning: `diagnose`, `stages` … */
  readonly playbook: string;
  readonly policy?: Partial<Policy>;
  readonly clusters?: readonly string[];
};

const CONFIG_MAP = theKind('v1', 'ConfigMap');

/** The engine alone on a stage: one playbook of test actions, an oracle store, simulated clusters, and a clock that the story moves. */
export async function stage({ playbook: yaml, policy: changes = {}, clusters: names = ['prod'] }: StageOptions) {
  const clock = virtualClock();
  const ids = seededIds('stage');
  const sims = new Map<string, SimulatedCluster>();
  const connected = new Map<string, Cluster>();
  const connect = (name: string): void => {
    const sim = simulatedCluster({ name, clock, ids, scenario: { namespaces: ['app'] } });
    sims.set(name, sim);
    connected.set(name, worldCluster(sim));
  };
  for (const name of names) connect(name);
  const state = oracleState();
  let store: Store = oracleStore({ clock, state });
  let policy: Policy = { ...samplePolicy, ...changes };
  const text = `summary: A story\ntarget: { from: params.thing }\nparams: { thing: { type: text } }\n${yaml}`;
  const parsed = parsePlaybook({ id: 'story', text, file: 'story.yaml' });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message, line }) => `${line}: ${message}`).join('\n'));
  const { playbook } = parsed;
  let removed = new Set<string>();
  const actions = { get: (id: string) => (removed.has(id) ? undefined : testActions.get(id)) };
  const clusters = { names: () => [...connected.keys()], get: (name: string) => connected.get(name) };

  const boot = () => {
    const engine: Engine = { store, clock, ids, log: silentLog, clusters, actions, policy: () => policy };
    const loop = startLoop(
      { store, clock, log: silentLog, owner: ids.next() },
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
    connect,
    /** Sets a ConfigMap of the namespace `app`, which the test actions look at. */
    set(
      name: string,
      values: { readonly [name: string]: string },
      { labels = {}, cluster = 'prod' }: { readonly labels?: { readonly [name: string]: string }; readonly cluster?: string } = {},
    ) {
      const { objects } = stageOf.sim(cluster);
      const before = objects.find(CONFIG_MAP, 'app', name);
      if (before === undefined) objects.insert(CONFIG_MAP, { metadata: { namespace: 'app', name, labels }, data: values });
      else objects.replace(CONFIG_MAP, { ...before, data: values });
    },
    unset(name: string) {
      stageOf.sim().objects.remove(CONFIG_MAP, 'app', name);
    },
    /** Starts a run of the playbook; its locks and head are made as the product makes them. */
    async start(
      thing = 'thing',
      {
        more = {},
        by = 'dora',
        locks = [],
      }: { readonly more?: JsonObject; readonly by?: string; readonly locks?: readonly { readonly kind: string; readonly value: string }[] } = {},
    ): Promise<string> {
      const params = { thing, ...more };
      const incident = 'incident/story-1';
      const start = { by: 'person', person: by, surface: 'api', reason: 'a story' } as const;
      const target = { kind: 'Target', value: thing };
      const before = await store.get('prod', `head/none`);
      const started = startRun(
        { playbook, cluster: 'prod', target, locks, params, found: {}, incident, start, nowMs: clock.nowMs(), repeatIntervalMs: 1 },
        { head: { ordinal: before === undefined ? 0 : 1 } },
      );
      if (started.kind !== 'started') throw new Error(started.kind);
      await store.commit({
        partition: 'prod',
        opId: ids.next(),
        guards: [{ is: 'absent', id: started.run.id }],
        changes: [{ do: 'put', id: blobId(playbook.digest), kind: 'blob', value: playbook.text }, ...started.changes],
      });
      await clock.pass(0);
      return started.run.id;
    },
    async run(id: string): Promise<Run> {
      return (await record(id)).value as unknown as Run;
    },
    async state(id: string): Promise<string> {
      return (await stageOf.run(id)).state;
    },
    journal: (id: string): Promise<readonly Entry[]> => store.entries({ partition: 'prod', of: id }),
    /** What the incident was told, as `kind key` for ladders and as text for the timeline. */
    async told(): Promise<readonly IncidentMail[]> {
      return (await store.mail('prod', 'incident/story-1')).map(({ value }) => value as unknown as IncidentMail);
    },
    async pages(): Promise<readonly string[]> {
      return (await stageOf.told()).flatMap((mail) => (mail.kind === 'escalate' ? [mail.reason] : []));
    },
    /** Commits mail to a run, as a press does, and lets the engine read it. */
    async tell(id: string, mail: RunMail): Promise<void> {
      const { seq } = await record(id);
      const result = await store.commit({
        partition: 'prod',
        opId: ids.next(),
        guards: [{ is: 'seq', id, seq }],
        changes: [{ do: 'mail', to: id, key: ids.next(), value: mail }],
      });
      if (result.kind !== 'done') throw new Error(result.kind);
      await clock.pass(0);
    },
    async approve(id: string, by = 'ana', confirmation?: string): Promise<void> {
      const digest = (await stageOf.run(id)).plan?.digest ?? '';
      await stageOf.tell(id, { kind: 'approve', by, plan: digest, surface: 'api', ...(confirmation === undefined ? {} : { confirmation }) });
    },
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
    locks: async (): Promise<readonly string[]> => (await store.list({ partition: 'prod', kind: 'lock', limit: 100 })).records.map(({ id }) => id),
    store: (): Store => store,
  };
  return stageOf;
}
