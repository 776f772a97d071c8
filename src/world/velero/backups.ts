import type { Json, JsonObject } from '../../model/json.ts';
import { theKind } from '../kinds.ts';
import { at, listAt, numberAt, objectAt, patchStatus, textAt, textsAt, timestamp, type WorldObject, withAnnotations, withLabels } from '../object.ts';
import { change } from '../objects.ts';
import { backupContents, resourceList } from './contents.ts';
import { BACKUP, LOCATION, ours, SCHEDULE_LABEL, STORAGE_LABEL, scheduleOf, type Velero } from './context.ts';
import { type About, COMPLETED, type Ending, endingFor, failed, logLine, plainFailure, RESTARTED, unknownLocation } from './failures.ts';
import { storageError, targetKey } from './storage.ts';
import { type BackupVolumes, podVolumeBackups, volumeInfos, volumeStatus, volumesOf } from './volumes.ts';

/** A queued backup that missed its turn is looked at again after this long, unless a new one wakes the queue. */
const QUEUE_LOOK_MS = 60_000;
/** Each step of the way takes a moment. */
const STEP_MS = 50;
/** The plugin tries three times before it says that the storage does not answer. */
const THREE_TRIES_MS = 3000;
const DAY_MS = 86_400_000;
const DEFAULT_TTL_MS = 30 * DAY_MS;

const phaseOf = (backup: WorldObject): string => textAt(backup, 'status', 'phase');

/** The backups of one Velero server: they queue, one runs at a time, and each ends as its scenario and its storage say. */
export type BackupController = { seen(backup: WorldObject): void; started(): void };

export function backupController(velero: Velero): BackupController {
  const { objects, clock, metrics, plan, storage } = velero;
  let looking = false;

  const enqueue = (backup: WorldObject): void => {
    const queued = ours(velero, BACKUP).filter((one) => phaseOf(one) === 'Queued').length;
    change(objects, backup, (now) => patchStatus(now, { phase: 'Queued', queuePosition: queued + 1 }));
    velero.after(STEP_MS, lookAtQueue);
  };

  const lookAtQueue = (): void => {
    const all = ours(velero, BACKUP);
    const waiting = all.filter((one) => phaseOf(one) === 'Queued').sort((a, b) => positionOf(a) - positionOf(b));
    const [first, ...rest] = waiting;
    if (first === undefined) return;
    if (all.some((one) => ['ReadyToStart', 'InProgress'].includes(phaseOf(one)))) {
      if (looking) return;
      looking = true;
      velero.after(QUEUE_LOOK_MS, () => {
        looking = false;
        lookAtQueue();
      });
      return;
    }
    for (const [index, one] of rest.entries()) change(objects, one, (now) => patchStatus(now, { queuePosition: index + 1 }));
    const ready = change(objects, first, (now) => patchStatus(now, { phase: 'ReadyToStart', queuePosition: undefined }));
    if (ready) velero.after(STEP_MS, () => start(ready));
    if (rest.length > 0) velero.after(STEP_MS * 2, lookAtQueue);
  };

  const start = (ready: WorldObject): void => {
    const backup = change(objects, ready, (now) => prepared(velero, now));
    if (backup === undefined || phaseOf(backup) !== 'ReadyToStart') return;
    const schedule = scheduleOf(backup);
    const location = textAt(backup, 'spec', 'storageLocation');
    const about: About = { name: backup.metadata.name, namespace: backup.metadata.namespace ?? '', location, storage, atMs: clock.nowMs() };
    const wrong = problems(velero, backup, location);
    const planned = wrong.length > 0 ? undefined : plannedFor(velero, backup);
    if (wrong.length > 0 || planned?.outcome === 'failed-validation') {
      const validationErrors = wrong.length > 0 ? wrong : (endingFor(planned?.reason ?? 'validation', about).validationErrors ?? []);
      change(objects, backup, (now) => patchStatus(now, { phase: 'FailedValidation', validationErrors }));
      metrics.count('backup_validation_failure_total', schedule);
      metrics.set('backup_last_status', schedule, 0);
      return;
    }
    metrics.count('backup_attempt_total', schedule);
    const running = change(objects, backup, (now) => patchStatus(now, { phase: 'InProgress', startTimestamp: timestamp(clock.nowMs()) }));
    if (running) run(running, { about, planned });
  };

  const run = (backup: WorldObject, { about, planned }: { readonly about: About; readonly planned: Planned }): void => {
    if (plan.stuck || planned?.outcome === 'stuck') return;
    const head = storageError(storage, about.location, { name: 'HeadObject', key: `backups/${about.name}/velero-backup.json` });
    if (head !== undefined) {
      velero.after(THREE_TRIES_MS, () => end(backup, { about, ending: failed(`error checking if backup already exists in object storage: ${head}`) }));
      return;
    }
    if (storage.hasFolder(about.location, `backups/${about.name}/`)) {
      velero.after(STEP_MS, () => end(backup, { about, ending: endingFor('name-taken', about) }));
      return;
    }
    const contents = backupContents(objects, at(backup, 'spec'));
    const total = planned?.items ?? contents.length;
    const takesMs = planned?.takes ?? 1000;
    const ending = plannedEnding(velero, backup, { about, planned });
    if (planned?.reason === 'server-restarted' && planned.outcome === 'failed') {
      velero.after(takesMs / 2, velero.restart);
      return;
    }
    const done = ending.phase === 'Failed' ? Math.floor(total * 0.6) : total;
    change(objects, backup, (now) => patchStatus(now, { progress: progress(0, total) }));
    const steps = Math.min(20, Math.max(1, Math.floor(takesMs / 1000)));
    for (let step = 1; step < steps; step += 1) {
      velero.after(
        (takesMs * step) / steps,
        () => void change(objects, backup, (now) => patchStatus(now, { progress: progress(Math.floor((done * step) / steps), total) })),
      );
    }
    velero.after(takesMs, () => {
      const upload = ending.written
        ? storageError(storage, about.location, { name: 'PutObject', key: `backups/${about.name}/${about.name}.tar.gz` })
        : undefined;
      const volumes = volumesOf(planned?.volumes, at(backup, 'spec'));
      end(backup, { about, ending: upload === undefined ? ending : failed(upload), total, volumes, contents });
    });
  };

  const end = (backup: WorldObject, { about, ending, total = 0, volumes, contents = [] }: End): void => {
    const schedule = scheduleOf(backup);
    if (ending.phase === 'Failed') {
      const done = { phase: 'Failed', failureReason: ending.failureReason, completionTimestamp: timestamp(clock.nowMs()) };
      change(objects, backup, (now) => patchStatus(now, done));
      countEnd(velero, schedule, { ending, seconds: 0, total });
      return;
    }
    const bad = ending.phase === 'PartiallyFailed';
    const closing = change(objects, backup, (now) =>
      patchStatus(now, { phase: bad ? 'FinalizingPartiallyFailed' : 'Finalizing', progress: progress(total, total) }),
    );
    if (closing === undefined) return;
    velero.after(STEP_MS * 4, () => {
      const fields = { ...endingStatus(ending), ...(volumes === undefined ? {} : volumeStatus(volumes)), completionTimestamp: timestamp(clock.nowMs()) };
      const over = change(objects, closing, (now) => patchStatus(now, fields));
      if (over === undefined) return;
      if (volumes) podVolumeBackups(velero, over, volumes);
      writeFiles(velero, over, { about, ending, contents, ...(volumes === undefined ? {} : { volumes }) });
      const seconds = (clock.nowMs() - Date.parse(textAt(over, 'status', 'startTimestamp'))) / 1000;
      countEnd(velero, schedule, { ending, seconds, total });
    });
  };

  return {
    seen(backup) {
      if (['', 'New'].includes(phaseOf(backup))) velero.after(STEP_MS, () => enqueue(backup));
    },
    started() {
      looking = false;
      for (const backup of ours(velero, BACKUP)) {
        const phase = phaseOf(backup);
        if (phase === 'InProgress') {
          change(objects, backup, (now) =>
            patchStatus(now, { phase: 'Failed', failureReason: RESTARTED, completionTimestamp: timestamp(clock.nowMs()), progress: undefined }),
          );
        } else if (phase === 'ReadyToStart') velero.after(STEP_MS, () => start(backup));
        else if (['', 'New'].includes(phase)) velero.after(STEP_MS, () => enqueue(backup));
      }
      velero.after(STEP_MS, lookAtQueue);
    },
  };
}

type Planned = Velero['plan']['next'][number] | undefined;
type End = {
  readonly about: About;
  readonly ending: Ending;
  readonly total?: number;
  readonly volumes?: BackupVolumes;
  readonly contents?: readonly WorldObject[];
};

function positionOf(backup: WorldObject): number {
  return numberAt(backup, 'status', 'queuePosition') ?? 0;
}

/** The first outcome of the plan that is for this backup; it is used up. */
function plannedFor({ plan }: Velero, backup: WorldObject): Planned {
  const index = plan.next.findIndex(
    ({ schedule, name }) =>
      (schedule === undefined || backup.metadata.labels?.[SCHEDULE_LABEL] === schedule) && (name === undefined || backup.metadata.name.startsWith(name)),
  );
  return index < 0 ? undefined : plan.next.splice(index, 1)[0];
}

function plannedEnding({ objects }: Velero, backup: WorldObject, { about, planned }: { readonly about: About; readonly planned: Planned }): Ending {
  const missing = textsAt(backup, 'spec', 'includedNamespaces').find((name) => !name.includes('*') && !hasNamespace(objects, name));
  const isFine = planned === undefined || planned.outcome === 'completed';
  const own = isFine
    ? missing === undefined
      ? COMPLETED
      : endingFor('namespace-missing', { ...about, missing })
    : endingAs(planned.outcome === 'failed' ? 'Failed' : 'PartiallyFailed', planned.reason, about);
  const log = (planned?.log ?? []).map((line) => (line.startsWith('time=') ? line : logLine(about, 'error', { msg: line })));
  return { ...own, errors: planned?.errors ?? own.errors, warnings: planned?.warnings ?? own.warnings, log: [...log, ...own.log] };
}

/** The ending of a named reason, in the phase that is asked for. */
export function endingAs(phase: 'Failed' | 'PartiallyFailed', reason: Parameters<typeof endingFor>[0] | undefined, about: About): Ending {
  const own = reason === undefined ? plainFailure(phase, about) : endingFor(reason, about);
  if (own.phase === phase) return own;
  if (phase === 'Failed') return { ...failed(own.results.errors[0]?.trim() ?? own.validationErrors?.[0] ?? 'the simulated failure'), log: own.log };
  const said = own.failureReason ?? own.validationErrors?.[0] ?? 'the simulated failure';
  return {
    ...plainFailure(phase, about),
    log: [logLine(about, 'error', { msg: 'Error backing up item', error: said })],
    results: { errors: [` error: /${said}`], warnings: [] },
  };
}

function hasNamespace(objects: Velero['objects'], name: string): boolean {
  return objects.find(theKind('v1', 'Namespace'), undefined, name) !== undefined;
}

/** What the server fills in before it starts a backup. */
function prepared(velero: Velero, backup: WorldObject): WorldObject {
  const spec = objectAt(backup, 'spec');
  const usual = ours(velero, LOCATION).find((one) => at(one, 'spec', 'default') === true)?.metadata.name ?? 'default';
  const storageLocation = textAt(spec, 'storageLocation') || usual;
  const ttlMs = goDurationMs(textAt(spec, 'ttl')) ?? DEFAULT_TTL_MS;
  const full: JsonObject = {
    csiSnapshotTimeout: '10m0s',
    defaultVolumesToFsBackup: false,
    itemOperationTimeout: '4h0m0s',
    snapshotMoveData: false,
    ttl: '720h0m0s',
    volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
    ...spec,
    storageLocation,
    ...withSnapshotKindsLeftOut(spec),
  };
  const annotations = {
    'velero.io/resource-timeout': '10m0s',
    'velero.io/source-cluster-k8s-gitversion': 'v1.37.1',
    'velero.io/source-cluster-k8s-major-version': '1',
    'velero.io/source-cluster-k8s-minor-version': '37',
  };
  const status = { expiration: timestamp(velero.clock.nowMs() + ttlMs), formatVersion: '1.1.0', version: 1 };
  return patchStatus(withAnnotations(withLabels({ ...backup, spec: full }, { [STORAGE_LABEL]: storageLocation.slice(0, 63) }), annotations), status);
}

/** Snapshots are Velero's own business: it leaves their kinds out, in the style of filters that the backup uses. */
function withSnapshotKindsLeftOut(spec: JsonObject): JsonObject {
  const contents = 'volumesnapshotcontents.snapshot.storage.k8s.io';
  const snapshots = 'volumesnapshots.snapshot.storage.k8s.io';
  const add = (field: string, ...names: readonly string[]): readonly string[] => [...new Set([...textsAt(spec, field), ...names])];
  const isOld = ['includedResources', 'excludedResources', 'includeClusterResources'].some((field) => spec[field] !== undefined);
  if (isOld) return { excludedResources: add('excludedResources', snapshots, contents) };
  return {
    excludedClusterScopedResources: add('excludedClusterScopedResources', contents),
    excludedNamespaceScopedResources: add('excludedNamespaceScopedResources', snapshots),
  };
}

/** Why a backup may not start; empty: it may. */
function problems(velero: Velero, backup: WorldObject, location: string): readonly string[] {
  const found: string[] = [];
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  if (home === undefined) found.push(unknownLocation(location));
  else if (textAt(home, 'status', 'phase') === 'Unavailable')
    found.push(`backup can't be created because BackupStorageLocation ${location} is in Unavailable status.`);
  else if (textAt(home, 'spec', 'accessMode') === 'ReadOnly')
    found.push(`backup can't be created because backup storage location ${location} is currently in read-only mode`);
  const both = textsAt(backup, 'spec', 'includedNamespaces').filter((name) => textsAt(backup, 'spec', 'excludedNamespaces').includes(name));
  if (both.length > 0) found.push(`Invalid included/excluded namespace lists: excludes list cannot contain an item in the includes list: ${both[0]}`);
  if (at(backup, 'spec', 'labelSelector') !== undefined && listAt(backup, 'spec', 'orLabelSelectors').length > 0) {
    found.push('encountered labelSelector as well as orLabelSelectors in backup spec, only one can be specified');
  }
  return found;
}

function progress(itemsBackedUp: number, totalItems: number): JsonObject {
  return totalItems === 0 ? {} : { ...(itemsBackedUp === 0 ? {} : { itemsBackedUp }), totalItems };
}

function endingStatus({ phase, errors, warnings, hooks, validationErrors, failureReason }: Ending): JsonObject {
  return {
    phase,
    ...(errors === 0 ? {} : { errors }),
    ...(warnings === 0 ? {} : { warnings }),
    ...(validationErrors === undefined ? {} : { validationErrors }),
    ...(failureReason === undefined ? {} : { failureReason }),
    hookStatus: hooks === undefined ? {} : { hooksAttempted: hooks.attempted, hooksFailed: hooks.failed },
  };
}

type Files = { readonly about: About; readonly ending: Ending; readonly contents: readonly WorldObject[]; readonly volumes?: BackupVolumes };

/** Puts a backup's files into the bucket. */
export function writeFiles({ storage }: Pick<Velero, 'storage'>, backup: WorldObject, { about, ending, contents, volumes }: Files): void {
  if (!ending.written) return;
  const put = (kind: string, text: Json | undefined): void => {
    const key = targetKey(kind, about.name);
    if (key !== undefined && text !== undefined) storage.put(about.location, key, typeof text === 'string' ? text : JSON.stringify(text));
  };
  const first = logLine(about, 'info', { msg: 'Setting up backup temp file' });
  put('BackupLog', [first, ...ending.log, logLine(about, 'info', { msg: 'Backed up a total of items' })].map((line) => `${line}\n`).join(''));
  const side = (lines: readonly string[]): Json => (lines.length === 0 ? {} : { velero: lines });
  put('BackupResults', { errors: side(ending.results.errors), warnings: side(ending.results.warnings) });
  put('BackupResourceList', resourceList(contents));
  put('BackupVolumeInfos', volumes === undefined ? [] : volumeInfos(volumes, backup));
  put('BackupItemOperations', []);
  put('BackupContents', [...contents]);
  storage.put(about.location, `backups/${about.name}/velero-backup.json`, JSON.stringify(backup));
}

type Ended = { readonly ending: Ending; readonly seconds: number; readonly total: number };

function countEnd({ metrics }: Velero, schedule: string, { ending, seconds, total }: Ended): void {
  const counter = {
    Completed: 'backup_success_total',
    PartiallyFailed: 'backup_partial_failure_total',
    Failed: 'backup_failure_total',
    FailedValidation: 'backup_validation_failure_total',
  } as const;
  metrics.count(counter[ending.phase], schedule);
  metrics.set('backup_last_status', schedule, ending.phase === 'Completed' ? 1 : 0);
  if (ending.warnings > 0) metrics.count('backup_warning_total', schedule);
  if (ending.phase === 'Failed') return;
  metrics.took(schedule, seconds);
  metrics.set('backup_items_total', schedule, total);
  metrics.set('backup_items_errors', schedule, ending.errors);
  metrics.set('backup_tarball_size_bytes', schedule, 117 + total * 900);
}

/** `720h0m0s` in ms. */
export function goDurationMs(text: string): number | undefined {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text);
  if (!found || text === '') return undefined;
  return (Number(found[1] ?? 0) * 3600 + Number(found[2] ?? 0) * 60 + Number(found[3] ?? 0)) * 1000;
}
