import { z } from 'zod';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { selectorChooses } from '../label-selector.ts';
import { count, object, text } from '../lenient.ts';
import type { Pod } from './pod.ts';

/** A PodDisruptionBudget as its controller counted it last. */
export type Budget = {
  readonly namespace: string;
  readonly name: string;
  readonly selector: JsonObject | undefined;
  readonly allowed: number;
  readonly healthy: number;
  readonly desired: number;
  readonly expected: number;
  /** False: it was made or changed, and its controller has not looked yet. */
  readonly isCounted: boolean;
  readonly unhealthyMayGo: 'IfHealthyBudget' | 'AlwaysAllow';
};

const Parts = z.looseObject({
  spec: z.looseObject({ selector: object, unhealthyPodEvictionPolicy: text }).optional().catch(undefined),
  status: z
    .looseObject({ disruptionsAllowed: count, currentHealthy: count, desiredHealthy: count, expectedPods: count, observedGeneration: count })
    .optional()
    .catch(undefined),
});

export function readBudget(found: KubeObject): Budget {
  const { spec, status } = Parts.parse(found);
  const { namespace = '', name, generation = 0 } = found.metadata;
  return {
    namespace,
    name,
    selector: spec?.selector,
    allowed: status?.disruptionsAllowed ?? 0,
    healthy: status?.currentHealthy ?? 0,
    desired: status?.desiredHealthy ?? 0,
    expected: status?.expectedPods ?? 0,
    isCounted: (status?.observedGeneration ?? 0) >= generation,
    unhealthyMayGo: spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' ? 'AlwaysAllow' : 'IfHealthyBudget',
  };
}

/** The budgets that have a say about this pod. More than one: the API server lets nobody evict it. */
export function budgetsOf(pod: Pick<Pod, 'namespace' | 'labels'>, budgets: readonly Budget[]): readonly Budget[] {
  return budgets.filter(({ namespace, selector }) => namespace === pod.namespace && selectorChooses(selector, pod.labels));
}
