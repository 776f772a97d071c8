import { isList, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { type Draft, listAt, objectAt, textAt, texts } from '../object.ts';

/** How long the admission lets a pod stay on a lost node. */
const TOLERATION_SECONDS = 300;

const LOST_NODE = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

/** What the server fills in when an object is made, as far as anybody here reads it. */
export function withDefaults(kind: Kind, draft: Draft): Draft {
  switch (`${kind.apiVersion} ${kind.kind}`) {
    case 'v1 Pod':
      return { ...draft, spec: podSpec(objectAt(draft, 'spec')), status: { phase: 'Pending', ...objectAt(draft, 'status') } };
    case 'v1 Secret':
      return secret(draft);
    case 'v1 Namespace':
      return namespace(draft);
    case 'v1 PersistentVolumeClaim':
    case 'v1 PersistentVolume':
      return { ...draft, status: { phase: 'Pending', ...objectAt(draft, 'status') } };
    default:
      return draft;
  }
}

/** Fields that an object of a built-in kind does not have when there is nothing in them. */
const EMPTY_META = ['labels', 'annotations', 'finalizers', 'ownerReferences'];
const EMPTY_TOP: ReadonlyMap<string, readonly string[]> = new Map([
  ['ConfigMap', ['data', 'binaryData']],
  ['Secret', ['data']],
]);

/** The fields of an object without the empty maps that the server leaves out. */
export function withoutEmpty(kind: Kind, object: JsonObject): JsonObject {
  return without(object, EMPTY_TOP.get(kind.kind) ?? []);
}

/** The same for metadata. */
export function metaWithoutEmpty(metadata: JsonObject): JsonObject {
  return without(metadata, EMPTY_META);
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => !names.includes(name) || !isEmpty(value)));
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null) return true;
  return isList(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}

function podSpec(spec: JsonObject): JsonObject {
  const tolerations = listAt(spec, 'tolerations');
  const missing = LOST_NODE.filter((key) => !tolerations.some((one) => ['', key].includes(textAt(one, 'key'))));
  const added = missing.map((key) => ({ effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: TOLERATION_SECONDS }));
  return { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, serviceAccountName: 'default', ...spec, tolerations: [...tolerations, ...added] };
}

/** What is written as text is kept as base64. */
function secret({ stringData, ...draft }: Draft): Draft {
  const encoded = Object.entries(texts(stringData)).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  const data = { ...objectAt(draft, 'data'), ...Object.fromEntries(encoded) };
  return { ...draft, type: textAt(draft, 'type') || 'Opaque', ...(Object.keys(data).length === 0 ? {} : { data }) };
}

function namespace(draft: Draft): Draft {
  const { name } = draft.metadata;
  const labels = { 'kubernetes.io/metadata.name': name, ...objectAt(draft, 'metadata', 'labels') };
  return { ...draft, metadata: { ...draft.metadata, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active', ...objectAt(draft, 'status') } };
}
