import { z } from 'zod';
import { canonical, isList, isObject, type Json, type JsonObject, parseJson } from '../model/json.ts';
import { at, textAt, timestamp, type WorldObject } from './object.ts';
import { type Answer, failure } from './status.ts';

/**
 * Who set which field: `metadata.managedFields`, as far as conflicts of server-side apply need it.
 * A list counts as one field, which is coarser than the real server where lists have keys.
 */
type Manager = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fields: ReadonlySet<string>;
};

/** What a manifest in an annotation is. */
const Manifest = z.record(z.string(), z.json());

/** Steps of a path are joined by this; it appears in no field name. */
const JOIN = '\u0000';

const SERVER_FIELDS = new Set(['apiVersion', 'kind', 'status']);
const SERVER_META = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'generateName',
]);

/** Maps that are a field of their own: whoever makes one holds it, too, unless he applies. */
const MAPS = new Set(['data', 'binaryData', 'metadata.labels', 'metadata.annotations']);

/** The map itself among its entries. */
const MAP = '.';

type By = { readonly manager: string; readonly nowMs: number };

/** The object with the fields that a write changed owned by its writer. */
export function recordUpdate(before: WorldObject | undefined, after: WorldObject, { manager, nowMs }: By): WorldObject {
  const old = before === undefined ? new Map<string, string>() : leaves(before);
  const now = leaves(after);
  const changed = new Set([...now].filter(([path, value]) => old.get(path) !== value).map(([path]) => path));
  if (changed.size === 0 && old.size === now.size) return after;
  const others = managersOf(after).map((one) => ({ ...one, fields: new Set([...one.fields].filter((path) => now.has(path) && !changed.has(path))) }));
  const own = others.find((one) => one.manager === manager && one.operation === 'Update');
  const fields = new Set([...(own?.fields ?? []), ...changed]);
  const rest = others.filter((one) => one !== own);
  return withManagers(after, [...rest, { manager, operation: 'Update', apiVersion: after.apiVersion, time: timestamp(nowMs), fields }]);
}

type Applied = { readonly kind: 'applied'; readonly object: WorldObject } | { readonly kind: 'refused'; readonly answer: Answer };

/** Server-side apply onto an existing object, or onto an empty one that the caller made. */
export function applyConfig(before: WorldObject, config: JsonObject, { manager, nowMs, force }: By & { readonly force: boolean }): Applied {
  const wanted = new Map([...leaves(config)].filter(([path]) => !isMap(path)));
  const has = leaves(before);
  const managers = managersOf(before);
  const conflicts: { readonly by: Manager; readonly path: string }[] = [];
  for (const by of managers) {
    if (by.manager === manager && by.operation === 'Apply') continue;
    for (const path of by.fields) if (wanted.has(path) && wanted.get(path) !== has.get(path)) conflicts.push({ by, path });
  }
  const isOwnPast = manager === 'kubectl' && areOfLastApply(before, conflicts);
  if (conflicts.length > 0 && !force && !isOwnPast) return { kind: 'refused', answer: conflictAnswer(conflicts) };

  const own = managers.find((one) => one.manager === manager && one.operation === 'Apply');
  const others = managers
    .filter((one) => one !== own)
    .map((one) => ({ ...one, fields: new Set([...one.fields].filter((path) => !wanted.has(path) || wanted.get(path) === has.get(path))) }));
  const heldByOthers = new Set(others.flatMap((one) => [...one.fields]));
  let object: Json = before;
  // What this manager applied before and leaves out now goes away, unless somebody else holds it, too.
  for (const path of own?.fields ?? []) if (!wanted.has(path) && !heldByOthers.has(path)) object = removeAt(object, path.split(JOIN));
  object = overlay(object, config);
  const fields = new Set(wanted.keys());
  const next = [...others, { manager, operation: 'Apply' as const, apiVersion: before.apiVersion, time: timestamp(nowMs), fields }];
  return {
    kind: 'applied',
    object: withManagers({ ...before, ...(isObject(object) ? object : {}), metadata: { ...before.metadata, ...metaOf(object) } }, next),
  };
}

function metaOf(object: Json): JsonObject {
  const metadata = at(object, 'metadata');
  return isObject(metadata) ? metadata : {};
}

function conflictAnswer(conflicts: readonly { readonly by: Manager; readonly path: string }[]): Answer {
  const named = ({ by }: { readonly by: Manager }): string => `"${by.manager}"${by.operation === 'Update' ? ` using ${by.apiVersion}` : ''}`;
  const dotted = ({ path }: { readonly path: string }): string => `.${path.split(JOIN).join('.')}`;
  const causes = conflicts.map((one) => ({ reason: 'FieldManagerConflict', message: `conflict with ${named(one)}`, field: dotted(one) }));
  const groups = Map.groupBy(conflicts, named);
  const [single] = conflicts;
  const text =
    conflicts.length === 1 && single
      ? `1 conflict: conflict with ${named(single)}: ${dotted(single)}`
      : `${conflicts.length} conflicts: ${[...groups].map(([by, list]) => `conflicts with ${by}:\n${list.map((one) => `- ${dotted(one)}`).join('\n')}`).join('\n')}`;
  return failure({ code: 409, reason: 'Conflict', message: `Apply failed with ${text}`, details: { causes } });
}

/** The fields of an object that somebody can own, as path → canonical value. */
function leaves(object: JsonObject): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: Json | undefined, path: readonly string[]): void => {
    if (isObject(value) && Object.keys(value).length > 0) {
      if (MAPS.has(path.join('.'))) found.set([...path, MAP].join(JOIN), '');
      for (const [name, inner] of Object.entries(value)) {
        if (path.length === 0 && SERVER_FIELDS.has(name)) continue;
        if (path.length === 1 && path[0] === 'metadata' && SERVER_META.has(name)) continue;
        walk(inner, [...path, name]);
      }
    } else if (value !== undefined && path.length > 0) found.set(path.join(JOIN), canonical(value));
  };
  walk(object, []);
  return found;
}

/** Fields that `kubectl apply` without --server-side wrote, by the annotation that it leaves: kubectl may take them over. */
function areOfLastApply({ metadata }: WorldObject, conflicts: readonly { readonly path: string }[]): boolean {
  const text = metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  const last = text === undefined ? undefined : Manifest.safeParse(parseJson(text)).data;
  const fields = leaves(last ?? {});
  return conflicts.every(({ path }) => fields.has(path));
}

function isMap(path: string): boolean {
  return path.endsWith(`${JOIN}${MAP}`);
}

function overlay(target: Json, config: Json | undefined): Json {
  if (!isObject(config)) return config ?? target;
  const merged = new Map<string, Json | undefined>(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(config)) merged.set(name, overlay(merged.get(name) ?? null, value));
  return Object.fromEntries(merged);
}

function removeAt(target: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined || !isObject(target) || !Object.hasOwn(target, name)) return target;
  const entries = new Map(Object.entries(target));
  if (rest.length === 0) entries.delete(name);
  else entries.set(name, removeAt(entries.get(name) ?? null, rest));
  return Object.fromEntries(entries);
}

function managersOf(object: WorldObject): readonly Manager[] {
  const entries = object.metadata['managedFields'];
  if (!isList(entries)) return [];
  return entries.filter(isObject).map((entry) => ({
    manager: textAt(entry, 'manager'),
    operation: entry['operation'] === 'Apply' ? 'Apply' : 'Update',
    apiVersion: textAt(entry, 'apiVersion'),
    time: textAt(entry, 'time'),
    fields: new Set(fieldPaths(entry['fieldsV1'], [])),
  }));
}

function fieldPaths(fields: Json | undefined, path: readonly string[]): readonly string[] {
  if (!isObject(fields) || Object.keys(fields).length === 0) return path.length === 0 ? [] : [path.join(JOIN)];
  return Object.entries(fields).flatMap(([name, inner]) => fieldPaths(inner, [...path, name.replace(/^f:/, '')]));
}

function withManagers(object: WorldObject, managers: readonly Manager[]): WorldObject {
  const managedFields = managers
    .filter((one) => one.fields.size > 0)
    .toSorted((a, b) => compare(a.operation, b.operation) || compare(a.time, b.time) || compare(a.manager, b.manager))
    .map(({ manager, operation, apiVersion, time, fields }) => ({ manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: fieldTree(fields) }));
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function fieldTree(fields: ReadonlySet<string>): JsonObject {
  const groups = Map.groupBy([...fields].sort(), (path) => path.split(JOIN)[0] ?? '');
  const tree = new Map<string, JsonObject>();
  for (const [name, paths] of groups) {
    const inner = paths.map((path) => path.split(JOIN).slice(1)).filter((path) => path.length > 0);
    tree.set(name === MAP ? MAP : `f:${name}`, inner.length === 0 ? {} : fieldTree(new Set(inner.map((path) => path.join(JOIN)))));
  }
  return Object.fromEntries(tree);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
