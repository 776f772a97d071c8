import { isList, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { at } from '../object.ts';
import { type Answer, badRequest, invalid } from '../status.ts';

type FieldType = 'array' | 'object' | 'string' | 'boolean' | 'integer';

/** `list:a b` and so on, as field → type. */
function fields(rows: { readonly [T in FieldType]?: string }): ReadonlyMap<string, FieldType> {
  const found = new Map<string, FieldType>();
  const add = (type: FieldType, names: string | undefined): void => {
    for (const name of names?.split(' ') ?? []) found.set(name, type);
  };
  add('array', rows.array);
  add('object', rows.object);
  add('string', rows.string);
  add('boolean', rows.boolean);
  add('integer', rows.integer);
  return found;
}

const SCOPE =
  'includedNamespaces excludedNamespaces includedResources excludedResources includedClusterScopedResources excludedClusterScopedResources includedNamespaceScopedResources excludedNamespaceScopedResources orLabelSelectors';

const BACKUP = fields({
  array: `${SCOPE} volumeSnapshotLocations`,
  object: 'metadata labelSelector hooks orderedResources resourcePolicy uploaderConfig',
  string: 'ttl storageLocation csiSnapshotTimeout itemOperationTimeout datamover volumeGroupSnapshotLabelKey',
  boolean: 'snapshotVolumes includeClusterResources defaultVolumesToRestic defaultVolumesToFsBackup snapshotMoveData',
});

/** The spec of Velero's kinds, first level. Source  CustomResourceDefinitions of Velero 1.18. */
const SPECS: ReadonlyMap<string, ReadonlyMap<string, FieldType>> = new Map([
  ['Backup', BACKUP],
  [
    'Restore',
    fields({
      array: 'includedNamespaces excludedNamespaces includedResources excludedResources orLabelSelectors',
      object: 'namespaceMapping labelSelector restoreStatus hooks resourceModifier uploaderConfig',
      string: 'backupName scheduleName existingResourcePolicy itemOperationTimeout',
      boolean: 'restorePVs preserveNodePorts includeClusterResources',
    }),
  ],
  ['Schedule', fields({ object: 'template', string: 'schedule', boolean: 'useOwnerReferencesInBackup paused skipImmediately' })],
  ['DeleteBackupRequest', fields({ string: 'backupName' })],
  ['DownloadRequest', fields({ object: 'target' })],
  ['ServerStatusRequest', fields({})],
]);

/** Fields below the first level that take only some values. */
const CHOICES: ReadonlyMap<string, { readonly path: readonly string[]; readonly values: readonly string[] }> = new Map([
  [
    'DownloadRequest',
    {
      path: ['target', 'kind'],
      values: [
        'BackupLog',
        'BackupContents',
        'BackupVolumeSnapshots',
        'BackupItemOperations',
        'BackupResourceList',
        'BackupResults',
        'RestoreLog',
        'RestoreResults',
        'RestoreResourceList',
        'RestoreItemOperations',
        'CSIBackupVolumeSnapshots',
        'CSIBackupVolumeSnapshotContents',
        'BackupVolumeInfos',
        'RestoreVolumeInfo',
      ],
    },
  ],
]);

/** Fields of the built-in kinds beside apiVersion, kind, metadata, spec and status. */
const TOP: ReadonlyMap<string, ReadonlyMap<string, FieldType>> = new Map([
  ['ConfigMap', fields({ object: 'data binaryData', boolean: 'immutable' })],
  ['Secret', fields({ object: 'data stringData', string: 'type', boolean: 'immutable' })],
  ['ServiceAccount', fields({ array: 'secrets imagePullSecrets', boolean: 'automountServiceAccountToken' })],
  [
    'StorageClass',
    fields({
      object: 'parameters',
      string: 'provisioner reclaimPolicy volumeBindingMode',
      array: 'mountOptions allowedTopologies',
      boolean: 'allowVolumeExpansion',
    }),
  ],
  [
    'Event',
    fields({
      object: 'involvedObject source series related',
      string: 'reason message firstTimestamp lastTimestamp eventTime type action reportingComponent reportingInstance',
      integer: 'count',
    }),
  ],
]);

const EVERYWHERE = fields({ string: 'apiVersion kind', object: 'metadata spec status' });

/** How the program that serves a kind says that a field has a type. */
const GO_TYPES: ReadonlyMap<string, string> = new Map([
  ['data', 'map[string]string'],
  ['binaryData', 'map[string][]uint8'],
  ['string', 'string'],
  ['boolean', 'bool'],
  ['integer', 'int32'],
]);

export type Checked =
  /** The object without the fields that its kind does not have, and their paths. */
  | { readonly kind: 'fits'; readonly object: JsonObject; readonly unknown: readonly string[] }
  /** It cannot be read as its kind at all: why, in the words of the decoder. */
  | { readonly kind: 'unreadable'; readonly problem: string }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** Holds an object to what is known here of its kind: the first level of built-in kinds, and of the specs of Velero's. */
export function checkSchema(kind: Kind, object: JsonObject, name: string): Checked {
  return kind.custom ? checkCustom(kind, object, name) : checkBuiltIn(kind, object);
}

function checkBuiltIn(kind: Kind, object: JsonObject): Checked {
  const top = TOP.get(kind.kind);
  const unknown: string[] = [];
  for (const [field, value] of Object.entries(object)) {
    const wanted = EVERYWHERE.get(field) ?? top?.get(field);
    if (wanted === undefined) unknown.push(field);
    else if (value !== undefined && value !== null && typeName(value) !== wanted) {
      const go = GO_TYPES.get(field) ?? GO_TYPES.get(wanted) ?? wanted;
      return { kind: 'unreadable', problem: `json: cannot unmarshal ${typeName(value)} into Go struct field ${kind.kind}.${field} of type ${go}` };
    }
  }
  return { kind: 'fits', object: withoutFields(object, unknown), unknown };
}

function checkCustom(kind: Kind, object: JsonObject, name: string): Checked {
  const known = SPECS.get(kind.kind);
  const spec = object['spec'];
  if (known === undefined || spec === undefined) return { kind: 'fits', object, unknown: [] };
  if (!isObject(spec)) return { kind: 'refused', answer: wrongType(kind, name, { field: 'spec', wanted: 'object', found: typeName(spec) }) };
  const choice = CHOICES.get(kind.kind);
  const chosen = choice && at(spec, ...choice.path);
  if (choice !== undefined && typeof chosen === 'string' && !choice.values.includes(chosen)) {
    const supported = choice.values.map((value) => JSON.stringify(value)).join(', ');
    const message = `Unsupported value: ${JSON.stringify(chosen)}: supported values: ${supported}`;
    return { kind: 'refused', answer: invalid(kind, name, { field: ['spec', ...choice.path].join('.'), reason: 'FieldValueNotSupported', message }) };
  }
  const own = checkLevel(kind, spec, { path: 'spec', known, name });
  if (own.kind !== 'fits') return own;
  const { template } = own.object;
  if (kind.kind !== 'Schedule' || !isObject(template)) return { ...own, object: { ...object, spec: own.object } };
  const inner = checkLevel(kind, template, { path: 'spec.template', known: BACKUP, name });
  if (inner.kind !== 'fits') return inner;
  return { kind: 'fits', object: { ...object, spec: { ...own.object, template: inner.object } }, unknown: [...own.unknown, ...inner.unknown] };
}

type Level = { readonly path: string; readonly known: ReadonlyMap<string, FieldType>; readonly name: string };

function checkLevel(kind: Kind, value: JsonObject, { path, known, name }: Level): Checked {
  const unknown = Object.keys(value).filter((field) => !known.has(field));
  for (const [field, one] of Object.entries(value)) {
    const wanted = known.get(field);
    if (wanted !== undefined && one !== undefined && one !== null && typeName(one) !== wanted) {
      return { kind: 'refused', answer: wrongType(kind, name, { field: `${path}.${field}`, wanted, found: typeName(one) }) };
    }
  }
  return { kind: 'fits', object: withoutFields(value, unknown), unknown: unknown.map((field) => `${path}.${field}`) };
}

function withoutFields(object: JsonObject, names: readonly string[]): JsonObject {
  return names.length === 0 ? object : Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** What a strict writer is told of fields that the kind does not have. */
export function strictProblem(unknown: readonly string[]): string {
  return `strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(', ')}`;
}

/** An object that cannot be taken as its kind. */
export function unreadable(kind: Kind, problem: string): Answer {
  return badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${problem}`);
}

/** The answer with a warning for each field that was dropped, for writers who did not ask for silence. */
export function withWarnings(answer: Answer, unknown: readonly string[], { quiet = false }: { readonly quiet?: boolean } = {}): Answer {
  if (quiet || unknown.length === 0) return answer;
  const warning = unknown.map((field) => `299 - "unknown field \\"${field}\\""`).join(', ');
  return { ...answer, headers: { ...answer.headers, Warning: warning } };
}

function wrongType(kind: Kind, name: string, { field, wanted, found }: { readonly field: string; readonly wanted: string; readonly found: string }): Answer {
  return invalid(kind, name, {
    field,
    reason: 'FieldValueTypeInvalid',
    message: `Invalid value: "${found}": ${field} in body must be of type ${wanted}: "${found}"`,
  });
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
