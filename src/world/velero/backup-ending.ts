import type { Json, JsonObject } from '../../model/json.ts';
import { theKind } from '../kinds.ts';
import { textsAt, type WorldObject } from '../object.ts';
import { resourceList } from './contents.ts';
import { SCHEDULE_LABEL, type Velero } from './context.ts';
import { type About, COMPLETED, type Ending, endingFor, failed, logLine, plainFailure } from './failures.ts';
import { targetKey } from './storage.ts';
import { type BackupVolumes, volumeInfos } from './volumes.ts';

/** What the scenario plans for a backup; undefined: it completes. */
export type Planned = Velero['plan']['next'][number] | undefined;

/** The first outcome of the plan that is for this backup; it is used up. */
export function plannedFor({ plan }: Velero, backup: WorldObject): Planned {
  const index = plan.next.findIndex(
    ({ schedule, name }) =>
      (schedule === undefined || backup.metadata.labels?.[SCHEDULE_LABEL] === schedule) && (name === undefined || backup.metadata.name.startsWith(name)),
  );
  return index < 0 ? undefined : plan.next.splice(index, 1)[0];
}

/** How a backup will end: as planned, or by what is missing in the cluster. */
export function plannedEnding({ objects }: Velero, backup: WorldObject, { about, planned }: { readonly about: About; readonly planned: Planned }): Ending {
  const missing = textsAt(backup, 'spec', 'includedNamespaces').find((name) => !name.includes('*') && !hasNamespace(objects, name));
  const isFine = planned === undefined || planned.outcome === 'completed';
  const own = isFine
    ? missing === undefined
      ? COMPLETED
      : endingFor('namespace-missing', { ...about, app: missing })
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

/** What a Backup's status counts from the moment it is written to the storage. */
export function endingCounts({ errors, warnings, hooks }: Ending): JsonObject {
  return {
    ...(errors === 0 ? {} : { errors }),
    ...(warnings === 0 ? {} : { warnings }),
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
  const { results, warned } = ending;
  const side = (lines: readonly string[], of?: string): Json =>
    lines.length === 0 ? {} : of === undefined ? { velero: lines } : { namespaces: { [of]: lines } };
  put('BackupResults', { errors: side(results.errors), warnings: side(results.warnings, warned) });
  put('BackupResourceList', resourceList(contents));
  put('BackupVolumeInfos', volumes === undefined ? [] : volumeInfos(volumes, backup));
  put('BackupItemOperations', []);
  // What has no snapshots of its own has a list all the same.
  put('BackupVolumeSnapshots', null);
  storage.put(about.location, `backups/${about.name}/${about.name}-podvolumebackups.json.gz`, 'null');
  put('BackupContents', [...contents]);
  storage.put(about.location, `backups/${about.name}/velero-backup.json`, JSON.stringify(backup));
}

type Ended = { readonly ending: Ending; readonly seconds: number; readonly total: number };

/** Counts an ending in Velero's metrics. */
export function countEnd({ metrics, clock }: Velero, schedule: string, { ending, seconds, total }: Ended): void {
  const counter = {
    Completed: 'backup_success_total',
    PartiallyFailed: 'backup_partial_failure_total',
    Failed: 'backup_failure_total',
    FailedValidation: 'backup_validation_failure_total',
  } as const;
  metrics.count(counter[ending.phase], schedule);
  metrics.set('backup_last_status', schedule, ending.phase === 'Completed' ? 1 : 0);
  if (ending.phase === 'Failed') return;
  if (ending.phase === 'Completed') metrics.set('backup_last_successful_timestamp', schedule, Math.floor(clock.nowMs() / 1000));
  if (ending.warnings > 0) metrics.count('backup_warning_total', schedule);
  metrics.took(schedule, Math.floor(seconds));
  metrics.set('backup_items_total', schedule, total);
  metrics.set('backup_items_errors', schedule, ending.errors);
  metrics.set('backup_tarball_size_bytes', schedule, 117 + total * 900);
}
