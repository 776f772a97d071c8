import type { Prober, Reader, Writer } from '../port/kube.ts';

/**
 * The views of a cluster as objects, and not only as types: what is handed a reader has nothing to write with, also where a site's handler
 * is JavaScript.
 */
export function readerOf(access: Writer): Reader {
  return {
    get: (ref) => access.get(ref),
    find: (ref) => access.find(ref),
    list: (query) => access.list(query),
    logs: (query) => access.logs(query),
    metrics: (query, labels) => access.metrics(query, labels),
    metricsRange: (query, span, labels) => access.metricsRange(query, span, labels),
    probe: (name) => access.probe(name),
  };
}

export function proberOf(access: Writer): Prober {
  return {
    ...readerOf(access),
    download: (target) => access.download(target),
    veleroServer: (query) => access.veleroServer(query),
    mayEvict: (pod) => access.mayEvict(pod),
    mayI: (query) => access.mayI(query),
  };
}
