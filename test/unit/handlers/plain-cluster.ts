import { SalvorError } from '../../../src/model/error.ts';
import { isObject, type Json } from '../../../src/model/json.ts';
import { KubeObject, type Manifest, type ObjectRef, objectName, refOf } from '../../../src/model/object.ts';
import type { ListObjects, Sample, Series, Writer } from '../../../src/port/kube.ts';

export type PlainCluster = {
  readonly kube: Writer;
  /** Every write that was let through, as `create Backup/velero/x`. */
  readonly writes: readonly string[];
  objects(): readonly KubeObject[];
  put(...objects: readonly KubeObject[]): void;
};

export type Plain = {
  readonly objects: readonly KubeObject[];
  /** By `BackupLog/name`. A fault is thrown; what is not named was never written. */
  readonly files?: { readonly [file: string]: string | SalvorError };
  readonly server?: { readonly version: string } | 'silent';
  /** Kinds that it does not let us list. */
  readonly forbidden?: readonly string[];
  /** What it says to `mayI`; default: yes. */
  readonly mayI?: boolean;
  /** What its Prometheus says to any query, or to each by its text; without it there is none. */
  readonly metrics?: readonly Sample[] | ((query: string) => readonly Sample[]);
  /** What it says to any query over a time. */
  readonly ranges?: readonly Series[];
};

/** A cluster of plain objects in a map: enough of the port for a handler that gets, lists, creates and patches. What it does not have, it refuses. */
export function plainCluster({ objects, files = {}, server = { version: 'v1.18.3' }, forbidden = [], mayI = true, metrics, ranges = [] }: Plain): PlainCluster {
  const held = new Map(objects.map((object) => [objectName(refOf(object)), object]));
  const writes: string[] = [];
  const find = async (ref: ObjectRef): Promise<KubeObject | undefined> => held.get(objectName(ref));
  const notPlain = async (): Promise<never> => {
    throw new Error('this cluster cannot do that');
  };
  const kube: Writer = {
    find,
    async get(ref) {
      const object = await find(ref);
      if (object === undefined) throw new SalvorError('kube.not-found', `${objectName(ref)} not found`);
      return object;
    },
    async list(query) {
      if (forbidden.includes(query.kind)) throw new SalvorError('kube.forbidden', `may not list ${query.kind}`);
      return [...held.values()].filter((object) => matches(object, query));
    },
    async download({ kind, name }) {
      const file = files[`${kind}/${name}`];
      if (file instanceof SalvorError) throw file;
      return file === undefined ? undefined : { text: file, cut: false };
    },
    veleroServer: async () => (server === 'silent' ? undefined : server),
    async create(manifest) {
      const object = asObject(manifest);
      const name = objectName(refOf(object));
      if (held.has(name)) throw new SalvorError('kube.exists', `${name} already exists`);
      held.set(name, object);
      writes.push(`create ${name}`);
      return object;
    },
    async patch(ref, patch, only) {
      const before = await kube.get(ref);
      const { uid, resourceVersion = '0' } = before.metadata;
      if (uid !== only.uid) throw new SalvorError('kube.conflict', `${objectName(ref)} is another object`);
      if (only.resourceVersion !== undefined && only.resourceVersion !== resourceVersion)
        throw new SalvorError('kube.conflict', `${objectName(ref)} was changed`, { retry: 'now' });
      const merged = KubeObject.parse(merge(before, patch));
      const after = { ...merged, metadata: { ...merged.metadata, resourceVersion: String(Number(resourceVersion) + 1) } };
      held.set(objectName(ref), after);
      writes.push(`patch ${objectName(ref)}`);
      return after;
    },
    logs: notPlain,
    async metrics(query) {
      if (metrics === undefined) throw new SalvorError('metrics.unavailable', 'no Prometheus is configured');
      return typeof metrics === 'function' ? metrics(query) : metrics;
    },
    async metricsRange() {
      if (metrics === undefined) throw new SalvorError('metrics.unavailable', 'no Prometheus is configured');
      return ranges;
    },
    probe: notPlain,
    mayEvict: notPlain,
    mayI: async () => mayI,
    delete: notPlain,
    evict: notPlain,
  };
  return { kube, writes, objects: () => [...held.values()], put: (...more) => more.forEach((object) => held.set(objectName(refOf(object)), object)) };
}

function matches(object: KubeObject, query: ListObjects): boolean {
  if (object.apiVersion !== query.apiVersion || object.kind !== query.kind) return false;
  if (query.namespace !== undefined && object.metadata.namespace !== query.namespace) return false;
  const fields = (query.fieldSelector ?? '').split(',').filter((part) => part !== '');
  if (!fields.every((part) => fieldIs(object, part))) return false;
  const [label, value] = query.labelSelector?.split('=') ?? [];
  return label === undefined || object.metadata.labels?.[label] === value;
}

/** `spec.nodeName=w1` */
function fieldIs(object: KubeObject, selector: string): boolean {
  const [path = '', wanted] = selector.split('=');
  let value: unknown = object;
  for (const part of path.split('.')) value = typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(part) : undefined;
  return value === wanted;
}

/** RFC 7386. */
function merge(target: unknown, patch: Json | undefined): unknown {
  if (!isObject(patch)) return patch;
  const into = new Map<string, unknown>(Object.entries(typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) into.delete(name);
    else into.set(name, merge(into.get(name), value));
  }
  return Object.fromEntries(into);
}

function asObject({ metadata, ...rest }: Manifest): KubeObject {
  const { name = 'generated', namespace, labels, annotations } = metadata;
  return {
    ...rest,
    metadata: {
      name,
      uid: `uid-${name}`,
      ...(namespace && { namespace }),
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
    },
  };
}
