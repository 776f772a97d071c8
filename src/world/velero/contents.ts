import { isLike } from '../../domain/like.ts';
import type { Json } from '../../model/json.ts';
import { at, textsAt, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import { objectSelector } from '../select.ts';

/** The objects that a backup with this spec holds: of its namespaces, and those namespaces themselves. */
export function backupContents(objects: Objects, spec: Json | undefined): readonly WorldObject[] {
  const included = textsAt(spec, 'includedNamespaces').filter((name) => name !== '*');
  const excluded = textsAt(spec, 'excludedNamespaces');
  const inScope = (namespace: string | undefined): boolean =>
    namespace !== undefined &&
    (included.length === 0 || included.some((pattern) => isLike(namespace, pattern))) &&
    !excluded.some((pattern) => isLike(namespace, pattern));
  const selects = objectSelector(at(spec, 'labelSelector'));
  const has = at(spec, 'labelSelector') === undefined ? () => true : selects;
  const kinds = objects.kinds.all().filter((kind) => !kind.createOnly && kind.group !== 'velero.io');
  return kinds.flatMap((kind) => {
    if (kind.kind === 'Namespace') return objects.all(kind).filter((object) => inScope(object.metadata.name));
    if (!kind.namespaced) return [];
    return objects.all(kind).filter((object) => inScope(object.metadata.namespace) && has(object));
  });
}

/** What a BackupResourceList file holds: `apps/v1/Deployment` → its objects. */
export function resourceList(contents: readonly WorldObject[]): { readonly [kind: string]: readonly string[] } {
  const groups = Map.groupBy(contents, (object) => `${object.apiVersion}/${object.kind}`);
  const names = [...groups].map(
    ([kind, list]) =>
      [kind, list.map(({ metadata }) => (metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`))] as const,
  );
  return Object.fromEntries(names.sort(([a], [b]) => (a < b ? -1 : 1)));
}
