import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import { groupResource, type Kind } from '../kinds.ts';
import { recordUpdate } from '../managed.ts';
import { at, copyOf, objectAt, textAt, type WorldObject } from '../object.ts';
import { jsonPatch, mergePatch, strategicPatch } from '../patch.ts';
import type { ApiRequest } from '../request.ts';
import { type Answer, badRequest, failure, invalid, invalidPatch, notFound, staleVersion, unprocessable, unsupportedMediaType } from '../status.ts';
import type { Server } from './context.ts';
import { kindRefusal, managerOf } from './create.ts';
import { metaWithoutEmpty, withoutEmpty } from './defaults.ts';
import { checkSchema, strictProblem, unreadable, withWarnings } from './schema.ts';

/** PUT: the whole object, its status or its rest by the path that it came on. */
export function updateObject(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', body } = request;
  const before = server.objects.find(kind, namespace, name);
  if (before === undefined) return notFound(kind, name);
  if (!isObject(body)) return badRequest(`the object provided is unrecognized (must be of type ${kind.kind})`);
  const version = textAt(body, 'metadata', 'resourceVersion');
  if (version === '' && kind.custom) {
    const message = 'Invalid value: 0: must be specified for an update';
    // Here the resource is named, not the kind.
    return invalid({ ...kind, kind: kind.plural }, name, { field: 'metadata.resourceVersion', message });
  }
  const uid = textAt(body, 'metadata', 'uid');
  if (uid !== '' && uid !== before.metadata.uid) {
    const place = [kind.custom ? `${kind.group}/${kind.plural}` : kind.plural, ...(namespace === undefined ? [] : [namespace]), name].join('/');
    const failed = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`;
    const message = `Operation cannot be fulfilled on ${groupResource(kind)} "${name}": StorageError: invalid object, Code: 4, Key: /registry/${place}, ResourceVersion: 0, AdditionalErrorMsg: ${failed}`;
    return failure({ code: 409, reason: 'Conflict', message, details: { name, group: kind.group, kind: kind.plural } });
  }
  if (version !== '' && version !== before.metadata.resourceVersion) return staleVersion(kind, name);
  return store(server, request, { before, wanted: body });
}

export function patchObject(server: Server, request: ApiRequest): Answer {
  const { kind, namespace, name = '', patch, body = null } = request;
  if (patch === undefined || (patch === 'strategic' && kind.custom)) return unsupportedMediaType();
  const before = server.objects.find(kind, namespace, name);
  if (before === undefined) return notFound(kind, name);
  if (patch === 'json') {
    const patched = jsonPatch(before, body);
    return patched.kind === 'patched' ? storePatched(server, request, { before, wanted: patched.value }) : unprocessable();
  }
  if (!isObject(body)) return badRequest('error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}');
  return storePatched(server, request, { before, wanted: patch === 'merge' ? mergePatch(before, body) : strategicPatch(before, body) });
}

type Writing = { readonly before: WorldObject; readonly wanted: Json };

/** A patch may name uid and resourceVersion: then it is only for that object in that state. */
function storePatched(server: Server, request: ApiRequest, { before, wanted }: Writing): Answer {
  const { kind, name = '' } = request;
  const uid = textAt(wanted, 'metadata', 'uid');
  if (textAt(wanted, 'metadata', 'resourceVersion') !== before.metadata.resourceVersion) return staleVersion(kind, name);
  if (uid !== before.metadata.uid) {
    const wrong = { field: 'metadata.uid', message: `Invalid value: "${uid}": field is immutable` };
    // Custom kinds are checked twice, and say so twice.
    return invalid(kind, name, wrong, ...(kind.custom ? [wrong] : []));
  }
  return store(server, request, { before, wanted });
}

function store(server: Server, request: ApiRequest, { before, wanted: sent }: Writing): Answer {
  const { kind, name = '', verb, options, userAgent, subresource } = request;
  if (!isObject(sent)) return unprocessable();
  const misnamed = nameRefusal(sent, name) ?? kindRefusal(server, kind, sent);
  if (misnamed) return misnamed;
  const checked = checkSchema(kind, sent, name);
  if (checked.kind === 'refused') return checked.answer;
  const problem = checked.kind === 'unreadable' ? checked.problem : options.strict === true && checked.unknown.length > 0 ? strictProblem(checked.unknown) : '';
  if (checked.kind === 'unreadable' || problem !== '') return verb === 'patch' ? invalidPatch(sent, problem) : unreadable(kind, problem);
  const { object: wanted, unknown } = checked;
  const manager = managerOf(options.fieldManager, userAgent);
  const next = settled(kind, before, { wanted, status: subresource === 'status' });
  const late = lateFinalizers(kind, before, next);
  if (late) return late;
  return withWarnings(commit(server, request, { before, after: recordUpdate(before, next, { manager, nowMs: server.clock.nowMs() }) }), unknown, options);
}

/** The object of a body or of a patch's outcome has the name of its path. */
export function nameRefusal(object: JsonObject, name: string): Answer | undefined {
  const says = textAt(object, 'metadata', 'name');
  return says === name ? undefined : badRequest(`the name of the object (${says}) does not match the name on the URL (${name})`);
}

/** What is being deleted takes no new finalizer. */
function lateFinalizers(kind: Kind, before: WorldObject, after: WorldObject): Answer | undefined {
  const { name, finalizers = [], deletionTimestamp } = before.metadata;
  const late = (after.metadata.finalizers ?? []).filter((one) => !finalizers.includes(one));
  if (deletionTimestamp === undefined || late.length === 0) return undefined;
  const list = late.map((one) => JSON.stringify(one)).join(', ');
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return invalid(kind, name, { field: 'metadata.finalizers', reason: 'FieldValueForbidden', message });
}

export function commit(server: Server, request: ApiRequest, { before, after }: { readonly before: WorldObject; readonly after: WorldObject }): Answer {
  const { kind, name = '', options } = request;
  if (options.dryRun === true) {
    server.record.note(request, name, false);
    return { code: 200, body: copyOf<Json>(after) };
  }
  const stored = server.objects.replace(kind, after);
  server.record.note(request, name, stored.metadata.resourceVersion !== before.metadata.resourceVersion);
  // The last finalizer of an object in deletion went: now it goes, too.
  const isGone =
    stored.metadata.deletionTimestamp !== undefined && (stored.metadata.finalizers ?? []).length === 0 && (before.metadata.finalizers ?? []).length > 0;
  if (isGone) server.objects.remove(kind, stored.metadata.namespace, name);
  return { code: 200, body: copyOf<Json>(stored) };
}

/** What the writer wants, with what only the server says kept, and only the half that its path may write. */
export function settled(kind: Kind, before: WorldObject, { wanted, status }: { readonly wanted: JsonObject; readonly status: boolean }): WorldObject {
  const { uid, resourceVersion, creationTimestamp, generation, deletionTimestamp, namespace, name } = before.metadata;
  if (status) return { ...before, ...(wanted['status'] === undefined ? {} : { status: wanted['status'] }) };
  const meta = new Map(
    Object.entries({
      ...objectAt(wanted, 'metadata'),
      generation,
      deletionTimestamp,
      namespace,
      deletionGracePeriodSeconds: before.metadata['deletionGracePeriodSeconds'],
    }),
  );
  for (const [field, value] of meta) if (value === undefined) meta.delete(field);
  const kept = kind.subresources.includes('status') ? { status: at(before, 'status') } : {};
  const body = new Map(Object.entries({ ...wanted, ...kept }));
  for (const [field, value] of body) if (value === undefined) body.delete(field);
  return {
    ...withoutEmpty(kind, Object.fromEntries(body)),
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: { ...metaWithoutEmpty(Object.fromEntries(meta)), name, uid, resourceVersion, creationTimestamp },
  };
}
