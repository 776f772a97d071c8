import type { JsonObject } from '../../../../src/model/json.ts';
import { listAt, textAt } from '../../../../src/world/object.ts';
import type { Reply } from '../raw.ts';

type Refusal = { readonly reason?: string; readonly message: unknown; readonly details?: JsonObject };

/** A ConfigMap as a manifest: the kind without controllers, defaults and status. */
export function configMap(name: string, data: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** What an answer says: status, media type, and the whole body, as text where it is no JSON. */
export function said({ status, headers, body, text }: Reply): object {
  return { status, type: headers['content-type'], body: body ?? text };
}

/** A refusal as the API server writes it, field by field. */
export function refused(code: number, refusal: Refusal): object {
  return { status: code, type: 'application/json', body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', ...refusal, code } };
}

/** The names of what a list holds, without those that a real cluster puts into every namespace. */
export function names({ body }: Reply): readonly string[] {
  return listAt(body, 'items')
    .map((one) => textAt(one, 'metadata', 'name'))
    .filter((name) => name !== 'kube-root-ca.crt');
}

export function version({ body }: Reply): string {
  return textAt(body, 'metadata', 'resourceVersion');
}

export function uid({ body }: Reply): string {
  return textAt(body, 'metadata', 'uid');
}
