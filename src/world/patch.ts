import { canonical, isList, isObject, type Json, type JsonObject } from '../model/json.ts';

/** RFC 7386: `null` removes, lists are replaced as a whole. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json | undefined>(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || value === undefined) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

/** The lists that a strategic merge joins by a key instead of replacing them. */
const MERGE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['containers', ['name']],
  ['initContainers', ['name']],
  ['ephemeralContainers', ['name']],
  ['env', ['name']],
  ['volumes', ['name']],
  ['volumeMounts', ['mountPath']],
  ['conditions', ['type']],
  ['addresses', ['type']],
  ['ports', ['containerPort', 'port']],
  ['ownerReferences', ['uid']],
  ['imagePullSecrets', ['name']],
]);

/** Kubernetes' strategic merge for core kinds: lists with a known key are joined by it, `$patch: delete` removes an entry. */
export function strategicPatch(target: Json | undefined, patch: Json, field = ''): Json {
  if (isList(patch)) return strategicList(target, patch, field);
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return without(patch, '$patch');
  const merged = new Map<string, Json | undefined>(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    const deleteFrom = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1];
    if (deleteFrom !== undefined && isList(value)) {
      const from = merged.get(deleteFrom);
      if (isList(from))
        merged.set(
          deleteFrom,
          from.filter((one) => !value.includes(one)),
        );
    } else if (name.startsWith('$')) continue;
    else if (value === null || value === undefined) merged.delete(name);
    else merged.set(name, strategicPatch(merged.get(name), value, name));
  }
  return Object.fromEntries(merged);
}

function strategicList(target: Json | undefined, patch: readonly Json[], field: string): Json {
  // Finalizers are a set of texts that a strategic merge only adds to.
  if (field === 'finalizers' && isList(target)) return [...target, ...patch.filter((one) => !target.includes(one))];
  const first = patch.find(isObject);
  const key = MERGE_KEYS.get(field)?.find((name) => first !== undefined && Object.hasOwn(first, name));
  if (key === undefined || !isList(target)) return patch.filter((one) => !isObject(one) || one['$patch'] === undefined);
  let merged: readonly Json[] = target;
  for (const entry of patch) {
    if (!isObject(entry)) continue;
    const isSame = (one: Json): boolean => isObject(one) && one[key] === entry[key];
    if (entry['$patch'] === 'delete') merged = merged.filter((one) => !isSame(one));
    else if (merged.some(isSame)) merged = merged.map((one) => (isSame(one) ? strategicPatch(one, entry, '') : one));
    else merged = [...merged, entry];
  }
  return merged;
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

type Patched = { readonly kind: 'patched'; readonly value: Json } | { readonly kind: 'failed'; readonly reason: string };

/** RFC 6902. A failing operation leaves everything as it was. */
export function jsonPatch(target: Json, operations: Json): Patched {
  if (!isList(operations)) return { kind: 'failed', reason: 'not a list of operations' };
  let value = target;
  for (const operation of operations) {
    const next = isObject(operation) ? applyOperation(value, operation) : undefined;
    if (next === undefined) return { kind: 'failed', reason: `cannot apply ${JSON.stringify(operation)}` };
    value = next.value;
  }
  return { kind: 'patched', value };
}

type Found = { readonly value: Json };

function applyOperation(target: Json, operation: JsonObject): Found | undefined {
  const path = pointer(operation['path']);
  if (path === undefined) return undefined;
  const from = pointer(operation['from']);
  const value = operation['value'];
  switch (operation['op']) {
    case 'add':
    case 'replace':
      if (value === undefined || (operation['op'] === 'replace' && read(target, path) === undefined)) return undefined;
      return write(target, path, { value, insert: operation['op'] === 'add' });
    case 'remove':
      return write(target, path, undefined);
    case 'test': {
      const found = read(target, path);
      return found !== undefined && canonical(found.value) === canonical(value) ? { value: target } : undefined;
    }
    case 'copy':
    case 'move': {
      const found = from === undefined ? undefined : read(target, from);
      if (found === undefined || from === undefined) return undefined;
      const rest = operation['op'] === 'move' ? write(target, from, undefined) : { value: target };
      return rest && write(rest.value, path, { value: found.value, insert: true });
    }
    default:
      return undefined;
  }
}

function pointer(text: Json | undefined): readonly string[] | undefined {
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) return undefined;
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(target: Json, path: readonly string[]): Found | undefined {
  let here: Json = target;
  for (const name of path) {
    const next: Json | undefined = isList(here) ? here[Number(name)] : isObject(here) && Object.hasOwn(here, name) ? here[name] : undefined;
    if (next === undefined) return undefined;
    here = next;
  }
  return { value: here };
}

type Put = { readonly value: Json; readonly insert: boolean };

function write(target: Json, path: readonly string[], put: Put | undefined): Found | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return put === undefined ? undefined : { value: put.value };
  if (isList(target)) return writeList(target, [name, rest], put);
  if (!isObject(target)) return undefined;
  const entries = new Map(Object.entries(target));
  if (rest.length > 0) {
    const inner = entries.get(name);
    const changed = inner === undefined ? undefined : write(inner, rest, put);
    if (changed === undefined) return undefined;
    entries.set(name, changed.value);
  } else if (put === undefined) {
    if (!entries.delete(name)) return undefined;
  } else entries.set(name, put.value);
  return { value: Object.fromEntries(entries) };
}

function writeList(target: readonly Json[], [name, rest]: readonly [string, readonly string[]], put: Put | undefined): Found | undefined {
  const index = name === '-' ? target.length : Number(name);
  if (!Number.isInteger(index) || index < 0 || index > target.length) return undefined;
  const inner = target[index];
  if (rest.length > 0) {
    const changed = inner === undefined ? undefined : write(inner, rest, put);
    return changed && { value: target.with(index, changed.value) };
  }
  if (put?.insert) return { value: target.toSpliced(index, 0, put.value) };
  if (index === target.length) return undefined;
  return { value: put === undefined ? target.toSpliced(index, 1) : target.with(index, put.value) };
}
