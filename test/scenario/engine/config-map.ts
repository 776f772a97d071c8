import { z } from '../../../src/action/contract.ts';
import type { KubeObject } from '../../../src/model/object.ts';

/** A ConfigMap of the stories' namespace. */
export const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'app', name });

const Values = z.object({ data: z.record(z.string(), z.string()).optional() });

/** One value of a ConfigMap. */
export function field(object: KubeObject | undefined, name: string): string | undefined {
  const values = Values.safeParse(object).data?.data;
  return values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
}
