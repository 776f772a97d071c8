import { z } from 'zod';
import { SalvorError } from '../../model/error.ts';
import type { JsonObject } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import type { Node, Taint } from './node.ts';

/**
 * Says that the machine is off: the control plane then removes its Terminating pods without their kubelet's word, and detaches its volumes at once.
 * It works only while the node is not Ready. Source  Kubernetes documentation, "Non-graceful node shutdown handling".
 */
export const OUT_OF_SERVICE = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' } as const;

/** Carries the key of the step that set the taint. Not the annotations of a cordon: a node can have both. */
export const OUT_OF_SERVICE_MARK = 'salvor.io/out-of-service';

export const isOutOfService = ({ taints }: Pick<Node, 'taints'>): boolean => taints.some(({ key }) => key === OUT_OF_SERVICE.key);

/** `dedicated=db:NoSchedule`, as kubectl takes it. */
export const taintText = ({ key, value, effect }: Pick<Taint, 'key' | 'value' | 'effect'>): string => `${key}${value === '' ? '' : `=${value}`}:${effect}`;

const Written = z.looseObject({ spec: z.looseObject({ taints: z.array(z.record(z.string(), z.json())).nullish() }).optional() });

/** The taints with all their fields: a patch replaces the whole list, so none of them may be lost. */
export function writtenTaints(found: KubeObject): readonly JsonObject[] {
  const read = Written.safeParse(found);
  if (!read.success) throw new SalvorError('kube.invalid', `the taints of ${found.metadata.name} cannot be read, so none of them is changed`);
  return read.data.spec?.taints ?? [];
}

/** The patch that adds our taint with the step that is its mark or, without a step, takes both away; the other taints stay as they are. */
export function outOfServicePatch(found: KubeObject, stepKey: string | undefined): JsonObject {
  const others = writtenTaints(found).filter(({ key }) => key !== OUT_OF_SERVICE.key);
  const taints = stepKey === undefined ? others : [...others, OUT_OF_SERVICE];
  return { metadata: { annotations: { [OUT_OF_SERVICE_MARK]: stepKey ?? null } }, spec: { taints } };
}
