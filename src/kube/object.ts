import { z } from 'zod';
import { SalvorError } from '../model/error.ts';
import { parseJson } from '../model/json.ts';
import { KubeObject } from '../model/object.ts';

const Answer = z.looseObject({ kind: z.string() });

/** What a server says to a delete or an eviction: a Status, or the object as it stands. A page of something in between leaves the outcome unknown. */
export function assertDone({ cluster, body }: { readonly cluster: string; readonly body: string }): void {
  if (Answer.safeParse(parseJson(body)).success) return;
  throw new SalvorError('kube.timeout', `${cluster}: the answer is not one of a Kubernetes API`, { retry: 'later' });
}

/** The object in a server's answer. A 2xx answer to a write that is no object leaves its outcome unknown. */
export function parseObject({ cluster, body, write }: { readonly cluster: string; readonly body: string; readonly write: boolean }): KubeObject {
  const parsed = KubeObject.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  throw new SalvorError(write ? 'kube.timeout' : 'kube.unavailable', `${cluster}: the answer is not a Kubernetes object`, { retry: 'later' });
}
