import { isObject, type Json } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { at, listAt, textAt } from '../object.ts';

/** True where the client would rather have a table, as `kubectl get` does. */
export function wantsTable(accept: string): boolean {
  return accept.split(',').some((part) => part.includes('as=Table'));
}

/** A list or an object as the table that `kubectl get` prints. */
export function tableOf(kind: Kind, body: Json, nowMs: number): Json {
  const isList = textAt(body, 'kind').endsWith('List');
  const objects = isList ? listAt(body, 'items') : [body];
  const column = (name: string, type: string, format = ''): Json => ({ name, type, format, description: '', priority: 0 });
  const metadata = isList ? (at(body, 'metadata') ?? {}) : { resourceVersion: textAt(body, 'metadata', 'resourceVersion') };
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [column('Name', 'string', 'name'), ...kind.columns.map(([title]) => column(title, 'string')), column('Age', 'string')],
    rows: objects.map((object) => ({
      cells: [
        textAt(object, 'metadata', 'name'),
        ...kind.columns.map(([, path]) => (path === 'node' ? nodeState(object) : cell(at(object, ...path.split('.'))))),
        age(textAt(object, 'metadata', 'creationTimestamp'), nowMs),
      ],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: at(object, 'metadata') ?? {} },
    })),
  };
}

/** `Ready`, `NotReady,SchedulingDisabled`. */
function nodeState(node: Json): string {
  const ready = listAt(node, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
  return `${ready ? 'Ready' : 'NotReady'}${at(node, 'spec', 'unschedulable') === true ? ',SchedulingDisabled' : ''}`;
}

function cell(value: Json | undefined): Json {
  if (value === undefined || value === null) return '';
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : value;
}

/** The unit of an age, its seconds, and from which age on it is used. */
const AGES = [
  ['d', 86_400, 172_800],
  ['h', 3600, 10_800],
  ['m', 60, 120],
] as const;

function age(created: string, nowMs: number): string {
  const madeMs = Date.parse(created);
  if (Number.isNaN(madeMs)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((nowMs - madeMs) / 1000));
  const [unit = 's', size = 1] = AGES.find(([, , from]) => seconds >= from) ?? [];
  return `${Math.floor(seconds / size)}${unit}`;
}
