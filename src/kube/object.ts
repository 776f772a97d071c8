import { SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import { KubeObject } from '../model/object.ts';

/** The object in a server's answer. A 2xx answer to a write that is no object leaves its outcome unknown. */
export function parseObject({ cluster, body, write }: { readonly cluster: string; readonly body: string; readonly write: boolean }): KubeObject {
  const parsed = KubeObject.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new SalvorError(write ? 'kube.timeout' : 'kube.unavailable', `${cluster}: the answer is not a Kubernetes object`, { retry: 'later' });
}
