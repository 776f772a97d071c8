import { isList, isObject, type Json } from '../../model/json.ts';
import { type Kind, kindOf } from '../kinds.ts';
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

type Checked = { readonly name: string; readonly strict: boolean };

/** What is wrong with a custom object by its schema: a wrong type always, an unknown field where the writer asks to be strict. */
export function schemaRefusal(kind: Kind, object: Json, { name, strict }: Checked): Answer | undefined {
  if (kindOf(kind.apiVersion, kind.kind)?.custom !== true) return undefined;
  const known = SPECS.get(kind.kind);
  const spec = at(object, 'spec');
  if (known === undefined || spec === undefined) return undefined;
  if (!isObject(spec)) return wrongType(kind, name, { field: 'spec', wanted: 'object', found: typeName(spec) });
  const whole = [{ path: 'spec', value: spec, known }];
  const template = spec['template'];
  if (kind.kind === 'Schedule' && isObject(template)) whole.push({ path: 'spec.template', value: template, known: BACKUP });
  for (const { path, value, known: types } of whole) {
    for (const [field, one] of Object.entries(value)) {
      const wanted = types.get(field);
      if (wanted === undefined && strict)
        return badRequest(
          `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: unknown field "${path}.${field}"`,
        );
      if (wanted !== undefined && one !== undefined && one !== null && typeName(one) !== wanted)
        return wrongType(kind, name, { field: `${path}.${field}`, wanted, found: typeName(one) });
    }
  }
  return undefined;
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
