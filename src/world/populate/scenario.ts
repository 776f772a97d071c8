import { SalvorError } from '../../model/error.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { withDefaults } from '../api/defaults.ts';
import { beginDeletion } from '../api/remove.ts';
import { define } from '../definitions.ts';
import { customKind, type Kind, theKind } from '../kinds.ts';
import { putNode } from '../node/nodes.ts';
import { copyOf, objectAt, textAt, timestamp } from '../object.ts';
import type { Objects } from '../objects.ts';
import { mergePatch } from '../patch.ts';
import { toldSeries } from '../prometheus.ts';
import type { ReadScenario } from '../scenario.ts';
import { LOCATION } from '../velero/context.ts';
import { makeNamespace } from '../velero/restore-objects.ts';
import { putClaim } from './claims.ts';
import type { Place } from './place.ts';
import { putPod } from './pods.ts';
import { putBackup, putSchedule, putStorage } from './velero.ts';

const DAY_MS = 86_400_000;

/** Puts a scenario onto a cluster. `isFirst`: it is how the cluster is, not what happens to it. */
export function applyScenario(place: Place, scenario: ReadScenario, isFirst: boolean): void {
  const { objects, faults, settings, plan, storage, velero } = place;
  setTimes(place, scenario);
  for (const one of scenario.namespaces ?? []) putNamespace(place, typeof one === 'string' ? { name: one } : one);
  for (const node of scenario.nodes ?? []) putNode(place, node);
  for (const claim of scenario.claims ?? []) putClaim(place, claim);
  for (const pod of scenario.pods ?? []) putPod(place, pod);
  for (const budget of scenario.budgets ?? []) putBudget(place, budget);
  for (const one of scenario.kinds ?? []) putKind(place, one);
  for (const manifest of scenario.objects ?? []) putManifest(place, manifest);
  for (const path of scenario.remove ?? []) removeAt(place, path);

  if (isFirst && scenario.storage?.['default'] === undefined) putStorage(place, 'default', { state: 'available', known: true });
  for (const [name, state] of Object.entries(scenario.storage ?? {})) {
    putStorage(place, name, { state, known: isFirst || !objects.find(LOCATION, settings.veleroNamespace, name) });
  }
  // A schedule's template is what its backups were made from; its last run is what its backups say.
  for (const schedule of scenario.schedules ?? []) putSchedule(place, schedule);
  for (const backup of scenario.backups ?? []) putBackup(place, backup);

  plan.next.push(...(scenario.next ?? []));
  plan.nextRestores.push(...(scenario.nextRestores ?? []));
  if (scenario.velero?.stuck !== undefined) plan.stuck = scenario.velero.stuck;
  if (scenario.velero?.deletions !== undefined) plan.deletions = scenario.velero.deletions;
  if (scenario.velero?.downloads !== undefined) storage.spoil(scenario.velero.downloads);
  if (scenario.velero?.nodeAgent !== undefined) putNodeAgent(place, scenario.velero.nodeAgent);
  // At first nothing runs yet: the cluster starts its server when all is in place.
  if (!isFirst && scenario.velero?.server === 'up') velero.up();
  if (scenario.velero?.server === 'down') velero.down();
  if (!isFirst && scenario.velero?.server === 'restarted') velero.restart();
  if (!isFirst && scenario.velero?.server === 'wedged') velero.wedge();

  settings.jobs = [...(scenario.jobs ?? []), ...settings.jobs];
  if (scenario.metrics !== undefined) settings.hasPrometheus = scenario.metrics !== 'none';
  if (Array.isArray(scenario.metrics)) for (const { query, samples } of scenario.metrics) settings.series.set(query, toldSeries(samples, place.clock.nowMs()));
  for (const { name, ok, text } of scenario.probes ?? []) settings.probes.set(name, { ok, text: text ?? (ok ? 'answers' : 'does not answer') });
  if (scenario.rights !== undefined) settings.rules = scenario.rights;
  if (scenario.clearFaults === true) faults.clear();
  for (const fault of scenario.faults ?? []) faults.put(fault);
  if (scenario.compact === true) objects.forget();
}

function setTimes({ timing }: Place, { times = {} }: ReadScenario): void {
  const { nodeGrace, podStart, budgetSeen, forceDetach } = times;
  if (nodeGrace !== undefined) timing.nodeGraceMs = nodeGrace;
  if (podStart !== undefined) timing.podStartMs = podStart;
  if (budgetSeen !== undefined) timing.budgetSeenMs = budgetSeen;
  if (forceDetach !== undefined) timing.forceDetachMs = forceDetach;
}

type WantedNamespace = {
  readonly name: string;
  readonly labels?: { readonly [name: string]: string } | undefined;
  readonly annotations?: { readonly [name: string]: string } | undefined;
  readonly gone?: boolean | undefined;
};

function putNamespace({ objects, clock }: Place, { name, labels, annotations, gone }: WantedNamespace): void {
  const kind = theKind('v1', 'Namespace');
  if (gone !== true) makeNamespace(objects, name);
  const namespace = objects.find(kind, undefined, name);
  if (namespace === undefined) return;
  if (gone === true) {
    beginDeletion({ objects, clock }, namespace, { kind });
    return;
  }
  const { metadata } = namespace;
  objects.replace(kind, {
    ...namespace,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...labels },
      ...(annotations === undefined ? {} : { annotations: { ...metadata.annotations, ...annotations } }),
    },
  });
}

function putBudget({ objects, clock }: Place, wanted: NonNullable<ReadScenario['budgets']>[number]): void {
  const kind = theKind('policy/v1', 'PodDisruptionBudget');
  const [namespace = '', name = ''] = wanted.name.split('/');
  makeNamespace(objects, namespace);
  const spec: JsonObject = {
    selector: { matchLabels: wanted.match },
    ...(wanted.minAvailable === undefined ? {} : { minAvailable: wanted.minAvailable }),
    ...(wanted.maxUnavailable === undefined ? {} : { maxUnavailable: wanted.maxUnavailable }),
    ...(wanted.unhealthy === undefined ? {} : { unhealthyPodEvictionPolicy: wanted.unhealthy }),
  };
  const annotations = wanted.observed === false ? { annotations: { 'world.salvor.io/observed': 'false' } } : {};
  const before = objects.find(kind, namespace, name);
  const metadata = { name, namespace, creationTimestamp: timestamp(clock.nowMs() - 30 * DAY_MS), ...annotations };
  const status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
  if (before === undefined) objects.insert(kind, { metadata, spec, status });
  else objects.replace(kind, { ...before, spec });
}

function putNodeAgent({ objects, settings }: Place, runs: boolean): void {
  const kind = theKind('apps/v1', 'DaemonSet');
  const number = runs ? objects.all(theKind('v1', 'Node')).length : 0;
  const before = objects.find(kind, settings.veleroNamespace, 'node-agent');
  if (before) objects.remove(kind, settings.veleroNamespace, 'node-agent');
  if (!runs) return;
  objects.insert(kind, {
    metadata: { name: 'node-agent', namespace: settings.veleroNamespace },
    spec: { selector: { matchLabels: { name: 'node-agent' } } },
    status: { desiredNumberScheduled: number, numberReady: number, numberAvailable: number },
  });
}

type Manifest = NonNullable<ReadScenario['objects']>[number];

function putKind({ objects }: Place, { apiVersion, kind, plural, cluster }: NonNullable<ReadScenario['kinds']>[number]): void {
  define(objects, customKind(apiVersion, kind, { ...(plural === undefined ? {} : { plural }), isNamespaced: cluster !== true, hasStatus: true }));
}

/** The kind of a manifest. A custom one that the cluster does not serve yet is served from now on: of a namespace if this object is in one. */
function servedFor(objects: Objects, { apiVersion, kind, metadata }: Manifest): Kind {
  const found = objects.kinds.of(apiVersion, kind);
  if (found !== undefined) return found;
  const isOfServer = objects.kinds.all().some((one) => !one.custom && one.apiVersion === apiVersion);
  if (isOfServer || !apiVersion.includes('/')) throw new SalvorError('config.invalid', `the simulated cluster has no kind ${apiVersion} ${kind}`);
  const made = customKind(apiVersion, kind, { isNamespaced: metadata['namespace'] !== undefined, hasStatus: true });
  define(objects, made);
  return made;
}

function putManifest({ objects }: Place, manifest: Manifest): void {
  const kind = servedFor(objects, manifest);
  const json: Json = JSON.parse(JSON.stringify(manifest));
  const { name } = manifest.metadata;
  const namespace = kind.namespaced ? textAt(json, 'metadata', 'namespace') || 'default' : undefined;
  if (namespace !== undefined) makeNamespace(objects, namespace);
  const before = objects.find(kind, namespace, name);
  const merged = mergePatch(before ?? {}, json);
  const content: JsonObject = isObject(merged) ? merged : {};
  if (before) objects.replace(kind, { ...before, ...content, metadata: { ...before.metadata, ...objectAt(content, 'metadata') } });
  else
    objects.insert(
      kind,
      withDefaults(kind, { ...copyOf(content), metadata: { ...objectAt(content, 'metadata'), name, ...(namespace === undefined ? {} : { namespace }) } }),
    );
}

function removeAt({ objects, clock }: Place, path: string): void {
  const parts = path.split('/');
  const [kindName, ...rest] = parts;
  const kind = objects.kinds.all().find((one) => one.kind === kindName && one.namespaced === (rest.length === 2));
  const name = rest.at(-1);
  if (kind === undefined || name === undefined)
    throw new SalvorError('config.invalid', `${path} names no object: Kind/namespace/name or Kind/name is expected`);
  const object = objects.find(kind, rest.length === 2 ? rest[0] : undefined, name);
  if (object) beginDeletion({ objects, clock }, object, { kind, graceSeconds: 0 });
}
