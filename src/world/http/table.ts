import type { Json, JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { at, listAt, textAt } from '../object.ts';
import { columnsOf } from './columns.ts';

/** In which shape the client would like objects: as a table to print, their metadata alone, or whole. */
export type Shape = 'table' | 'metadata' | 'whole';

/** The first shape in an Accept header that the server knows. */
export function shapeOf(accept: string): Shape {
  for (const part of accept.split(',')) {
    if (part.includes('as=Table')) return 'table';
    if (part.includes('as=PartialObjectMetadata')) return 'metadata';
    if (/^\s*(application\/json|\*\/\*)\s*(;q=[\d.]+)?\s*$/.test(part)) return 'whole';
  }
  return 'whole';
}

type Shown = { readonly nowMs: number /** False: of a watch, after its first event. */; readonly head?: boolean };

/** A list or an object as the table that `kubectl get` prints. */
export function tableOf(kind: Kind, body: Json, { nowMs, head = true }: Shown): Json {
  const columns = columnsOf(kind);
  const listed = isListBody(body);
  const definition = (name: string, type: string, { format = '', priority = 0 } = {}): Json => ({ name, type, format, description: '', priority });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: listed ? (at(body, 'metadata') ?? {}) : { resourceVersion: textAt(body, 'metadata', 'resourceVersion') },
    columnDefinitions: head
      ? [
          definition('Name', 'string', { format: 'name' }),
          ...columns.map(({ name, type, wide }) => definition(name, type, { priority: wide === true ? 1 : 0 })),
        ]
      : null,
    rows: (listed ? listAt(body, 'items') : [body]).map((object) => ({
      cells: [textAt(object, 'metadata', 'name'), ...columns.map(({ cell }) => cell(object, nowMs))],
      object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: at(object, 'metadata') ?? {} },
    })),
  };
}

/** A list or an object with its metadata alone. */
export function metadataOf(body: Json): Json {
  const metadata = at(body, 'metadata') ?? {};
  if (!isListBody(body)) return partial(metadata);
  const items = listAt(body, 'items').map((one) => partial(at(one, 'metadata') ?? {}));
  return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items };
}

function partial(metadata: Json): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function isListBody(body: Json): boolean {
  return textAt(body, 'kind').endsWith('List') && at(body, 'items') !== undefined;
}
