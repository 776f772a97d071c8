import { z } from 'zod';
import type { KubeObject } from '../../model/object.ts';
import { flag, text } from '../lenient.ts';

/** The ready endpoints of services: what still gets traffic. */
export type Endpoints = {
  /** `namespace/name` of services that had endpoints on the nodes in question and have no ready one left anywhere. */
  readonly without: readonly string[];
  /** How many are ready in each zone; those without a zone are not counted. */
  readonly readyByZone: ReadonlyMap<string, number>;
};

const Parts = z.looseObject({
  endpoints: z
    .array(z.looseObject({ nodeName: text, zone: text, conditions: z.looseObject({ ready: flag }).optional().catch(undefined) }))
    .nullish()
    .catch(undefined),
});

const SERVICE = 'kubernetes.io/service-name';

/**
 * What is left of services where the nodes `sick` do not serve. Several slices make one service; an endpoint that does not say whether it is ready is.
 * Source  Kubernetes documentation, "EndpointSlices".
 */
export function endpointsOf(slices: readonly KubeObject[], sick: ReadonlySet<string>): Endpoints {
  const services = new Map<string, { ready: number; isHit: boolean }>();
  const readyByZone = new Map<string, number>();
  for (const slice of slices) {
    const name = slice.metadata.labels?.[SERVICE];
    if (name === undefined) continue;
    const service = `${slice.metadata.namespace ?? ''}/${name}`;
    const counts = services.get(service) ?? { ready: 0, isHit: false };
    for (const { nodeName, zone, conditions } of Parts.parse(slice).endpoints ?? []) {
      const isReady = conditions?.ready !== false;
      if (isReady) counts.ready += 1;
      if (nodeName !== undefined && sick.has(nodeName)) counts.isHit = true;
      if (zone !== undefined) readyByZone.set(zone, (readyByZone.get(zone) ?? 0) + (isReady ? 1 : 0));
    }
    services.set(service, counts);
  }
  return { without: [...services].flatMap(([service, { ready, isHit }]) => (isHit && ready === 0 ? [service] : [])).sort(), readyByZone };
}
