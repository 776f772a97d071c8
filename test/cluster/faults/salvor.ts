import { makeCatalog } from '../../../src/action/catalog.ts';
import { buildApp } from '../../../src/app.ts';
import { printRun } from '../../../src/cli/show.ts';
import { loadSite, NOTHING_OWN } from '../../../src/config.ts';
import { openCluster } from '../../../src/kube/open-cluster.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { type Clock, systemClock } from '../../../src/port/clock.ts';
import type { Caller } from '../../../src/port/commands.ts';
import { systemIds } from '../../../src/port/ids.ts';
import type { LogFacts } from '../../../src/port/log.ts';
import type { RunView } from '../../../src/port/view/run.ts';
import { rehearsalConfig } from '../../../src/rehearse/site.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { recordingChat, recordingPager } from '../../../src/world/people.ts';
import { until } from '../../e2e/stage/until.ts';
import { testActions } from '../../scenario/engine/actions.ts';
import { playbookOf } from '../../scenario/scene.ts';
import { auditedWrites } from '../audit.ts';
import type { Cluster } from '../cluster.ts';
import { openWay, USER } from './way.ts';

const ANA: Caller = { person: 'ana', rights: ['read', 'run', 'pause', 'supersede', 'configure'], surface: 'cli' };

const shipped = await loadSite(NOTHING_OWN);
const TEST_ACTIONS = ['test.look', 'test.ready', 'test.write', 'test.begin', 'test.set', 'test.flip'];
const catalog = makeCatalog([...shipped.catalog.all(), ...TEST_ACTIONS.flatMap((id) => testActions.get(id) ?? [])]);

export type SalvorOptions = {
  /** Playbooks beside the shipped ones, by id. */
  readonly playbooks?: { readonly [id: string]: string };
  /** Actions that may start by themselves. */
  readonly auto?: string[];
  /** The clock of what is between us and the cluster. */
  readonly clock?: Clock;
  readonly deadlines?: { readonly requestMs: number; readonly listMs: number };
};

/** The whole application in this process, on a store in memory and the real clock, beside a real cluster and with a proxy in between. */
export type Salvor = Awaited<ReturnType<typeof openSalvor>>;

export async function openSalvor(cluster: Cluster, { playbooks = {}, auto = [], clock = systemClock, deadlines }: SalvorOptions = {}) {
  const { proxy, kubeconfig, useToken } = await openWay(cluster);
  const lines: string[] = [];
  const note =
    (level: string) =>
    (name: string, facts: LogFacts = {}): void =>
      void lines.push(`${level} ${name} ${JSON.stringify(facts)}`);
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const adapter = await openCluster({
    name: 'prod',
    kubeconfig,
    clock,
    log,
    userAgent: 'salvor/test',
    ...(deadlines === undefined ? {} : { deadlines }),
  });
  const pager = recordingPager({ clock: systemClock });
  const own = Object.entries(playbooks).map(([id, text]) => playbookOf(id, text));
  const app = buildApp({
    settings: { config: rehearsalConfig({ auto }), site: { catalog, playbooks: [...shipped.playbooks, ...own] } },
    store: oracleStore({ clock: systemClock }),
    clock: systemClock,
    ids: systemIds,
    log,
    clusters: { names: () => ['prod'], get: (name) => (name === 'prod' ? adapter : undefined) },
    chat: recordingChat({ clock: systemClock }),
    pager,
    reread: async () => ({ failed: 'there is no Alertmanager' }),
  });
  await app.start();
  const { commands } = app;

  const salvor = {
    proxy,
    adapter,
    log: (): readonly string[] => lines,
    start: async (playbook: string, params: JsonObject): Promise<string> => (await commands.startRun(ANA, { playbook, params, reason: 'it is time' })).run,
    run: (id: string): Promise<RunView> => commands.run(ANA, id),
    /** Until the run is so; what it looks like then, and in the message of a failure. */
    async when(id: string, what: string, is: (run: RunView) => boolean, withinMs = 45_000): Promise<RunView> {
      const run = await until(
        what,
        async () => {
          const seen = await salvor.run(id);
          if (is(seen) || seen.endedAt !== undefined) return seen;
          throw new Error(`not yet:\n${textOf(seen)}`);
        },
        { withinMs },
      );
      if (!is(run)) throw new Error(`the run ended before this was so: ${what}\n${textOf(run)}`);
      return run;
    },
    state: (id: string, state: RunView['state'], withinMs?: number): Promise<RunView> =>
      salvor.when(id, `the run is ${state}`, (run) => run.state === state, withinMs),
    /** Until a run has said that something is in its way. */
    trouble: (id: string): Promise<RunView> => salvor.when(id, 'its trouble is told', ({ journal }) => journal.some(({ type }) => type === 'run.trouble')),
    /** Until a watch of this resource is open. */
    watches: (plural: string): Promise<boolean> =>
      until(`a watch of ${plural} is open`, () => proxy.seen.some(({ path, isWatch }) => isWatch && path.includes(`/${plural}?`))),
    approve: async (id: string): Promise<void> => {
      const { digest = '' } = await salvor.state(id, 'proposed');
      await commands.approve(ANA, id, { plan: digest });
    },
    cancel: (id: string) => commands.cancel(ANA, id, { reason: 'enough' }),
    /** What `salvor show --all` prints. */
    show: async (id: string): Promise<string> => textOf(await salvor.run(id)),
    /** Who is woken hears this. */
    paged: (): Promise<string> => until('somebody is paged', () => pager.pages().find(({ action }) => action === 'trigger')?.summary),
    /** A new token in the kubeconfig, as whoever rotates it does. */
    useToken,
    /** What the API server itself says that Salvor wrote, but for the questions that it asks Velero. */
    writes: (): readonly string[] => auditedWrites(cluster, USER),
    async close(): Promise<void> {
      await app.stop();
      await adapter.close();
      await proxy.close();
    },
  };
  return salvor;
}

function textOf(run: RunView): string {
  let text = '';
  printRun({ stdout: (more) => (text += more), stderr: () => undefined }, run, { nowMs: systemClock.nowMs(), all: true });
  return text;
}
