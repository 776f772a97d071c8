import type { Clock } from '../../port/clock.ts';
import { beginDeletion, FOREGROUND, ORPHAN } from '../api/remove.ts';
import { BY_OWNER } from '../index-of.ts';
import type { WorldObject } from '../object.ts';
import { type Change, change, type Objects } from '../objects.ts';

type Place = { readonly objects: Objects; readonly clock: Clock };

/** How long after a change the collector looks. */
const REACT_MS = 100;

/** The garbage collector: what has no owner left goes; a deletion that is about dependents waits until they are dealt with. */
export function garbageCollector({ objects, clock }: Place): (change: Change) => void {
  return ({ type, object, before }) => {
    if (type === 'DELETED') {
      // What a gone object owned goes, and an owner that waited for it may now go, too.
      for (const one of dependents(objects, object, (owners) => owners.every(({ uid }) => uid === object.metadata.uid))) drop({ objects, clock }, one);
      for (const owner of owners(objects, object)) clock.after(REACT_MS, () => finish({ objects, clock }, owner));
    } else if (object.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined) {
      clock.after(REACT_MS, () => finish({ objects, clock }, object));
    }
  };
}

/** An object in deletion that has one of the collector's finalizers: deals with its dependents, then takes the finalizer away. */
function finish(place: Place, object: WorldObject): void {
  const { objects } = place;
  const finalizers = object.metadata.finalizers ?? [];
  const mine = dependents(objects, object, () => true);
  if (object.metadata.deletionTimestamp === undefined) return;
  if (finalizers.includes(ORPHAN)) {
    for (const one of mine) change(objects, one, (now) => withoutOwner(now, object.metadata.uid));
    release(place, object, ORPHAN);
  }
  if (finalizers.includes(FOREGROUND)) {
    const blocking = mine.filter((one) =>
      one.metadata.ownerReferences?.some((owner) => owner.uid === object.metadata.uid && owner.blockOwnerDeletion === true),
    );
    for (const one of mine) drop(place, one);
    if (blocking.length === 0) release(place, object, FOREGROUND);
  }
}

function release({ objects, clock }: Place, object: WorldObject, finalizer: string): void {
  const left = change(objects, object, (now) => {
    const finalizers = (now.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    return { ...now, metadata: { ...now.metadata, finalizers } };
  });
  if (left && (left.metadata.finalizers ?? []).length === 0) drop({ objects, clock }, left);
}

function drop({ objects, clock }: Place, object: WorldObject): void {
  const kind = objects.kinds.of(object.apiVersion, object.kind);
  if (kind !== undefined) beginDeletion({ objects, clock }, object, { kind });
}

function withoutOwner(object: WorldObject, uid: string): WorldObject {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const others = ownerReferences.filter((owner) => owner.uid !== uid);
  return { ...object, metadata: others.length === 0 ? metadata : { ...metadata, ownerReferences: others } };
}

type Owners = NonNullable<WorldObject['metadata']['ownerReferences']>;

/** What names an object as its owner. */
function dependents(objects: Objects, { metadata }: WorldObject, chosen: (owners: Owners) => boolean): readonly WorldObject[] {
  return objects.pick(BY_OWNER, metadata.uid).filter(({ metadata: { ownerReferences = [] } }) => chosen(ownerReferences));
}

function owners(objects: Objects, { metadata }: WorldObject): readonly WorldObject[] {
  return (metadata.ownerReferences ?? []).flatMap(({ apiVersion, kind, name, uid }) => {
    const found = objects.kinds.of(apiVersion, kind);
    const owner = found && objects.find(found, metadata.namespace, name);
    return owner !== undefined && owner.metadata.uid === uid ? [owner] : [];
  });
}
