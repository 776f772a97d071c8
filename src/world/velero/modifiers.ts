import { parse } from 'yaml';
import { isList, isObject, type Json } from '../../model/json.ts';
import { theKind } from '../kinds.ts';
import { at, objectAt, textAt, texts, textsAt, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import { mergePatch } from '../patch.ts';

const CONFIG_MAP = theKind('v1', 'ConfigMap');

/** What a restore's ConfigMap of resource modifiers makes of an object before it goes into its new namespace. Merge patches only. */
export function modifierOf(objects: Objects, restore: WorldObject): (object: WorldObject, names: readonly string[]) => WorldObject {
  const rules = rulesOf(objects, restore);
  return (object, names) =>
    rules
      .filter((rule) => applies(rule, object, names))
      .flatMap((rule) => listOf(at(rule, 'mergePatches')))
      .reduce<WorldObject>((now, patch) => patched(now, textAt(patch, 'patchData')), object);
}

function rulesOf(objects: Objects, restore: WorldObject): readonly Json[] {
  const name = textAt(restore, 'spec', 'resourceModifier', 'name');
  const found = name === '' ? undefined : objects.find(CONFIG_MAP, restore.metadata.namespace, name);
  const [text = ''] = Object.values(texts(at(found, 'data')));
  const read: Json = text === '' ? {} : JSON.parse(JSON.stringify(parse(text)));
  return listOf(at(read, 'resourceModifierRules'));
}

/** `*` stands for one part of a name: `*` is every kind of the core, `*.apps` every one of that group. */
function applies(rule: Json, object: WorldObject, names: readonly string[]): boolean {
  const wanted = textAt(rule, 'conditions', 'groupResource');
  const namespaces = textsAt(rule, 'conditions', 'namespaces');
  if (namespaces.length > 0 && !namespaces.includes(object.metadata.namespace ?? '')) return false;
  return names.some((name) => {
    const [parts, given] = [wanted.split('.'), name.split('.').filter((part) => part !== '')];
    return parts.length === given.length && parts.every((part, index) => part === '*' || part === given[index]);
  });
}

function patched(object: WorldObject, patchData: string): WorldObject {
  const merged = mergePatch(object, JSON.parse(JSON.stringify(parse(patchData))));
  return isObject(merged) ? { ...object, ...merged, metadata: { ...object.metadata, ...objectAt(merged, 'metadata') } } : object;
}

const listOf = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);
