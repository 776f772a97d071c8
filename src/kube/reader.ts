import { SalvorError } from '../model/error.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Clock } from '../port/clock.ts';
import type { Reader } from '../port/kube.ts';
import type { Log } from '../port/log.ts';
import type { Metrics } from '../port/metrics.ts';
import type { Probes } from '../port/probe.ts';
import type { Discovery } from './discovery.ts';
import { listObjects } from './list.ts';
import { parseObject } from './object.ts';
import { objectPath, podPath } from './path.ts';
import type { Wire } from './request.ts';

/** What the views of one cluster share. */
export type AccessDeps = {
  readonly cluster: string;
  readonly wire: Wire;
  readonly discovery: Discovery;
  readonly listDeadlineMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  readonly probes?: Probes | undefined;
};

/** Of a longer log the end is kept. */
const LONGEST_LOG = 1024 * 1024;

/** Reads one cluster: objects, lists, logs, and the looks that the configuration allows. */
export function kubeReader(deps: AccessDeps): Reader {
  const { cluster, wire, discovery, metrics, probes } = deps;

  const asked = (): Metrics => {
    if (metrics === undefined)
      throw new SalvorError('metrics.unavailable', `no Prometheus is configured for ${cluster}: name it in clusters[].prometheus.url of salvor.yaml`);
    return metrics;
  };

  const get = async (ref: ObjectRef): Promise<KubeObject> => {
    const path = objectPath(await discovery.demand(ref), ref);
    try {
      return parseObject({ cluster, body: await wire.send({ method: 'GET', path }), write: false });
    } catch (error) {
      // The kind was served once, and now its path is not: its CRD was removed.
      if (error instanceof SalvorError && error.details['unknownPath'] === true) discovery.forget(ref.apiVersion);
      throw error;
    }
  };

  return {
    get,
    async find(ref) {
      try {
        return await get(ref);
      } catch (error) {
        if (error instanceof SalvorError && error.code === 'kube.not-found') return undefined;
        throw error;
      }
    },
    async list(query) {
      return (await listObjects(deps, query)).objects;
    },
    async logs({ namespace, pod, container, previous, tailLines }) {
      const text = await wire.send({
        method: 'GET',
        path: `${podPath({ namespace, name: pod })}/log`,
        query: { container, previous: previous === true ? 'true' : undefined, tailLines: String(tailLines) },
      });
      return text.slice(-LONGEST_LOG);
    },
    metrics: async (query, labels) => asked().query(query, labels),
    metricsRange: async (query, span, labels) => asked().range(query, span, labels),
    async probe(name) {
      if (probes === undefined) throw new SalvorError('probe.unavailable', `${cluster}: no probe is configured`);
      return probes.look(name);
    },
  };
}
