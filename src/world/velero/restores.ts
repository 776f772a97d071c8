import { isList, isObject, type Json } from '../../model/json.ts';
import { kindOf, theKind } from '../kinds.ts';
import { at, type Draft, numberAt, objectAt, patchStatus, textAt, texts, textsAt, timestamp, type WorldObject } from '../object.ts';
import { change, type Objects } from '../objects.ts';
import { BACKUP, LOCATION, ours, RESTORE, SCHEDULE_LABEL, scheduleOf, type Velero } from './context.ts';
import { logLine } from './failures.ts';
import { storageError, targetKey } from './storage.ts';

const STEP_MS = 100;
const RESTARTED = 'found a restore with status "InProgress" during the server starting, mark it as "Failed"';
const NEVER_RESTORED = [
  'nodes',
  'events',
  'events.events.k8s.io',
  'backups.velero.io',
  'restores.velero.io',
  'resticrepositories.velero.io',
  'csinodes.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'backuprepositories.velero.io',
];

/** Restores: what a backup holds is made again, into the namespaces that the mapping says; what exists is left or patched. */
export type RestoreController = { seen(restore: WorldObject): void; started(): void };

export function restoreController(velero: Velero): RestoreController {
  const { objects, clock, metrics, plan, storage } = velero;
  const now = (): string => timestamp(clock.nowMs());

  const begin = (restore: WorldObject): void => {
    const backup = backupFor(velero, restore);
    const wrong = problem(velero, restore, backup);
    if (wrong !== undefined || backup === undefined) {
      change(objects, restore, (one) => patchStatus(one, { phase: 'FailedValidation', validationErrors: [wrong ?? ''] }));
      metrics.count('restore_validation_failed_total', backup === undefined ? '' : scheduleOf(backup));
      return;
    }
    const schedule = scheduleOf(backup);
    metrics.count('restore_attempt_total', schedule);
    const running = change(objects, restore, (one) => {
      const spec = {
        itemOperationTimeout: '4h0m0s',
        ...objectAt(one, 'spec'),
        backupName: backup.metadata.name,
        excludedResources: [...new Set([...textsAt(one, 'spec', 'excludedResources'), ...NEVER_RESTORED])],
      };
      const finalizers = ['restores.velero.io/external-resources-finalizer'];
      return patchStatus({ ...one, spec, metadata: { ...one.metadata, finalizers } }, { phase: 'InProgress', startTimestamp: now() });
    });
    const planned = plan.nextRestores.shift();
    if (running === undefined || plan.stuck || planned?.outcome === 'stuck') return;
    const location = textAt(backup, 'spec', 'storageLocation') || 'default';
    const key = `backups/${backup.metadata.name}/${backup.metadata.name}.tar.gz`;
    const broken = storageError(storage, location, { name: 'GetObject', key });
    const contents = readContents(storage.get(location, key));
    velero.after(planned?.takes ?? 1000, () => {
      const missing =
        contents === undefined
          ? `rpc error: code = Unknown desc = error getting object ${key}: operation error S3: GetObject, https response error StatusCode: 404, RequestID: WCM82M1HBT41L65E, HostID: CYxG+1iq4Tzh2LDq7hpye3odypK0Ji341dgIzEty8agZPuUh, NoSuchKey: The specified key does not exist.`
          : undefined;
      const reason = broken ?? missing;
      if (reason !== undefined || planned?.outcome === 'failed') {
        const failureReason = `restore execution failed: error downloading backup: error copying Backup to temp file: ${reason ?? 'the simulated failure'}`;
        change(objects, running, (one) => patchStatus(one, { phase: 'Failed', failureReason, completionTimestamp: now() }));
        metrics.count('restore_failed_total', schedule);
        return;
      }
      const brought = planned?.outcome === 'empty' ? { restored: 0, warnings: [] } : bringBack(objects, running, { backup, contents: contents ?? [] });
      finish(running, {
        schedule,
        location,
        brought,
        errors: planned?.outcome === 'partially-failed' ? (planned.errors ?? 1) : 0,
        extraWarnings: planned?.warnings ?? 0,
      });
    });
  };

  type Finish = { readonly schedule: string; readonly location: string; readonly brought: Brought; readonly errors: number; readonly extraWarnings: number };
  const finish = (running: WorldObject, { schedule, location, brought, errors, extraWarnings }: Finish): void => {
    const { restored, warnings } = brought;
    const bad = errors > 0;
    const said = bad ? Array.from({ length: errors }, (_, index) => `error restoring configmaps/app/cfg-${index}: the simulated failure of one object`) : [];
    const counted = warnings.length + extraWarnings;
    const progress = { itemsRestored: restored, totalItems: restored };
    const closing = change(objects, running, (one) => patchStatus(one, { phase: bad ? 'FinalizingPartiallyFailed' : 'Finalizing', progress }));
    if (closing === undefined) return;
    velero.after(STEP_MS, () => {
      const name = running.metadata.name;
      const byNamespace = [...Map.groupBy(warnings, ([namespace]) => namespace)].map(([namespace, list]) => [namespace, list.map(([, text]) => text)] as const);
      const results = { errors: bad ? { velero: said } : {}, warnings: warnings.length === 0 ? {} : { namespaces: Object.fromEntries(byNamespace) } };
      const about = { name, namespace: velero.namespace(), atMs: clock.nowMs() };
      storage.put(location, targetKey('RestoreResults', name) ?? '', JSON.stringify(results));
      storage.put(
        location,
        targetKey('RestoreLog', name) ?? '',
        `${logLine(about, 'info', { msg: 'starting restore' })}\n${said.map((error) => `${logLine(about, 'error', { msg: 'error restoring', error })}\n`).join('')}`,
      );
      const status = {
        phase: bad ? 'PartiallyFailed' : 'Completed',
        hookStatus: {},
        completionTimestamp: now(),
        ...(counted === 0 ? {} : { warnings: counted }),
        ...(bad ? { errors } : {}),
      };
      change(objects, closing, (one) => patchStatus(one, status));
      metrics.count(bad ? 'restore_partial_failure_total' : 'restore_success_total', schedule);
    });
  };

  return {
    seen(restore) {
      if (['', 'New'].includes(textAt(restore, 'status', 'phase'))) velero.after(STEP_MS, () => begin(restore));
    },
    started() {
      for (const restore of ours(velero, RESTORE)) {
        const phase = textAt(restore, 'status', 'phase');
        if (phase === 'InProgress' && !velero.wasRunning)
          change(objects, restore, (one) => patchStatus(one, { phase: 'Failed', failureReason: RESTARTED, completionTimestamp: now() }));
        else if (['', 'New'].includes(phase)) velero.after(STEP_MS, () => begin(restore));
      }
    },
  };
}

/** The backup that a restore names, or the newest complete one of the schedule that it names. */
function backupFor(velero: Velero, restore: WorldObject): WorldObject | undefined {
  const name = textAt(restore, 'spec', 'backupName');
  if (name !== '') return velero.objects.find(BACKUP, velero.namespace(), name);
  const schedule = textAt(restore, 'spec', 'scheduleName');
  const complete = ours(velero, BACKUP).filter((one) => one.metadata.labels?.[SCHEDULE_LABEL] === schedule && textAt(one, 'status', 'phase') === 'Completed');
  return complete.sort((a, b) => textAt(b, 'status', 'startTimestamp').localeCompare(textAt(a, 'status', 'startTimestamp')))[0];
}

function problem(velero: Velero, restore: WorldObject, backup: WorldObject | undefined): string | undefined {
  const name = textAt(restore, 'spec', 'backupName');
  const policy = textAt(restore, 'spec', 'existingResourcePolicy');
  if (backup === undefined) {
    return name === ''
      ? 'No backups found for schedule'
      : `Error retrieving backup: can't find backup ${velero.namespace()}/${name}: Backup.velero.io "${name}" not found`;
  }
  if (policy !== '' && policy !== 'none' && policy !== 'update') return `Invalid ExistingResourcePolicy: ${policy}`;
  const location = textAt(backup, 'spec', 'storageLocation') || 'default';
  const home = ours(velero, LOCATION).find((one) => one.metadata.name === location);
  return textAt(home, 'status', 'phase') === 'Unavailable' ? `The BSL ${location} is unavailable, cannot retrieve the backup` : undefined;
}

function readContents(text: string | undefined): readonly WorldObject[] | undefined {
  if (text === undefined) return undefined;
  const read: Json = JSON.parse(text);
  return isList(read) ? read.filter(isWorldObject) : [];
}

function isWorldObject(value: Json): value is WorldObject {
  return isObject(value) && textAt(value, 'kind') !== '' && textAt(value, 'metadata', 'name') !== '';
}

type Brought = { readonly restored: number; readonly warnings: readonly (readonly [namespace: string, text: string])[] };
type From = { readonly backup: WorldObject; readonly contents: readonly WorldObject[] };

/** Makes the objects of a backup, namespaces first. */
function bringBack(objects: Objects, restore: WorldObject, { backup, contents }: From): Brought {
  const mapping = new Map(Object.entries(texts(at(restore, 'spec', 'namespaceMapping'))));
  const included = textsAt(restore, 'spec', 'includedNamespaces').filter((one) => one !== '*');
  const kinds = textsAt(restore, 'spec', 'includedResources').filter((one) => one !== '*');
  const labels = { 'velero.io/backup-name': backup.metadata.name, 'velero.io/restore-name': restore.metadata.name };
  const update = textAt(restore, 'spec', 'existingResourcePolicy') === 'update';
  const warnings: (readonly [string, string])[] = [];
  let restored = 0;
  for (const object of contents) {
    const kind = kindOf(object.apiVersion, object.kind);
    const source = object.kind === 'Namespace' ? object.metadata.name : (object.metadata.namespace ?? '');
    if (kind === undefined || (included.length > 0 && !included.includes(source))) continue;
    if (object.kind !== 'Namespace' && kinds.length > 0 && !kinds.some((one) => [kind.plural, `${kind.plural}.${kind.group}`].includes(one))) continue;
    // A finished pod or job is not brought back.
    if (['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase')) || (numberAt(object, 'status', 'succeeded') ?? 0) > 0) continue;
    const target = mapping.get(source) ?? source;
    const draft = anew(object, { target, labels });
    makeNamespace(objects, target);
    restored += 1;
    const there = objects.find(kind, draft.metadata.namespace, draft.metadata.name);
    if (there === undefined) objects.insert(kind, draft);
    else if (update && object.kind !== 'Namespace')
      objects.replace(kind, { ...there, ...withoutMeta(draft), metadata: { ...there.metadata, labels: { ...there.metadata.labels, ...labels } } });
    else if (object.kind !== 'Namespace')
      warnings.push([
        target,
        `could not restore, ${object.kind} "${object.metadata.name}" already exists. Warning: the in-cluster version is different than the backed-up version`,
      ]);
  }
  return { restored, warnings };
}

function anew(object: WorldObject, { target, labels }: { readonly target: string; readonly labels: { readonly [name: string]: string } }): Draft {
  const { name, annotations } = object.metadata;
  const isNamespace = object.kind === 'Namespace';
  const metadata = {
    name: isNamespace ? target : name,
    labels: { ...object.metadata.labels, ...labels },
    ...(annotations === undefined ? {} : { annotations }),
    ...(isNamespace ? {} : { namespace: target }),
  };
  if (isNamespace)
    return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': target } }, status: { phase: 'Active' } };
  if (object.kind !== 'Pod') return { ...object, metadata };
  const { nodeName: _node, ...spec } = objectAt(object, 'spec');
  return { ...object, metadata, spec, status: { phase: 'Pending' } };
}

function withoutMeta({ metadata: _metadata, status: _status, ...rest }: Draft): { readonly [field: string]: Json | undefined } {
  return rest;
}

/** The namespace that objects come into, made where it is missing. */
export function makeNamespace(objects: Objects, name: string): void {
  const kind = theKind('v1', 'Namespace');
  if (objects.find(kind, undefined, name)) return;
  objects.insert(kind, {
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
}
