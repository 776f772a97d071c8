import type { Reread } from '../../../src/ingest/reread.ts';
import type { Episode, Webhook } from '../../../src/model/alert.ts';
import type { Incident } from '../../../src/model/incident.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Run } from '../../../src/model/run.ts';
import { fanOut } from '../../../src/pipeline.ts';
import { silentLog } from '../../../src/port/log.ts';
import { type Commit, INBOX, LEDGER, type RecordKind, type Store } from '../../../src/port/store.ts';
import type { RoutePlaybook } from '../../../src/route/choose.ts';
import { everyNamespace } from '../../../src/route/name-scope.ts';
import type { ClusterSettings, Find, Found, Intake } from '../../../src/run/intake.ts';
import { headOfEnded } from '../../../src/run/start.ts';
import { oracleStore } from '../../../src/store/oracle.ts';
import { type VirtualClock, virtualClock } from '../../../src/world/clock.ts';
import { seededIds } from '../../../src/world/ids.ts';
import { alertsIn, bodyAlert, sampleBody } from '../ingest/samples.ts';
import { AZ_FAILURE, BACKUP_FAILED, NODE_NOT_READY, STORAGE_FULL, sampleRoute } from '../route/samples.ts';

const approval = { need: [], notRequester: false, typedConfirmation: false, withinMs: 900_000, remindMs: 300_000 };
const policy: Policy = {
  people: [],
  roles: {},
  rights: { read: 'everyone', run: [], pause: [], supersede: [], configure: [] },
  approvals: { reversible: approval, destructive: approval, stricter: [], auto: [] },
  ladders: {},
  gates: { blastRadius: {}, windows: [], freezes: [] },
  unrouted: { critical: 'page', warning: 'incident', default: 'count' },
  severities: { critical: 'SEV1', warning: 'SEV2', default: 'SEV3' },
};

export type Scene = {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly intake: Intake;
  readonly counted: Map<string, number>;
  /** Playbooks as they are loaded now. */
  catalog: readonly RoutePlaybook[];
  found: (find: Find) => Promise<Found>;
  reread: () => Promise<Reread | { readonly failed: string }>;
  /** Called before each commit of the pipeline; may throw, as a crash or a broken store does. */
  beforeCommit: (commit: Commit) => Promise<void> | void;
  accept(body: string, more?: Partial<Webhook>): Promise<void>;
  /** Fans out everything that is due. */
  settle(): Promise<void>;
  runs(): Promise<readonly Run[]>;
  incidents(): Promise<readonly Incident[]>;
  episodes(): Promise<readonly Episode[]>;
  mailTo(id: string): Promise<readonly JsonObject[]>;
  ledger(): Promise<{ readonly accepted: number; readonly pending: number; readonly handled: number; readonly quarantined: number }>;
  /** Ends a run as the engine does. */
  end(run: Run, end: 'done' | 'rejected' | 'handed-over'): Promise<void>;
  /** A person closes an incident. */
  close(incident: string): Promise<void>;
};

type SceneOptions = { readonly clusters?: readonly Partial<ClusterSettings>[] };

/** The way from the inbox to queued runs, on a store in memory and a clock that stands still. */
export function intakeScene({ clusters = [{ name: 'prod' }] }: SceneOptions = {}): Scene {
  const clock = virtualClock();
  const base = oracleStore({ clock });
  const counted = new Map<string, number>();
  const ids = seededIds('intake');
  const settings = clusters.map(
    (one): ClusterSettings => ({ name: 'prod', repeatIntervalMs: 4 * 3_600_000, rereads: false, namespaces: everyNamespace, ...one }),
  );
  const store: Store = {
    ...base,
    async commit(commit) {
      await scene.beforeCommit(commit);
      return base.commit(commit);
    },
  };
  const all = async (kind: RecordKind): Promise<readonly Json[]> => {
    const values: Json[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await base.list({ kind, limit: 500, ...(cursor === undefined ? {} : { cursor }) });
      values.push(...page.records.map(({ value }) => value));
      ({ cursor } = page);
    }
    return values;
  };
  const intake: Intake = {
    store,
    clock,
    ids,
    log: silentLog,
    catalog: () => scene.catalog,
    clusters: () => settings,
    policy: () => policy,
    watchdog: () => ({ alertname: 'Watchdog', withinMs: 300_000, ladder: 'watch' }),
    findTargets: (find) => scene.found(find),
    reread: () => scene.reread(),
    happened: (what, alerts) => void counted.set(what, (counted.get(what) ?? 0) + alerts),
  };
  const scene: Scene = {
    clock,
    store: base,
    intake,
    counted,
    catalog: [
      sampleRoute('node-not-ready', NODE_NOT_READY),
      sampleRoute('az-failure', AZ_FAILURE),
      sampleRoute('backup-failed', BACKUP_FAILED),
      sampleRoute('storage-full', STORAGE_FULL),
    ],
    found: () => Promise.resolve([]),
    reread: () => Promise.resolve({ failed: 'not asked for' }),
    beforeCommit: () => {},
    async accept(body, more = {}) {
      await base.accept({ sender: 'loopback', clusters: ['*'], receivedMs: clock.nowMs(), body, alerts: alertsIn(body), ...more });
    },
    async settle() {
      for (;;) {
        const { claimed } = await base.claim({ kinds: ['inbox'], owner: 'me', limit: 500, leaseMs: 6000, inTurnBy: 'sender' });
        if (claimed.length === 0) return;
        await fanOut(intake, claimed);
      }
    },
    runs: async () => (await all('run')) as unknown as readonly Run[],
    incidents: async () => (await all('incident')) as unknown as readonly Incident[],
    episodes: async () => (await all('episode')) as unknown as readonly Episode[],
    mailTo: async (id) => (await base.mail(settings[0]?.name ?? '', id)).map(({ value }) => value as JsonObject),
    async ledger() {
      const [accepted = 0, pending = 0, handled = 0, quarantined = 0] = await base.counts(INBOX, [
        LEDGER.accepted,
        LEDGER.pending,
        LEDGER.handled,
        LEDGER.quarantined,
      ]);
      return { accepted, pending, handled, quarantined };
    },
    async end(run, end) {
      const record = await base.get(run.cluster, run.id);
      if (record === undefined) throw new Error(`no ${run.id}`);
      const ended: Run = { ...run, state: end, endedMs: clock.nowMs() };
      const put = { do: 'put', id: run.id, kind: 'run', indexed: record.indexed, value: ended } as const;
      await base.commit({ partition: run.cluster, opId: ids.next(), guards: [{ is: 'seq', id: run.id, seq: record.seq }], changes: [put, headOfEnded(ended)] });
    },
    async close(incident) {
      const record = await base.get('prod', incident);
      if (record === undefined) throw new Error(`no ${incident}`);
      const put = { do: 'put', id: incident, kind: 'incident', indexed: record.indexed, value: { ...Object(record.value), state: 'closed' } } as const;
      await base.commit({ partition: 'prod', opId: ids.next(), guards: [{ is: 'seq', id: incident, seq: record.seq }], changes: [put] });
    },
  };
  return scene;
}

export const nodeLabels = (node: string): { readonly [name: string]: string } => ({
  alertname: 'KubeNodeNotReady',
  cluster: 'prod',
  node,
  severity: 'warning',
});

const START = '2026-11-21T11:59:00Z';
/** A body in which these nodes are not ready. */
export const nodes = (...names: readonly string[]): string => sampleBody({ alerts: names.map((name) => bodyAlert(nodeLabels(name))) });
export const resolved = (node: string, { startsAt = START, endsAt = '2026-11-21T12:00:00Z' } = {}): string =>
  sampleBody({ alerts: [bodyAlert(nodeLabels(node), { status: 'resolved', startsAt, endsAt })] });
/** A body with one alert that no playbook answers. */
export const plain = (alertname: string, severity: string): string => sampleBody({ alerts: [bodyAlert({ alertname, cluster: 'prod', severity })] });

/** Accepts a body and fans it out. */
export async function told(scene: Scene, body: string): Promise<void> {
  await scene.accept(body);
  await scene.settle();
}

export async function firstRun(scene: Scene): Promise<Awaited<ReturnType<Scene['runs']>>[number]> {
  const [run] = await scene.runs();
  if (run === undefined) throw new Error('no run');
  return run;
}

export async function firstIncident(scene: Scene): Promise<Awaited<ReturnType<Scene['incidents']>>[number]> {
  const [incident] = await scene.incidents();
  if (incident === undefined) throw new Error('no incident');
  return incident;
}
