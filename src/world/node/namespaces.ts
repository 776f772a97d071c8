import type { JsonObject } from '../../model/json.ts';
import type { Clock } from '../../port/clock.ts';
import { beginDeletion } from '../api/remove.ts';
import { groupResource, theKind } from '../kinds.ts';
import { patchStatus, timestamp, type WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';

type Place = { readonly objects: Objects; readonly clock: Clock };

const NAMESPACE = theKind('v1', 'Namespace');
const NAMESPACE_MS = 1000;

/** The namespace controller: a namespace in deletion empties out, and goes with the last of its content. */
export function namespaceController(place: Place): (change: Change) => void {
  return ({ type, kind, object }) => {
    if (kind === NAMESPACE && type === 'MODIFIED' && object.metadata.deletionTimestamp !== undefined)
      place.clock.after(NAMESPACE_MS, () => emptyNamespace(place, object));
  };
}

/** A namespace in deletion: its content goes; with the last of it, so does the namespace. */
function emptyNamespace(place: Place, namespace: WorldObject): void {
  const { objects, clock } = place;
  const name = namespace.metadata.name;
  const now = objects.find(NAMESPACE, undefined, name);
  if (now === undefined || now.metadata.uid !== namespace.metadata.uid) return;
  const kinds = objects.kinds.all().filter((kind) => kind.namespaced && !kind.createOnly);
  for (const kind of kinds) for (const object of objects.all(kind, name)) beginDeletion({ objects, clock }, object, { kind });
  const left = kinds.flatMap((kind) => objects.all(kind, name));
  if (left.length === 0 && (now.metadata.finalizers ?? []).length === 0) {
    objects.remove(NAMESPACE, undefined, name);
    return;
  }
  change(objects, now, (one) => patchStatus(one, { conditions: whatRemains(objects, left, timestamp(clock.nowMs())) }));
  clock.after(NAMESPACE_MS, () => emptyNamespace(place, namespace));
}

/** Why a namespace does not go, as its status says it. */
function whatRemains(objects: Objects, left: readonly WorldObject[], lastTransitionTime: string): readonly JsonObject[] {
  const count = (names: readonly string[], end: string): string =>
    [...Map.groupBy(names, (name) => name)].map(([name, all]) => `${name}${end}${all.length} resource instances`).join(', ');
  const resources = left.flatMap((one) => objects.kinds.of(one.apiVersion, one.kind) ?? []).map(groupResource);
  const finalizers = left.flatMap((one) => one.metadata.finalizers ?? []);
  const condition = (type: string, reason: string, message: string): JsonObject => ({ lastTransitionTime, message, reason, status: 'True', type });
  return [
    condition('NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${count(resources, '. has ')}`),
    finalizers.length === 0
      ? { ...condition('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'), status: 'False' }
      : condition(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${count(finalizers, ' in ')}`,
        ),
  ];
}
