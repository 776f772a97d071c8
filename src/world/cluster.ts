import { canonical } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import type { Server } from './api/context.ts';
import { installDefinitions } from './definitions.ts';
import { type Faults, faultSwitches } from './faults.ts';
import { type Kind, theKind } from './kinds.ts';
import { controlPlane } from './node/control-plane.ts';
import type { PodManners } from './node/kubelet.ts';
import { kubeletsOf, liveView } from './node/kubelets.ts';
import { timingByDefault } from './node/timing.ts';
import { at, textAt, type WorldObject } from './object.ts';
import { type Objects, objectStore } from './objects.ts';
import type { Place, Settings } from './populate/place.ts';
import { applyScenario } from './populate/scenario.ts';
import { installVelero, showServer } from './populate/velero.ts';
import { type Recorded, writeRecord } from './record.ts';
import { readScenario, type Scenario, type StorageState } from './scenario.ts';
import { type ApiServer, apiServer } from './serve.ts';
import type { Plan } from './velero/context.ts';
import { type VeleroMetrics, veleroMetrics } from './velero/metrics.ts';
import { type VeleroServer, veleroServer } from './velero/server.ts';
import { type ObjectStorage, objectStorage } from './velero/storage.ts';

/**
 * One simulated cluster: an API server, nodes, workloads, Velero and its storage as plain objects. It has no sockets, and time passes only
 * by the given clock. `access.ts` talks to it in process, `http.ts` over HTTP.
 */
export type SimulatedCluster = {
  readonly name: string;
  readonly clock: Clock;
  readonly api: ApiServer;
  /** The cluster from inside: what controllers see and write. Writes here are not recorded. */
  readonly objects: Objects;
  readonly faults: Faults;
  readonly storage: ObjectStorage;
  readonly velero: VeleroServer;
  readonly veleroMetrics: VeleroMetrics;
  readonly settings: Settings;
  /** Changes the cluster: what a scenario names happens to it now. Throws `config.invalid`. */
  apply(scenario: Scenario): void;
  /** Writes from outside in order, as `create Backup/velero/daily-retry-3f9a01c2`, `patch Node/w1`, `evict Pod/shop/api-0`. */
  writes(): readonly string[];
  /** Requests that ask and leave nothing behind, and dry runs. */
  probes(): readonly string[];
  /** The same with time, user agent and whether anything changed. */
  record(): { readonly writes: readonly Recorded[]; readonly probes: readonly Recorded[] };
  /** How often a write was taken: 1 is exactly once. */
  count(write: string): number;
  forgetWrites(): void;
  /** All objects by `Kind/namespace/name`, to compare a cluster with itself. */
  snapshot(): ReadonlyMap<string, WorldObject>;
  /** The state of the storage behind a location. */
  storageState(location: string, state: StorageState): void;
};

type ClusterOptions = { readonly name: string; readonly clock: Clock; readonly ids: Ids; readonly scenario?: Scenario };

const BASE_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export function simulatedCluster({ name, clock, ids, scenario: given = {} }: ClusterOptions): SimulatedCluster {
  const scenario = readScenario(given);
  const objects = objectStore({ clock, ids });
  const faults = faultSwitches(clock);
  const record = writeRecord(clock);
  const timing = timingByDefault();
  const kubelets = kubeletsOf({ clock, timing });
  const manners = new Map<string, PodManners>();
  const settings: Settings = {
    veleroNamespace: scenario.velero?.namespace ?? 'velero',
    rules: undefined,
    series: new Map(),
    hasPrometheus: true,
    probes: new Map(),
    jobs: [],
  };
  const plan: Plan = { next: [], nextRestores: [], stuck: false, deletions: 'ok' };
  const storage = objectStorage({ clock, cluster: name });
  const namespace = (): string => settings.veleroNamespace;
  const metrics = veleroMetrics({ objects, namespace });
  const onUp = (isUp: boolean): void => showServer({ objects, settings }, isUp);
  const velero = veleroServer({ clock, ids, objects, storage, metrics, plan, namespace, onUp });
  const place: Place = { objects, clock, ids, kubelets, timing, manners, storage, plan, metrics, velero, faults, settings };

  controlPlane({ objects, clock, ids, kubelets, timing, manners, jobs: () => settings.jobs });
  for (const one of BASE_NAMESPACES) {
    objects.insert(theKind('v1', 'Namespace'), {
      metadata: { name: one, labels: { 'kubernetes.io/metadata.name': one } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  installDefinitions(objects);
  installVelero(place);
  applyScenario(place, { nodes: [{ name: 'w1' }, { name: 'w2' }, { name: 'w3' }], ...scenario }, true);
  if (scenario.velero?.server !== 'down') velero.run();
  else onUp(false);
  if (scenario.velero?.server === 'wedged') velero.wedge();
  // Its pod is made anew where its template changes, as `kubectl rollout restart` changes it.
  objects.onChange(({ type, kind, object, before }) => {
    const isServer = kind === theKind('apps/v1', 'Deployment') && object.metadata.namespace === namespace() && object.metadata.name === 'velero';
    if (isServer && type === 'MODIFIED' && before && canonical(at(before, 'spec', 'template')) !== canonical(at(object, 'spec', 'template'))) velero.restart();
  });

  const server: Server = {
    clock,
    ids,
    objects,
    record,
    rules: () => settings.rules,
    log: (pod, { previous }) => {
      if (!kubelets.answers(textAt(pod, 'spec', 'nodeName'))) return undefined;
      const manner = manners.get(`${pod.metadata.namespace}/${pod.metadata.name}`);
      return (previous ? manner?.previousLog : manner?.log) ?? settings.jobs.find((job) => pod.metadata.name.startsWith(job.name))?.log ?? [];
    },
    view: (object) => liveView(kubelets, object),
  };

  return {
    name,
    clock,
    api: apiServer(server, { clock, faults }),
    objects,
    faults,
    storage,
    velero,
    veleroMetrics: metrics,
    settings,
    apply: (change) => applyScenario(place, readScenario(change), false),
    writes: () => record.writes().map(({ line }) => line),
    probes: () => record.probes().map(({ line }) => line),
    record: () => ({ writes: record.writes(), probes: record.probes() }),
    count: (write) => record.writes().filter(({ line }) => line === write).length,
    forgetWrites: () => record.clear(),
    snapshot: () =>
      new Map(
        objects.kinds
          .all()
          .filter((kind) => !kind.createOnly)
          .flatMap((kind) => objects.all(kind).map((object) => [pathOf(kind, object), object] as const)),
      ),
    storageState: (location, state) => applyScenario(place, { storage: { [location]: state } }, false),
  };
}

function pathOf(kind: Kind, { metadata: { namespace, name } }: WorldObject): string {
  return namespace === undefined ? `${kind.kind}/${name}` : `${kind.kind}/${namespace}/${name}`;
}
