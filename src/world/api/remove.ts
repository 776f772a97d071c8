import type { Json, JsonObject } from '../../model/json.ts';
import type { Kind } from '../kinds.ts';
import { copyOf, numberAt, patchStatus, textAt, timestamp, type WorldObject } from '../object.ts';
import type { Objects } from '../objects.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, notFound, preconditionFailed } from '../status.ts';
import type { Server } from './context.ts';
import { listBody, selection } from './read.ts';

/** What the garbage collector takes away when it has dealt with the dependents. */
export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export function deleteObject(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', options } = request;
  const object = server.objects.find(kind, namespace, name);
  if (object === undefined) return notFound(kind, name);
  const refused = precondition(kind, object, options);
  if (refused) return refused;
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return deleted(kind, object, 'gone');
  }
  const { gracePeriodSeconds, propagation } = options;
  const marked = propagation === undefined ? object : withFinalizer(object, propagation);
  const left = beginDeletion(server, marked, { kind, ...(gracePeriodSeconds === undefined ? {} : { graceSeconds: gracePeriodSeconds }) });
  server.record.note(request, name, true);
  return deleted(kind, left ?? object, left === undefined ? 'gone' : 'going');
}

/** A deletion that is about dependents is left to the garbage collector, by a finalizer. */
function withFinalizer(object: WorldObject, propagation: 'Background' | 'Foreground' | 'Orphan'): WorldObject {
  const others = (object.metadata.finalizers ?? []).filter((one) => one !== FOREGROUND && one !== ORPHAN);
  if (propagation === 'Background' && others.length === (object.metadata.finalizers ?? []).length) return object;
  const finalizers = propagation === 'Background' ? others : [...others, propagation === 'Foreground' ? FOREGROUND : ORPHAN];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

export function deleteCollection(server: Server, request: ApiRequest): Answer {
  const selected = selection(request);
  if (selected.kind === 'refused') return selected.answer;
  const chosen = server.objects.all(request.kind, request.namespace).filter(selected.selects);
  for (const object of chosen) {
    const { namespace, name } = object.metadata;
    deleteObject(server, { ...request, verb: 'delete', name, ...(namespace === undefined ? {} : { namespace }) });
  }
  return { code: 200, body: listBody(request.kind, { resourceVersion: String(server.objects.version()) }, chosen) };
}

type Preconditions = { readonly onlyUid?: string; readonly onlyResourceVersion?: string };

/** The uid, then the resourceVersion that a deletion or eviction is meant for. */
export function precondition(kind: Kind, { metadata }: WorldObject, { onlyUid, onlyResourceVersion }: Preconditions): Answer | undefined {
  if (onlyUid !== undefined && onlyUid !== metadata.uid) {
    const text = `the UID in the precondition (${onlyUid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    return preconditionFailed(kind, metadata.name, text);
  }
  if (onlyResourceVersion !== undefined && onlyResourceVersion !== metadata.resourceVersion) {
    const text = `the ResourceVersion in the precondition (${onlyResourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    return preconditionFailed(kind, metadata.name, text);
  }
  return undefined;
}

type Deletion = { readonly kind: Kind; readonly graceSeconds?: number };

/**
 * Starts the deletion of an object. What has finalizers, runs on a node or holds a namespace's content stays for now and is answered;
 * undefined: it is gone.
 */
export function beginDeletion(
  { objects, clock }: { readonly objects: Objects; readonly clock: Server['clock'] },
  object: WorldObject,
  { kind, graceSeconds }: Deletion,
): WorldObject | undefined {
  const { namespace, name, finalizers = [] } = object.metadata;
  const graceOf =
    kind.kind === 'Pod' && textAt(object, 'spec', 'nodeName') !== '' ? (graceSeconds ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30) : 0;
  const stays = finalizers.length > 0 || graceOf > 0 || kind.kind === 'Namespace';
  if (!stays) {
    objects.remove(kind, namespace, name);
    return undefined;
  }
  const going = object.metadata.deletionTimestamp;
  // A second deletion can only shorten the grace.
  if (going !== undefined && !(graceOf < (numberAt(object, 'metadata', 'deletionGracePeriodSeconds') ?? 0))) return object;
  const deletionTimestamp = timestamp(clock.nowMs() + graceOf * 1000);
  const marked: WorldObject = { ...object, metadata: { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: graceOf } };
  return objects.replace(kind, kind.kind === 'Namespace' ? patchStatus(marked, { phase: 'Terminating' }) : marked);
}

function deleted(kind: Kind, object: WorldObject, state: 'gone' | 'going'): Answer {
  if (state === 'going' || kind.kind === 'Pod') return { code: 200, body: copyOf<Json>(object) };
  const { name, uid } = object.metadata;
  const details: JsonObject = { name, ...(kind.group === '' ? {} : { group: kind.group }), kind: kind.plural, uid };
  return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
}
