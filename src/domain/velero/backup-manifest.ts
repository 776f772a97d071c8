import { canonical, isList, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { MARK, type Manifest } from '../../model/object.ts';
import type { Backup } from './backup.ts';
import { LABEL, labelValue, VELERO_API } from './kinds.ts';
import type { Schedule } from './schedule.ts';

/** What a new backup is made of. */
export type Recipe = { readonly spec: JsonObject; readonly labels: { readonly [name: string]: string } };

/**
 * A schedule's template as `velero backup create --from-schedule` reads it: the template's own labels, else those of the schedule, and the
 * schedule's name. That label makes the backup count for the schedule: it refreshes the metric of its last success, which is meant here.
 * Annotations are not copied: they describe the schedule.
 */
export function recipeOfSchedule(schedule: Schedule): Recipe {
  const { metadata, ...spec } = schedule.template;
  const own = isObject(metadata) ? metadata.labels : undefined;
  return { spec, labels: { ...(isObject(own) ? onlyTexts(own) : schedule.labels), [LABEL.schedule]: labelValue(schedule.name) } };
}

/** The same backup again. The server sets the label of the storage itself. */
export function recipeOfBackup(backup: Backup): Recipe {
  const { [LABEL.storage]: _, ...labels } = backup.labels;
  return { spec: backup.spec, labels };
}

export function backupManifest(of: {
  readonly name: string;
  readonly namespace: string;
  readonly recipe: Recipe;
  readonly stepKey: string;
  readonly run: string;
}): Manifest {
  const { name, namespace, recipe, stepKey, run } = of;
  return {
    apiVersion: VELERO_API,
    kind: 'Backup',
    metadata: { name, namespace, labels: recipe.labels, annotations: { [MARK.step]: stepKey, [MARK.run]: run } },
    spec: recipe.spec,
  };
}

/** Fields that choose what goes into a backup; the others say how, where and for how long. */
const SCOPE = [
  'includedNamespaces',
  'excludedNamespaces',
  'includedResources',
  'excludedResources',
  'includeClusterResources',
  'includedClusterScopedResources',
  'excludedClusterScopedResources',
  'includedNamespaceScopedResources',
  'excludedNamespaceScopedResources',
  'labelSelector',
  'orLabelSelectors',
  'resourcePolicy',
] as const;

/** True where two backups ask for the same objects, so that their counts can be compared. */
export function sameScope(one: JsonObject, other: JsonObject): boolean {
  return SCOPE.every((field) => canonical(asked(one[field])) === canonical(asked(other[field])));
}

/** The server leaves out the kinds of snapshots by itself, in every backup: nobody asked for that. */
function asked(value: Json | undefined): Json {
  if (!isList(value)) return value ?? null;
  const own = value.filter((one) => typeof one !== 'string' || !one.endsWith('.snapshot.storage.k8s.io'));
  return own.length === 0 ? null : own;
}

/** What the velero command line writes for a duration that nobody gave: the server puts its own default in its place, as it did in the one before. */
const NOT_GIVEN = '0s';

/** How a new spec differs from the spec of the backup that failed, one line a field. Fields that the server added to the old one are left out. */
export function specDifferences(before: JsonObject, now: JsonObject): readonly string[] {
  return Object.keys(now)
    .filter((field) => now[field] !== NOT_GIVEN && canonical(asked(now[field])) !== canonical(asked(before[field])))
    .sort()
    .map((field) => `${field}: ${written(now[field])} (the failed one had ${written(before[field])})`);
}

function written(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function onlyTexts(found: JsonObject): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(found).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])));
}
