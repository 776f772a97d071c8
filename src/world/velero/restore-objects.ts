import { selectorChooses } from '../../domain/label-selector.ts';
import { canonical, isList, isObject, type Json } from '../../model/json.ts';
import { theKind } from '../kinds.ts';
import { CLAIM } from '../node/kinds.ts';
import { at, type Draft, numberAt, objectAt, textAt, texts, textsAt, type WorldObject, withLabels } from '../object.ts';
import type { Objects } from '../objects.ts';
import { modifierOf } from './modifiers.ts';
import { NEVER_RESTORED } from './restore-spec.ts';
import { withVolume } from './restored-volume.ts';

type What = 'created' | 'updated' | 'failed' | 'skipped';

/** What a restore did: a warning per object that it could not bring, by namespace, and what became of each object, as `v1/ConfigMap` and `shop/a(created)`. */
export type Brought = {
  readonly restored: number;
  readonly warnings: readonly (readonly [namespace: string, text: string])[];
  readonly done: readonly (readonly [kind: string, what: string])[];
};
type From = { readonly backup: WorldObject; readonly contents: readonly WorldObject[] };

export const NOTHING: Brought = { restored: 0, warnings: [], done: [] };

/** The objects in an archive; undefined where there is none. */
export function readContents(text: string | undefined): readonly WorldObject[] | undefined {
  if (text === undefined) return undefined;
  const read: Json = JSON.parse(text);
  return isList(read) ? read.filter(isWorldObject) : [];
}

function isWorldObject(value: Json): value is WorldObject {
  return isObject(value) && textAt(value, 'kind') !== '' && textAt(value, 'metadata', 'name') !== '';
}

/** Makes the objects of a backup, namespaces first. */
export function bringBack(objects: Objects, restore: WorldObject, { backup, contents }: From): Brought {
  const mapping = new Map(Object.entries(texts(at(restore, 'spec', 'namespaceMapping'))));
  const included = textsAt(restore, 'spec', 'includedNamespaces').filter((one) => one !== '*');
  const kinds = textsAt(restore, 'spec', 'includedResources').filter((one) => one !== '*');
  const excluded = textsAt(restore, 'spec', 'excludedResources');
  const selector = at(restore, 'spec', 'labelSelector');
  const labels = { 'velero.io/backup-name': backup.metadata.name, 'velero.io/restore-name': restore.metadata.name };
  const policy = textAt(restore, 'spec', 'existingResourcePolicy');
  const modified = modifierOf(objects, restore);
  const warnings: (readonly [string, string])[] = [];
  const done: (readonly [string, string])[] = [];
  let restored = 0;
  for (const object of contents) {
    const kind = objects.kinds.of(object.apiVersion, object.kind);
    const source = object.kind === 'Namespace' ? object.metadata.name : (object.metadata.namespace ?? '');
    if (kind === undefined || (included.length > 0 && !included.includes(source))) continue;
    const names = [kind.plural, `${kind.plural}.${kind.group}`];
    if (names.some((one) => NEVER_RESTORED.includes(one))) continue;
    if (object.kind !== 'Namespace' && kinds.length > 0 && !kinds.some((one) => names.includes(one))) continue;
    if (excluded.some((one) => names.includes(one))) continue;
    // A namespace comes with what is in it, whatever it is labelled.
    if (object.kind !== 'Namespace' && selector !== undefined && !selectorChooses(selector, object.metadata.labels ?? {})) continue;
    // A finished pod or job is not brought back.
    if (['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase')) || (numberAt(object, 'status', 'succeeded') ?? 0) > 0) continue;
    const target = mapping.get(source) ?? source;
    const draft = anew(object.kind === 'Namespace' ? object : modified(object, names), { target, labels });
    const path = draft.metadata.namespace === undefined ? draft.metadata.name : `${draft.metadata.namespace}/${draft.metadata.name}`;
    const tell = (what: What): void => void done.push([`${object.apiVersion}/${object.kind}`, `${path}(${what})`]);
    const there = objects.find(kind, draft.metadata.namespace, draft.metadata.name);
    if (object.kind === 'Namespace') {
      if (there !== undefined) continue;
      objects.insert(kind, draft);
      restored += 1;
      tell('created');
      continue;
    }
    makeNamespace(objects, target);
    restored += 1;
    if (there === undefined) {
      objects.insert(kind, kind === CLAIM ? withVolume(objects, draft) : draft);
      tell('created');
    } else if (isSame(there, draft)) {
      if (policy === 'update') objects.replace(kind, withLabels(there, labels));
      tell('skipped');
    } else if (policy !== 'update') {
      const named = policy === '' ? `${object.kind}:${object.metadata.name}` : `${object.kind} "${object.metadata.name}"`;
      warnings.push([target, `could not restore, ${named} already exists. Warning: the in-cluster version is different than the backed-up version`]);
      tell('failed');
    } else if (object.kind === 'Pod') {
      warnings.push([target, `Pod "${object.metadata.name}" is invalid: spec: Forbidden: ${POD_FIELDS}`]);
      tell('failed');
    } else {
      objects.replace(kind, { ...there, ...withoutMeta(draft), metadata: { ...there.metadata, labels: { ...there.metadata.labels, ...labels } } });
      tell('updated');
    }
  }
  return { restored, warnings, done };
}

const POD_FIELDS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** Whether an object is as it was backed up. Who restored it does not count, nor does its status. */
function isSame(there: WorldObject, draft: Draft): boolean {
  const bare = ({ apiVersion: _version, kind: _kind, metadata, status: _status, ...rest }: Draft | WorldObject): Json => {
    const { 'velero.io/backup-name': _backup, 'velero.io/restore-name': _restore, ...labels } = texts(metadata.labels);
    return { ...rest, labels, annotations: texts(metadata['annotations']) };
  };
  return canonical(bare(there)) === canonical(bare(draft));
}

function anew(object: WorldObject, { target, labels }: { readonly target: string; readonly labels: { readonly [name: string]: string } }): Draft {
  const { name, annotations } = object.metadata;
  const isNamespace = object.kind === 'Namespace';
  const metadata = {
    name: isNamespace ? target : name,
    // A namespace alone is not marked as restored.
    labels: { ...object.metadata.labels, ...(isNamespace ? {} : labels) },
    ...(annotations === undefined ? {} : { annotations }),
    ...(isNamespace ? {} : { namespace: target }),
  };
  if (isNamespace)
    return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': target } }, status: { phase: 'Active' } };
  if (object.kind !== 'Pod') return { ...object, metadata };
  const { nodeName: _node, ...spec } = objectAt(object, 'spec');
  return { ...object, metadata, spec, status: { phase: 'Pending' } };
}

function withoutMeta({ metadata: _metadata, status: _status, ...rest }: Draft): { readonly [field: string]: Json | undefined } {
  return rest;
}

/** The namespace that objects come into, made where it is missing. */
export function makeNamespace(objects: Objects, name: string): void {
  const kind = theKind('v1', 'Namespace');
  if (objects.find(kind, undefined, name)) return;
  objects.insert(kind, {
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
}
