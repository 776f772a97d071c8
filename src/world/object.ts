import { isList, isObject, type Json, type JsonObject } from '../model/json.ts';

type Texts = { readonly [name: string]: string };

/** What owns an object: a ReplicaSet its pods. */
export type Owner = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
};

export type Meta = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly Owner[];
};

/** An object of the simulated cluster: plain JSON, never changed in place. */
export type WorldObject = JsonObject & { readonly apiVersion: string; readonly kind: string; readonly metadata: Meta };

/** An object before the cluster gave it uid, resourceVersion and times. */
export type Draft = JsonObject & { readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string } };

/** The value under a path of names; undefined where something on the way is missing. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value;
  for (const name of path) {
    if (!isObject(here) || !Object.hasOwn(here, name)) return undefined;
    here = here[name];
  }
  return here;
}

/** The text under a path, or an empty one. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The number under a path, or undefined. */
export function numberAt(value: Json | undefined, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The JSON object under a path, or an empty one. */
export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list under a path, or an empty one. */
export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** The texts in the list under a path. */
export function textsAt(value: Json | undefined, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((one) => typeof one === 'string');
}

/** A time as the API writes it: UTC, whole seconds. */
export function timestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** A time with microseconds, as leases have it. */
export function microTimestamp(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 23)}000Z`;
}

/** A copy that shares nothing. */
export function copyOf<T extends Json>(value: T): T {
  return structuredClone(value);
}

/** The same object with fields of its status set; `undefined` removes one. */
export function patchStatus(object: WorldObject, fields: JsonObject): WorldObject {
  const status: { [key: string]: Json | undefined } = { ...objectAt(object, 'status') };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) delete status[name];
    else status[name] = value;
  }
  return { ...object, status };
}

/** The same object with labels added. */
export function withLabels(object: WorldObject, labels: Texts): WorldObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}

/** The same object with annotations added. */
export function withAnnotations(object: WorldObject, annotations: Texts): WorldObject {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } } };
}

/** The texts of a JSON object: labels, annotations, selectors. */
export function texts(value: Json | undefined): Texts {
  const found: { [name: string]: string } = {};
  for (const [name, one] of Object.entries(isObject(value) ? value : {})) if (typeof one === 'string') found[name] = one;
  return found;
}
