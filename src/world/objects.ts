import { isList, isObject, type Json } from '../model/json.ts';
import type { Clock } from '../port/clock.ts';
import type { Ids } from '../port/ids.ts';
import { uuid } from './ids.ts';
import { type Catalog, catalog, type Index } from './index-of.ts';
import type { Kind } from './kinds.ts';
import { type Draft, timestamp, type WorldObject } from './object.ts';
import { sameJson } from './same.ts';
import { type ServedKinds, servedKinds } from './served-kinds.ts';
import { type Shelf, shelf } from './shelf.ts';

/** One step of the cluster's history. `before` is the object as it was. */
export type Change = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: Kind;
  readonly object: WorldObject;
  readonly before?: WorldObject;
  readonly version: number;
};

/**
 * The cluster's objects with one global resourceVersion, and their history for watches.
 * Knows nothing of requests, rights or controllers; all of them write through it.
 */
export type Objects = {
  readonly kinds: ServedKinds;
  /** The newest resourceVersion. */
  version(): number;
  /** Changes up to this version are forgotten: a watch from before it is expired. */
  forgottenUntil(): number;
  find(kind: Kind, namespace: string | undefined, name: string): WorldObject | undefined;
  /** Sorted by namespace and name, as a list is. */
  all(kind: Kind, namespace?: string): readonly WorldObject[];
  /** What an index has under a key, in the order in which it came there. */
  pick(index: Index, key: string): readonly WorldObject[];
  insert(kind: Kind, draft: Draft): WorldObject;
  /** Puts a new state of an object. The same state changes nothing and answers the old one. */
  replace(kind: Kind, object: WorldObject): WorldObject;
  remove(kind: Kind, namespace: string | undefined, name: string): WorldObject | undefined;
  /** The kept changes after a version, oldest first. */
  since(version: number): readonly Change[];
  /** Calls back for every change, in order, also for changes that a callback makes. The answer stops it. */
  onChange(callback: (change: Change) => void): () => void;
  /** How many are called back: an open watch that nobody closes shows here. */
  listeners(): number;
  /** Forgets the history up to now, as a compaction does. */
  forget(): void;
};

type ObjectsOptions = {
  readonly clock: Clock;
  readonly ids: Ids;
  /** How many changes are kept. */
  readonly keep?: number;
};

export function objectStore({ clock, ids, keep = 1000 }: ObjectsOptions): Objects {
  const shelves = new Map<Kind, Shelf>();
  const catalogs = new Map<Index, Catalog>();
  const callbacks = new Set<(change: Change) => void>();
  const queue: Change[] = [];
  let history: Change[] = [];
  let version = 100;
  let forgotten = version;
  let telling = false;

  const shelfOf = (kind: Kind): Shelf => {
    let found = shelves.get(kind);
    if (found === undefined) shelves.set(kind, (found = shelf()));
    return found;
  };
  const catalogOf = (index: Index): Catalog => {
    let found = catalogs.get(index);
    if (found !== undefined) return found;
    catalogs.set(index, (found = catalog(index)));
    for (const [kind, one] of shelves) for (const object of one.all()) found.put(kind, undefined, object);
    return found;
  };

  const record = (change: Change): void => {
    const { type, kind, object, before } = change;
    for (const one of catalogs.values()) one.put(kind, before, type === 'DELETED' ? undefined : object);
    history.push(change);
    if (history.length > keep * 2) {
      forgotten = history[history.length - keep - 1]?.version ?? forgotten;
      history = history.slice(-keep);
    }
    queue.push(change);
    if (telling) return;
    telling = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) for (const callback of callbacks) callback(next);
    } finally {
      telling = false;
    }
  };

  return {
    kinds: servedKinds(),
    version: () => version,
    forgottenUntil: () => forgotten,
    find: (kind, namespace, name) => shelfOf(kind).get(kind.namespaced ? namespace : undefined, name),
    all: (kind, namespace) => shelfOf(kind).all(namespace),
    pick: (index, key) => catalogOf(index).pick(key),
    insert(kind, draft) {
      version += 1;
      const { name, namespace, ...rest } = draft.metadata;
      const object: WorldObject = {
        ...draft,
        apiVersion: kind.apiVersion,
        kind: kind.kind,
        metadata: {
          // A draft may bring its uid and times along: a scenario tells of objects that were made long ago.
          creationTimestamp: timestamp(clock.nowMs()),
          uid: uuid(ids.next()),
          ...(kind.generation === 'none' ? {} : { generation: 1 }),
          ...rest,
          name,
          ...(namespace === undefined ? {} : { namespace }),
          resourceVersion: String(version),
        },
      };
      shelfOf(kind).put(object);
      record({ type: 'ADDED', kind, object, version });
      return object;
    },
    replace(kind, object) {
      const { name, namespace } = object.metadata;
      const before = shelfOf(kind).get(namespace, name);
      if (before === undefined) throw new Error(`${kind.kind} ${name} is gone`);
      if (isSame(before, object)) return before;
      version += 1;
      const grown = before.metadata.generation !== undefined && bodyChanged(kind, before, object);
      const next: WorldObject = {
        ...object,
        metadata: {
          ...object.metadata,
          ...(before.metadata.generation === undefined ? {} : { generation: before.metadata.generation + (grown ? 1 : 0) }),
          resourceVersion: String(version),
        },
      };
      shelfOf(kind).put(next);
      record({ type: 'MODIFIED', kind, object: next, before, version });
      return next;
    },
    remove(kind, namespace, name) {
      const before = shelfOf(kind).get(kind.namespaced ? namespace : undefined, name);
      if (before === undefined) return undefined;
      version += 1;
      shelfOf(kind).remove(before);
      const object: WorldObject = { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
      record({ type: 'DELETED', kind, object, before, version });
      return object;
    },
    since: (from) => history.filter((change) => change.version > from),
    onChange(callback) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    listeners: () => callbacks.size,
    forget() {
      forgotten = version;
      history = [];
    },
  };
}

/** Changes an object if it is still there. */
export function change(objects: Objects, object: WorldObject, to: (now: WorldObject) => WorldObject): WorldObject | undefined {
  const kind = objects.kinds.of(object.apiVersion, object.kind);
  const now = kind && objects.find(kind, object.metadata.namespace, object.metadata.name);
  if (kind === undefined || now?.metadata.uid !== object.metadata.uid) return undefined;
  return objects.replace(kind, to(now));
}

function isSame(before: WorldObject, after: WorldObject): boolean {
  const { metadata: metaBefore, ...restBefore } = before;
  const { metadata: metaAfter, ...restAfter } = after;
  return sameJson(restBefore, restAfter) && sameJson(uncounted(metaBefore), uncounted(metaAfter));
}

/** Without what the cluster itself counts. */
function uncounted({ resourceVersion: _version, generation: _generation, managedFields, ...metadata }: WorldObject['metadata']): Json {
  const managers = isList(managedFields) ? managedFields.map((entry) => (isObject(entry) ? { ...entry, time: null } : entry)) : undefined;
  return { ...metadata, managedFields: managers };
}

function bodyChanged(kind: Kind, before: WorldObject, after: WorldObject): boolean {
  const body = ({ metadata: _metadata, status, ...rest }: WorldObject): Json => (kind.generation === 'every' ? { ...rest, status } : rest);
  // A pod's or a deployment's generation also goes up when its deletion begins.
  if (kind.generation === 'spec' && before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp) return true;
  return !sameJson(body(before), body(after));
}
