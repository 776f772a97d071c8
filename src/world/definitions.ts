import type { JsonObject } from '../model/json.ts';
import { customKind, KINDS, type Kind, theKind } from './kinds.ts';
import { at, listAt, textAt, textsAt, type WorldObject } from './object.ts';
import type { Change, Objects } from './objects.ts';

const DEFINITION = theKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition');

/** A CustomResourceDefinition for each custom kind that is there from the start, for those who look which are installed. */
export function installDefinitions(objects: Objects): void {
  for (const kind of KINDS.filter((one) => one.custom)) put(objects, kind, { labels: { component: 'velero' } });
}

/** Serves a custom kind, as if somebody had installed its definition. */
export function define(objects: Objects, kind: Kind): void {
  objects.kinds.add(kind);
  put(objects, kind, {});
}

function put(objects: Objects, kind: Kind, metadata: JsonObject): void {
  const name = `${kind.plural}.${kind.group}`;
  if (objects.find(DEFINITION, undefined, name)) return;
  const names = { kind: kind.kind, listKind: `${kind.kind}List`, plural: kind.plural, singular: kind.singular };
  const subresources = kind.subresources.includes('status') ? { subresources: { status: {} } } : {};
  objects.insert(DEFINITION, {
    metadata: { ...metadata, name },
    spec: {
      group: kind.group,
      names,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      versions: [{ name: kind.version, served: true, storage: true, ...subresources }],
    },
    status: { conditions: [{ type: 'Established', status: 'True' }] },
  });
}

/** A definition that somebody installs is served at once; with one that goes, its kind and all objects of it go. */
export function definitionController(objects: Objects): (change: Change) => void {
  return ({ type, kind, object }) => {
    if (kind !== DEFINITION) return;
    for (const one of definedBy(object)) {
      if (type !== 'DELETED') {
        objects.kinds.add(one);
        continue;
      }
      const served = objects.kinds.of(one.apiVersion, one.kind) ?? one;
      for (const { metadata } of objects.all(served)) objects.remove(served, metadata.namespace, metadata.name);
      objects.kinds.remove(one.apiVersion, one.kind);
    }
  };
}

function definedBy(definition: WorldObject): readonly Kind[] {
  const group = textAt(definition, 'spec', 'group');
  const plural = textAt(definition, 'spec', 'names', 'plural');
  const isNamespaced = textAt(definition, 'spec', 'scope') !== 'Cluster';
  const shortNames = textsAt(definition, 'spec', 'names', 'shortNames');
  return listAt(definition, 'spec', 'versions')
    .filter((version) => at(version, 'served') === true)
    .map((version) => {
      const hasStatus = at(version, 'subresources', 'status') !== undefined;
      return customKind(`${group}/${textAt(version, 'name')}`, textAt(definition, 'spec', 'names', 'kind'), { plural, isNamespaced, hasStatus, shortNames });
    });
}
