import { SalvorError } from '../model/error.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { FIELD_MANAGER, KubeObject, type ObjectRef } from '../model/object.ts';
import { type Clock, sleep } from '../port/clock.ts';
import type { Cluster, ListObjects, Reader, Writer } from '../port/kube.ts';
import { type Log, silentLog } from '../port/log.ts';
import type { SimulatedCluster } from './cluster.ts';
import { faultOf } from './failure-of.ts';
import { type Kind, theKind } from './kinds.ts';
import { listAt, textAt } from './object.ts';
import { worldPrometheus } from './prometheus.ts';
import type { ApiRequest, RequestOptions } from './request.ts';
import type { Answer } from './status.ts';
import { askVelero, download } from './velero-ask.ts';
import { type Listed, watchForEver } from './watch-for-ever.ts';

type AccessOptions = {
  /** The user agent in the record of writes. */
  readonly userAgent?: string;
  readonly log?: Log;
  /** How long it waits for an answer, by the cluster's clock. */
  readonly patienceMs?: number;
  /** Whose time its own waits take; default: the cluster's. */
  readonly clock?: Clock;
};

const PATIENCE_MS = 30_000;
const PAGE = 500;
/** As the adapter writes: a field that the server would drop in silence is refused instead. */
const AS_SALVOR = { fieldManager: FIELD_MANAGER, strict: true } as const;
const POD = theKind('v1', 'Pod');

/** A request as the sender of a client makes it. */
export type Send = (request: Omit<ApiRequest, 'userAgent' | 'options'> & { readonly options?: RequestOptions }) => Promise<Answer>;

/**
 * The cluster port straight on a simulated cluster, without sockets: the same faults, codes and retry classes as over HTTP,
 * and deterministic under a virtual clock.
 */
export function worldCluster(
  sim: SimulatedCluster,
  { userAgent = 'salvor/world', log = silentLog, patienceMs = PATIENCE_MS, clock = sim.clock }: AccessOptions = {},
): Cluster {
  const cluster = sim.name;
  const open = new AbortController();

  const send: Send = async (request) => {
    const write = !['get', 'list', 'watch'].includes(request.verb) && request.options?.dryRun !== true;
    const served = await sim.api.serve({ options: {}, ...request, userAgent });
    if (served.kind === 'reset')
      throw new SalvorError(write ? 'kube.timeout' : 'kube.unavailable', `${cluster}: broke the connection (ECONNRESET)`, {
        retry: 'later',
        details: { sent: true },
      });
    if (served.kind === 'silence') {
      await sleep(clock, patienceMs);
      throw new SalvorError('kube.timeout', `${cluster}: no answer in time`, { retry: 'later', details: { sent: true } });
    }
    if (served.answer.code >= 400) throw faultOf(served.answer, { cluster, write });
    return served.answer;
  };

  const kindFor = ({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): Kind => {
    const found = sim.objects.kinds.of(apiVersion, kind);
    if (found === undefined) throw new SalvorError('kube.not-found', `${cluster}: does not serve ${apiVersion} ${kind}`, { details: { unknownPath: true } });
    return found;
  };

  const get = async (ref: ObjectRef): Promise<KubeObject> => toKube(await send({ verb: 'get', kind: kindFor(ref), ...whereOf(ref) }));

  const listPage = async (query: ListObjects, token: string | undefined): Promise<Answer> => {
    const { labelSelector, fieldSelector, namespace } = query;
    const options = {
      limit: PAGE,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(token === undefined ? {} : { continue: token }),
    };
    return send({ verb: 'list', kind: kindFor(query), ...(namespace === undefined ? {} : { namespace }), options });
  };

  const listAll = async (query: ListObjects, tries = 2): Promise<Listed> => {
    const objects: KubeObject[] = [];
    let token: string | undefined;
    try {
      for (;;) {
        const { body } = await listPage(query, token);
        const { apiVersion, kind } = kindFor(query);
        for (const one of listAt(body, 'items')) objects.push(KubeObject.parse({ apiVersion, kind, ...(isObject(one) ? one : {}) }));
        const metadata = isObject(body) && isObject(body['metadata']) ? body['metadata'] : {};
        const next = metadata['continue'];
        if (typeof next !== 'string' || next === '') return { objects, resourceVersion: textAt(metadata, 'resourceVersion') };
        token = next;
      }
    } catch (error) {
      // The list grew too old between two pages: from the start, once.
      if (error instanceof SalvorError && error.code === 'kube.expired' && token !== undefined && tries > 1) return listAll(query, tries - 1);
      throw error;
    }
  };

  const prometheus = worldPrometheus(sim, clock);

  const reader: Reader = {
    get,
    async find(ref) {
      try {
        return await get(ref);
      } catch (error) {
        if (error instanceof SalvorError && error.code === 'kube.not-found') return undefined;
        throw error;
      }
    },
    list: async (query) => (await listAll(query)).objects,
    async logs({ namespace, pod, container, previous, tailLines }) {
      const options = { tailLines, ...(container === undefined ? {} : { container }), ...(previous === undefined ? {} : { previous }) };
      return textAt((await send({ verb: 'get', kind: POD, namespace, name: pod, subresource: 'log', options })).body);
    },
    metrics: async (query, labels) => prometheus.query(query, labels),
    metricsRange: async (query, span, labels) => prometheus.range(query, span, labels),
    async probe(name) {
      const probe = sim.settings.probes.get(name);
      if (probe === undefined) throw new SalvorError('probe.unavailable', `${cluster}: no probe "${name}" is configured`);
      return probe.ok ? { ok: true, evidence: probe.text } : { ok: false, reason: probe.text };
    },
  };

  /** A precondition that fails because the object is gone, or another one now, means: gone. */
  const goneOr = async <T>(ref: ObjectRef, uid: string, write: () => Promise<T>): Promise<T | 'gone'> => {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof SalvorError)) throw error;
      if (error.code === 'kube.not-found') return 'gone';
      if (error.code === 'kube.conflict' && (await reader.find(ref))?.metadata.uid !== uid) return 'gone';
      throw error;
    }
  };

  const writing: Pick<Writer, 'create' | 'patch' | 'delete' | 'evict'> = {
    async create(manifest) {
      const kind = sim.objects.kinds.of(manifest.apiVersion, manifest.kind);
      if (kind === undefined) throw new SalvorError('kube.unknown-kind', `${cluster}: does not serve ${manifest.apiVersion} ${manifest.kind}`);
      const { namespace } = manifest.metadata;
      if (kind.namespaced && namespace === undefined) throw new SalvorError('kube.invalid', `${cluster}: a ${manifest.kind} needs a namespace`);
      const body: Json = JSON.parse(JSON.stringify(manifest));
      return toKube(await send({ verb: 'create', kind, ...(namespace === undefined ? {} : { namespace }), body, options: AS_SALVOR }));
    },
    async patch(ref, patch, only) {
      const metadata = isObject(patch['metadata']) ? patch['metadata'] : {};
      const body: JsonObject = { ...patch, metadata: { ...metadata, ...only } };
      return toKube(await send({ verb: 'patch', kind: kindFor(ref), ...whereOf(ref), patch: 'merge', body, options: AS_SALVOR }));
    },
    async delete(ref, { uid, resourceVersion }) {
      const options = { onlyUid: uid, ...(resourceVersion === undefined ? {} : { onlyResourceVersion: resourceVersion }) };
      return goneOr(ref, uid, async () => {
        await send({ verb: 'delete', kind: kindFor(ref), ...whereOf(ref), options });
        return 'deleted' as const;
      });
    },
    async evict({ namespace, name, uid, gracePeriodSeconds }) {
      const deleteOptions: JsonObject = { preconditions: { uid }, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) };
      return goneOr({ apiVersion: 'v1', kind: 'Pod', namespace, name }, uid, async () => {
        await send({ verb: 'create', kind: POD, namespace, name, subresource: 'eviction', body: eviction({ namespace, name }, deleteOptions) });
        return 'evicted' as const;
      });
    },
  };

  const access: Writer = {
    ...reader,
    ...writing,
    download: async (target) => download({ cluster, access: { ...reader, ...writing }, clock, storage: sim.storage }, target),
    async veleroServer({ namespace, withinMs }) {
      const asked = { kind: 'ServerStatusRequest', namespace, spec: {}, withinMs } as const;
      return askVelero({ cluster, access: { ...reader, ...writing }, clock }, asked, async (status) => ({
        version: textAt(status, 'serverVersion') || 'unknown',
      }));
    },
    async mayEvict({ namespace, name }) {
      try {
        const options = { dryRun: true };
        await send({ verb: 'create', kind: POD, namespace, name, subresource: 'eviction', body: eviction({ namespace, name }, { dryRun: ['All'] }), options });
        return { allowed: true };
      } catch (error) {
        if (error instanceof SalvorError && error.details['budget'] === true) return { allowed: false, reason: error.message };
        throw error;
      }
    },
    async mayI({ verb, group, resource, namespace, name }) {
      const [plural = resource, subresource] = resource.split('/');
      const resourceAttributes: JsonObject = { verb, group, resource: plural, subresource, namespace, name };
      const kind = theKind('authorization.k8s.io/v1', 'SelfSubjectAccessReview');
      const { body } = await send({ verb: 'create', kind, body: { apiVersion: kind.apiVersion, kind: kind.kind, spec: { resourceAttributes } } });
      return isObject(body) && isObject(body['status']) && body['status']['allowed'] === true;
    },
  };

  return {
    name: cluster,
    access,
    // One clock for both.
    aheadMs: () => 0,
    async uid() {
      return (await get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' })).metadata.uid ?? '';
    },
    watch(query, on, signal) {
      const both = AbortSignal.any([signal, open.signal]);
      void watchForEver({ sim, query, list: () => listAll(query), on, clock, log, userAgent }, both);
    },
    serves: async (apiVersion, kind) => sim.objects.kinds.of(apiVersion, kind) !== undefined,
    async close() {
      open.abort();
    },
  };
}

function whereOf({ namespace, name }: ObjectRef): { readonly namespace?: string; readonly name: string } {
  return namespace === undefined ? { name } : { namespace, name };
}

function eviction({ namespace, name }: { readonly namespace: string; readonly name: string }, deleteOptions: JsonObject): Json {
  return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
}

function toKube({ body }: Answer): KubeObject {
  return KubeObject.parse(body);
}
