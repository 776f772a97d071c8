import type { JsonObject } from '../../model/json.ts';
import { theKind } from '../kinds.ts';
import { at, objectAt, patchStatus, textAt, textsAt, timestamp, type WorldObject } from '../object.ts';
import type { ReadScenario } from '../scenario.ts';
import { endingAs, writeFiles } from '../velero/backup-ending.ts';
import { backupContents } from '../velero/contents.ts';
import { BACKUP, LOCATION, SCHEDULE, SCHEDULE_LABEL, STORAGE_LABEL, VERSION } from '../velero/context.ts';
import { cronProblem, lastRunMs } from '../velero/cron.ts';
import { type About, COMPLETED, type Ending, endingFor } from '../velero/failures.ts';
import { makeNamespace } from '../velero/restore-objects.ts';
import { storageError } from '../velero/storage.ts';
import { podVolumeBackups, volumeStatus, volumesOf } from '../velero/volumes.ts';
import type { Place } from './place.ts';

type WantedBackup = NonNullable<ReadScenario['backups']>[number];
type WantedSchedule = NonNullable<ReadScenario['schedules']>[number];

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Velero's server is simulated without a pod: nobody makes one for its Deployment. */
const NO_PODS = 'world.salvor.io/no-pods';
const TTL_MS = 30 * DAY_MS;

/** Velero's own namespace, Deployment and first location. */
export function installVelero({ objects, clock, settings }: Place): void {
  const namespace = settings.veleroNamespace;
  makeNamespace(objects, namespace);
  const labels = { component: 'velero' };
  objects.insert(theKind('apps/v1', 'Deployment'), {
    metadata: { name: 'velero', namespace, labels, annotations: { [NO_PODS]: 'true' }, creationTimestamp: timestamp(clock.nowMs() - 90 * DAY_MS) },
    spec: {
      replicas: 1,
      selector: { matchLabels: { deploy: 'velero' } },
      template: { metadata: { labels: { deploy: 'velero' } }, spec: { containers: [{ name: 'velero', image: `velero/velero:${VERSION}` }] } },
    },
    status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, observedGeneration: 1 },
  });
}

/** Shows in the Deployment whether the server runs. */
export function showServer({ objects, settings }: Pick<Place, 'objects' | 'settings'>, isUp: boolean): void {
  const kind = theKind('apps/v1', 'Deployment');
  const deployment = objects.find(kind, settings.veleroNamespace, 'velero');
  const ready = isUp ? 1 : 0;
  if (deployment === undefined) return;
  const observed = { observedGeneration: deployment.metadata.generation ?? 1, replicas: 1, updatedReplicas: 1 };
  objects.replace(kind, patchStatus(deployment, { ...observed, readyReplicas: ready, availableReplicas: ready, unavailableReplicas: isUp ? undefined : 1 }));
}

/** The storage behind a location changes; what Velero says about it follows at its next look. At the start it is known already. */
export function putStorage(
  { objects, clock, settings, storage }: Place,
  name: string,
  { state, known }: { readonly state: NonNullable<ReadScenario['storage']>[string]; readonly known: boolean },
): void {
  storage.set(name, state);
  const namespace = settings.veleroNamespace;
  const before = objects.find(LOCATION, namespace, name);
  const error = storageError(storage, name, { name: 'ListObjectsV2' });
  const now = timestamp(clock.nowMs());
  const status =
    error === undefined
      ? { phase: 'Available', lastValidationTime: now, lastSyncedTime: now }
      : { phase: 'Unavailable', lastValidationTime: now, message: `BackupStorageLocation "${name}" is unavailable: ${error}` };
  const labels = { component: 'velero' };
  const location =
    before ??
    objects.insert(LOCATION, {
      metadata: { name, namespace, labels, creationTimestamp: timestamp(clock.nowMs() - 90 * DAY_MS) },
      spec: {
        config: { region: 'us-east-1', s3ForcePathStyle: 'true', s3Url: new URL(storage.baseUrl()).origin },
        default: name === 'default',
        objectStorage: { bucket: name === 'default' ? 'velero' : name },
        provider: 'aws',
      },
      status,
    });
  // The mode that nobody set is ReadWrite.
  const { accessMode, ...spec } = objectAt(location, 'spec');
  const changed = {
    ...location,
    spec: { ...spec, ...(state === 'read-only' ? { accessMode: 'ReadOnly' } : accessMode === undefined ? {} : { accessMode: 'ReadWrite' }) },
  };
  objects.replace(LOCATION, known ? { ...changed, status } : changed);
}

export function putSchedule(place: Place, wanted: WantedSchedule): void {
  const { objects, clock, settings } = place;
  const namespace = settings.veleroNamespace;
  const before = objects.find(SCHEDULE, namespace, wanted.name);
  if (wanted.gone === true) {
    objects.remove(SCHEDULE, namespace, wanted.name);
    return;
  }
  const cron = wanted.cron ?? (textAt(before, 'spec', 'schedule') || '0 2 * * *');
  const template = wanted.template ?? objectAt(before, 'spec', 'template');
  for (const name of textsAt(template, 'includedNamespaces')) if (!name.includes('*')) makeNamespace(objects, name);
  const paused = wanted.paused ?? at(before, 'spec', 'paused') === true;
  const spec: JsonObject = { schedule: cron, template, ...(paused ? { paused } : {}) };
  const wrong = cronProblem(cron);
  const newest = objects
    .all(BACKUP, namespace)
    .filter((one) => one.metadata.labels?.[SCHEDULE_LABEL] === wanted.name)
    .map((one) => Date.parse(one.metadata.creationTimestamp));
  const lastMs = wanted.lastBackup === undefined ? Math.max(lastRunMs(cron, clock.nowMs()) ?? 0, ...newest) : clock.nowMs() - wanted.lastBackup;
  const status: JsonObject =
    wrong === undefined
      ? { phase: 'Enabled', ...(lastMs > 0 ? { lastBackup: timestamp(lastMs) } : {}) }
      : { phase: 'FailedValidation', validationErrors: [wrong] };
  if (before === undefined) {
    const age = wanted.age ?? 30 * DAY_MS;
    const labels = wanted.labels === undefined ? {} : { labels: wanted.labels };
    objects.insert(SCHEDULE, { metadata: { name: wanted.name, namespace, creationTimestamp: timestamp(clock.nowMs() - age), ...labels }, spec, status });
    return;
  }
  const kept = wanted.lastBackup === undefined ? {} : { status: { ...objectAt(before, 'status'), lastBackup: timestamp(lastMs) } };
  const { paused: _paused, ...specBefore } = objectAt(before, 'spec');
  objects.replace(SCHEDULE, { ...before, spec: { ...specBefore, ...spec }, ...kept });
}

/** Makes a backup that ran in the past, as Velero left it, with its files in the bucket. */
export function putBackup(place: Place, wanted: WantedBackup): void {
  const { objects, clock, settings, storage } = place;
  const namespace = settings.veleroNamespace;
  const location = wanted.storage ?? 'default';
  const before = objects.find(BACKUP, namespace, wanted.name);
  storage.remove(location, `backups/${wanted.name}/`);
  if (wanted.gone === true) {
    objects.remove(BACKUP, namespace, wanted.name);
    return;
  }

  const phase = wanted.phase ?? 'Completed';
  const madeMs = before === undefined || wanted.ago !== undefined ? clock.nowMs() - (wanted.ago ?? HOUR_MS) : Date.parse(before.metadata.creationTimestamp);
  const takesMs = wanted.takes ?? 60_000;
  const schedule = wanted.schedule === undefined ? undefined : objects.find(SCHEDULE, namespace, wanted.schedule);
  const { metadata: _metadata, ...template } = objectAt(schedule, 'spec', 'template');
  const spec: JsonObject = {
    csiSnapshotTimeout: '10m0s',
    defaultVolumesToFsBackup: false,
    itemOperationTimeout: '4h0m0s',
    snapshotMoveData: false,
    ttl: '720h0m0s',
    ...template,
    ...objectAt(before, 'spec'),
    ...(wanted.namespaces === undefined ? {} : { includedNamespaces: wanted.namespaces }),
    ...wanted.spec,
    storageLocation: location,
  };
  if (wanted.reason !== 'namespace-missing') for (const name of textsAt(spec, 'includedNamespaces')) if (!name.includes('*')) makeNamespace(objects, name);
  const about: About = { name: wanted.name, namespace, location, storage, atMs: madeMs, app: textsAt(spec, 'includedNamespaces')[0] ?? 'gone' };
  const ending = pastEnding(wanted, phase, about);
  const contents = backupContents(objects, spec);
  const volumes = volumesOf(wanted.volumes, spec);
  const labels = {
    ...before?.metadata.labels,
    ...wanted.labels,
    ...(wanted.schedule === undefined ? {} : { [SCHEDULE_LABEL]: wanted.schedule }),
    [STORAGE_LABEL]: location,
  };
  const status = pastStatus(phase, {
    ending,
    madeMs,
    takesMs,
    total: wanted.items ?? contents.length,
    expiresMs: madeMs + (wanted.ttl ?? TTL_MS),
    queued: queued(place),
  });
  const isOver = phase === 'Completed' || phase === 'PartiallyFailed';
  const now = { spec, ...(phase === 'New' ? {} : { status: { ...status, ...(isOver ? volumeStatus(volumes) : {}) } }) };
  const metadata = { name: wanted.name, namespace, creationTimestamp: timestamp(madeMs), labels };
  // One that is there already goes on under its uid: it came to its end.
  const backup: WorldObject =
    before === undefined
      ? objects.insert(BACKUP, { metadata, ...now })
      : objects.replace(BACKUP, { ...before, metadata: { ...before.metadata, ...metadata }, ...now });
  if (isOver) podVolumeBackups({ objects, clock, namespace: () => namespace }, backup, volumes);
  if (isOver && wanted.files !== 'missing') writeFiles({ storage }, backup, { about, ending, contents, volumes });
}

function queued({ objects, settings }: Place): number {
  return objects.all(BACKUP, settings.veleroNamespace).filter((one) => textAt(one, 'status', 'phase') === 'Queued').length + 1;
}

function pastEnding(wanted: WantedBackup, phase: NonNullable<WantedBackup['phase']>, about: About): Ending {
  const own =
    phase === 'Failed' || phase === 'PartiallyFailed'
      ? endingAs(phase, wanted.reason, about)
      : phase === 'FailedValidation'
        ? endingFor(wanted.reason ?? 'validation', about)
        : COMPLETED;
  return { ...own, errors: wanted.errors ?? own.errors, warnings: wanted.warnings ?? own.warnings, log: [...(wanted.log ?? []), ...own.log] };
}

type Past = {
  readonly ending: Ending;
  readonly madeMs: number;
  readonly takesMs: number;
  readonly total: number;
  readonly expiresMs: number;
  readonly queued: number;
};

function pastStatus(phase: string, { ending, madeMs, takesMs, total, expiresMs, queued: queuePosition }: Past): JsonObject {
  const base = { expiration: timestamp(expiresMs), formatVersion: '1.1.0', version: 1, phase };
  const times = { startTimestamp: timestamp(madeMs), completionTimestamp: timestamp(madeMs + takesMs) };
  const progress = total === 0 ? {} : { itemsBackedUp: total, totalItems: total };
  switch (phase) {
    case 'Queued':
      return { phase, queuePosition };
    case 'ReadyToStart':
      return { phase };
    case 'FailedValidation':
      return { ...base, validationErrors: ending.validationErrors ?? [] };
    case 'Failed':
      return { ...base, ...times, failureReason: ending.failureReason };
    case 'Completed':
    case 'PartiallyFailed':
    case 'Deleting': {
      const { errors, warnings, hooks } = ending;
      const hookStatus = hooks === undefined ? {} : { hooksAttempted: hooks.attempted, hooksFailed: hooks.failed };
      return { ...base, ...times, ...(errors === 0 ? {} : { errors }), ...(warnings === 0 ? {} : { warnings }), hookStatus, progress };
    }
    default:
      return { ...base, startTimestamp: timestamp(madeMs), progress: total === 0 ? {} : { itemsBackedUp: Math.floor(total / 3), totalItems: total } };
  }
}
